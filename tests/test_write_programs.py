"""Random programs of writes into arrays: slices, masks, fancy indices and broadcast values, in all modes, against differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dualnet as dn

SHAPES = [(3, 3), (12, 8), (100,), (4, 5, 6)]  # of fewer and of more elements than from which reverse mode writes in place


def index(rng, shape):
    """Where to write: whole numbers, slices, an ellipsis and new axes, or whole numbers in arrays, or a mask."""
    kind = rng.integers(9)
    if kind == 6:
        return rng.integers(0, shape[0], rng.integers(1, 5))
    if kind == 7:
        return rng.random(shape) < 0.3
    if kind == 8:
        return tuple(rng.integers(0, n, 3) for n in shape)
    out, count, ellipsis = [], rng.integers(1, len(shape) + 1), rng.random()
    for n in shape[-count:] if ellipsis < 0.15 else shape[:count]:
        low, high = sorted(rng.integers(0, n + 1, 2).tolist())
        out.append([int(rng.integers(-n, n)), slice(None), slice(low, high), slice(None, None, (-1, 2, -2)[low % 3]), slice(low, None)]
                   [rng.integers(5)])
    if ellipsis < 0.3:
        out.insert(0 if ellipsis < 0.15 else len(out), Ellipsis)
    if rng.random() < 0.2:
        out.insert(0, None)
    return tuple(out)


def value(rng, region, sources):
    """What to write: a number, or elements of a source in a shape that broadcasts to the region."""
    flat = sources[rng.integers(len(sources))].reshape(-1)
    kind = rng.integers(5)
    if kind == 0:
        return flat[rng.integers(flat.size)]
    if kind == 1:
        return float(rng.normal())
    shape = [n if kind == 4 or rng.random() < 0.6 else 1 for n in region]
    if kind == 3:
        shape = shape[rng.integers(len(shape) + 1):]
    elements = flat[rng.integers(0, flat.size, int(np.prod(shape)))].reshape(shape)
    return elements * elements if kind == 4 else elements


def program(seed, shape):
    """A function of two arrays that fills others, and reads them through views and copies, as `seed` says."""
    def f(x, y):
        rng = np.random.default_rng(seed)
        buffers = [(np.zeros(shape, like=x), np.zeros_like(x), 1.0 * x)[rng.integers(3)]]
        sources = [x, y]
        for _ in range(rng.integers(2, 9)):
            b, kind = buffers[rng.integers(len(buffers))], rng.integers(10)
            if kind < 6:
                where = index(rng, shape)
                region = np.empty(shape)[where].shape
                new, how = value(rng, region, sources), rng.integers(4)
                if how == 0:
                    b[where] = b[where] * new
                elif how == 1:
                    b[where] += new
                else:
                    b[where] = new
            elif kind == 6:
                buffers.append(b.T.copy().T if rng.random() < 0.5 else b * y)
            elif kind == 7:
                sources.append(np.sin(b))
            elif kind == 8:
                sources.append(b[..., ::-1] if rng.random() < 0.5 else b.reshape(-1)[::2])
            else:
                b *= x if rng.random() < 0.5 else 1.01
        return sum(np.sum(np.tanh(b) * np.arange(1, b.size + 1).reshape(b.shape) / b.size) for b in buffers + sources)

    return f


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@settings(max_examples=max(50, settings().max_examples))
@given(seed=st.integers(0, 2**32))
def test_programs_of_writes_obey_differences_in_every_mode(shape, seed):
    f = program(seed, shape)
    x, y, vx, vy = inputs = np.random.default_rng(seed).uniform(-1, 1, (4, *shape))
    kept = inputs.copy()
    plain = f(x.copy(), y.copy())
    h = 1e-6
    differences = (f(x + h * vx, y + h * vy) - f(x - h * vx, y - h * vy)) / (2 * h)
    along = lambda pair: np.sum(pair[0] * vx) + np.sum(pair[1] * vy)
    out, forward = dn.jvp(f, (x, y), (vx, vy))
    _, pullback = dn.vjp(f, x, y)
    gradient = dn.grad(f, (0, 1), mode="reverse")
    np.testing.assert_allclose(out, plain, rtol=1e-12)
    np.testing.assert_allclose(forward, differences, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(dn.taylor(lambda pair: f(*pair), (x, y), (vx, vy), order=1), [plain, forward], rtol=1e-9, atol=1e-9)
    for reverse in (along(gradient(x, y)), along(pullback(1.0)), along(pullback(1.0))):
        np.testing.assert_allclose(reverse, forward, rtol=1e-9, atol=1e-9)
    ahead, behind = gradient(x + h * vx, y + h * vy), gradient(x - h * vx, y - h * vy)
    for a, b, up, down in zip(dn.hvp(f, (x, y), (vx, vy)), dn.jvp(gradient, (x, y), (vx, vy))[1], ahead, behind, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(a, (up - down) / (2 * h), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(inputs, kept)
