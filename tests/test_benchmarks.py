"""The benchmarks measure the right things: objectives and derivatives, checked before anything is timed."""

import itertools
import math
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats

import dualnet as dn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import adbench, cases, cost, hazard_cases, hazards, objectives, problems, rule, shapes


def slopes(f, x):
    """Gradient of ``f`` at ``x`` by central differences, one number at a time."""
    return scipy.optimize.approx_fprime(x, f, 1e-7)


def test_mixture_is_the_log_posterior_written_with_scipy():
    (alphas, means, factors), points, place = objectives.mixture_problem(2, 3, 7)
    gamma, m, d = 1.3, 2, 2
    total = 0.0
    for x in points:
        terms = []
        for a, mu, q in zip(alphas, means, factors):
            Q = np.array([[np.exp(q[0]), 0.0], [q[2], np.exp(q[1])]])
            density = scipy.stats.multivariate_normal(mu, np.linalg.inv(Q.T @ Q)).logpdf(x)
            terms.append(a - scipy.special.logsumexp(alphas) + density)
        total += scipy.special.logsumexp(terms)
    for q in factors:
        frobenius = np.exp(2 * q[0]) + np.exp(2 * q[1]) + q[2] ** 2
        total += 0.5 * gamma**2 * frobenius - m * (q[0] + q[1])
    degrees = d + m + 1
    total -= 3 * (degrees * d * np.log(gamma / np.sqrt(2)) - scipy.special.multigammaln(degrees / 2, d))
    assert objectives.mixture((alphas, means, factors), points, place, gamma, m) == pytest.approx(total, rel=1e-12)


def test_rotation_is_scipys():
    from scipy.spatial.transform import Rotation

    axis, v = np.random.default_rng(0).standard_normal((2, 3, 5))
    expected = Rotation.from_rotvec(axis.T).apply(v.T)
    assert np.stack(objectives.rotated(axis, v), axis=1) == pytest.approx(expected, rel=1e-12)
    angles = np.random.default_rng(1).standard_normal((4, 3))
    turned = [Rotation.from_euler("xyz", [x, -y, z]).as_matrix() for x, z, y in angles]
    assert objectives.bone_rotations(angles) == pytest.approx(np.array(turned), rel=1e-12)


def test_bundle_projects_a_point_in_front_of_a_camera():
    camera = np.array([[0.0, 0.0, 1e-12, 0.0, 0.0, -2.0, 3.0, 0.1, 0.2, 0.5, 0.25]])
    x, y = 0.5, 0.25  # a point at (1, 0.5, 0) seen from two units behind
    square = x * x + y * y
    stretch = 3.0 * (1 + 0.5 * square + 0.25 * square**2)
    got = objectives.bundle((camera, np.array([[1.0, 0.5, 0.0]]), np.array([0.5])), np.array([0]), np.array([0]), np.zeros((1, 2)))
    assert got == pytest.approx([0.5 * (x * stretch + 0.1), 0.5 * (y * stretch + 0.2), 0.75], rel=1e-9)


def test_hand_at_rest_turns_and_shifts_as_one():
    theta, place, base, offsets, back, weights, corners, points, of = objectives.hand_problem(6, vertices=9)
    assert sorted(place[place < 26]) == list(range(6, 26))
    base, offsets, back = np.tile(np.eye(3), (22, 1, 1)), np.zeros((22, 3)), np.tile(np.eye(4), (22, 1, 1))
    still = np.array([0.0, 0.0, np.pi / 2, 1.0, 2.0, 3.0, *np.zeros(20)])
    x, y, z = corners[of, :3].T
    expected = points - np.stack([1.0 - y, 2.0 + x, 3.0 + z], axis=1)
    assert objectives.hand(still, place, base, offsets, back, weights, corners, points, of) == pytest.approx(expected.ravel(), rel=1e-12)


def test_lstm_step_is_that_of_its_equations():
    (layers, ends), state, sequence = objectives.lstm_problem(1, 3, b=2)

    def share(v):
        return 1 / (1 + np.exp(-v))

    x, (hidden, cell) = sequence[0] * ends[0], state[0]
    forget, take, give, change = (np.array(part) for part in np.split(layers[0], 4))
    bias = np.split(layers[1], 4)
    cell = cell * share(x * forget + bias[0]) + share(hidden * take + bias[1]) * np.tanh(hidden * change + bias[3])
    expected = share(x * give + bias[2]) * np.tanh(cell) * ends[1] + ends[2]
    got, [(_, held)] = objectives.lstm_step((layers, ends), state, sequence[0])
    assert got == pytest.approx(expected, rel=1e-13)
    assert held == pytest.approx(cell, rel=1e-13)


@pytest.mark.parametrize("case", [*adbench.cases(0), *shapes.cases(0)], ids=lambda case: case.section)
def test_every_case_passes_its_check(case):
    """Each case's own check is a difference, a derivative by hand or mpmath; a wrong derivative must fail it."""
    call = next(iter(case.ways.values()))()
    result = call()
    assert case.check(result) < cases.LOOSE
    wrong = result * 1.01 if hasattr(result, "tocsr") else cases.vector(result) * 1.01
    assert not case.check(wrong) < cases.LOOSE


def test_derivatives_by_hand():
    x = np.random.default_rng(0).uniform(-1, 1, 8)
    assert problems.rosenbrock_gradient(x) == pytest.approx(slopes(problems.rosenbrock, x), rel=1e-5)
    assert problems.broyden_jacobian(x).toarray() == pytest.approx(slopes(problems.broyden, x), rel=1e-5, abs=1e-6)
    widths = (3, 4, 2)
    layers, data = problems.mlp_parameters(widths), problems.mlp_data(widths, 5)
    flat = cases.vector(layers)
    expected = slopes(lambda p: problems.mlp_flat(p, widths, *data), flat)
    assert cases.vector(problems.mlp_loss_gradient(layers, *data)[1]) == pytest.approx(expected, rel=1e-4, abs=1e-7)
    with mpmath.workdps(30):
        slope = mpmath.diff(lambda r: problems.logistic_map(r, mpmath.mpf("0.3"), 30), mpmath.mpf("3.4"))
    assert problems.logistic_slope(3.4, 30) == pytest.approx(float(slope), rel=1e-10)


def test_a_network_comes_near_to_its_number_of_parameters():
    for layers in cost.LAYERS:
        for size in (1000, 10**4, 10**6):
            widths = problems.widths_near(size, layers)
            assert len(widths) == layers + 1
            assert abs(problems.mlp_size(widths) - size) < 0.1 * size


def test_crossing_is_where_the_ratio_passes_one():
    records = [{"way": way, "parameters": n, "over_plain": ratio} for way, n, ratio in (
        ("reverse", 10, 4.0), ("forward, Rows", 10, 2.0), ("forward, chunks of 4", 10, 3.0), ("reverse", 1000, 4.0),
        ("forward, Rows", 1000, 8.0))]
    assert cost.crossover(records) == pytest.approx(100.0)
    assert cost.crossover(records[:3]) is None
    assert cost.crossover(records[3:]) == 0.0


def test_what_auto_loses_on_networks():
    records = [{"case": case, "way": way, "over_first": ratio, "over_first_low": 0.9 * ratio} for case, way, ratio in (
        ("a", "reverse", 1.0), ("a", "forward, Rows", 3.0), ("a", cost.AUTO, 1.15),
        ("b", "reverse", 1.0), ("b", "forward, Rows", 0.5), ("b", cost.AUTO, 1.0))]
    assert cost.automatic(records) == {"cases": 2, "right": 0.5, "worst": 2.0}
    assert cost.automatic(records[:2]) is None


def test_the_rules_verdict_counts_ties_as_right():
    records = [{"inputs": n, "outputs": 1, "what": "gradient", "forward_over_reverse": ratio}
               for n, ratio in ((1, 0.5), (2, 1.05), (3, 2.0), (4, 3.0))]
    assert rule.verdict(records, lambda r: r["inputs"] <= 2) == (1.0, -1.05)
    assert rule.verdict(records, lambda r: True) == (0.5, -3.0)
    assert rule.fitted(records)["gradient"]["inputs"] in (1, 2)


def test_the_mode_that_was_taken_is_seen():
    for mode in ("forward", "reverse"):
        spy = rule.Spy(dn.grad(lambda x: np.sum(x * x), mode=mode))
        spy(np.ones(3))
        assert spy.mode == mode


NAN_BY_CONVENTION = {
    "sqrt(x)^2 at 0", "cbrt(x)^3 at 0", "exp(log(x)) at 0", "Hessian of norm(x)^2 at 0", "second derivative of sqrt(x^2)^2 at 0",
    "second derivative of abs((3 + 4i) x)^2 at 0", "exp(-1 / x^2) at 0",
    "0 sqrt(x) + x at 0", "a projector on eigenvectors of a double eigenvalue", "Hessian of x[0]**x[1] at [0, 2]",
    "1 / (1 + exp(-x)) at -1000"}


@pytest.mark.parametrize("hazard", hazard_cases.CASES, ids=lambda h: h.name)
def test_dualnet_is_right_on_every_hazard_or_says_nan_where_that_is_its_convention(hazard):
    namespace, prepare, modes = hazards.ways("dualnet")
    answers = [hazards.answer(hazard, namespace, prepare, derivative) for derivative in modes.values()]
    assert hazards.verdict(hazard, answers)[0] == ("not finite" if hazard.name in NAN_BY_CONVENTION else "right"), answers
    for a in answers:
        assert hazard.kind != "lost" or not isinstance(a, Exception) or isinstance(a, dn.DualnetError), a


def mp_projected(x):
    vectors = mpmath.eigsy(mpmath.matrix([[1, 0, x], [0, 1, 0], [x, 0, 3]]))[1][:, :2]
    return (vectors * vectors.T)[0, 2]


def mp_sines(x):
    for _ in range(1000):
        x = mpmath.sin(x)
    return x


def mp_power_spectrum(*x):
    return sum(abs(sum(v * mpmath.expjpi(-2 * mpmath.mpf(j * k) / len(x)) for k, v in enumerate(x))) ** 2 for j in range(len(x)))


MP_SINC = lambda x: mpmath.sinc(mpmath.pi * x)
MP_DET = lambda a, b, c, d: a * d - b * c
TRUTHS = {  # the same functions for mpmath, which differentiates by differences in many digits
    "0 as abs(x) - abs(-x), at 0": lambda x: abs(x) - abs(-x),
    "gradient of quantile([1, 2, 2, 3], 0.5)": lambda *x: sum(sorted(x)[1:3]) / 2,
    "second derivative of max(x, -x) min(x, -x) at 0": lambda x: max(x, -x) * min(x, -x),
    "second derivative of norm([x, 2x], inf)^2 at 0": lambda x: max(abs(x), abs(2 * x)) ** 2,
    "fourth derivative of abs(x)^4 at 0": lambda x: abs(x) ** 4,
    "fourth derivative of sinc at 0": MP_SINC,
    "second derivative of sinc at 1e-8": MP_SINC,
    "second derivative of sqrt(x^2)^2 at 0": lambda x: mpmath.sqrt(x**2) ** 2,
    "second derivative of abs((3 + 4i) x)^2 at 0": lambda x: abs((3 + 4j) * x) ** 2,
    "gradient of sum(abs(fft([1, 1, 1, 1]))^2)": mp_power_spectrum,
    "exp(-1 / x^2) at 0": lambda x: mpmath.exp(-1 / x**2),
    "a projector on eigenvectors of a double eigenvalue": mp_projected,
    "gradient of det([[1, 2], [2, 4]])": MP_DET,
    "Hessian of det([[0, 0], [0, 0]])": MP_DET,
    "gradient of det([[1e200, 0], [0, 1e-200]])": MP_DET,
    "tanh at 20": mpmath.tanh,
    "imag(tan(i x)) at 20": mpmath.tanh,
    "real(sinc(i x)) at 2": lambda x: mpmath.sinh(mpmath.pi * x) / (mpmath.pi * x),
    "expm1 at -50": mpmath.expm1,
    "second derivative of logaddexp(0, x) at 40": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "second derivative of arctan at 1e100": mpmath.atan,
    "log10 at 1e308": mpmath.log10,
    "gradient of arctan2(1e-200, 1e-200)": mpmath.atan2,
    "1 / (1 + exp(-x)) at -1000": lambda x: 1 / (1 + mpmath.exp(-x)),
    "a thousand sines of one another, of 1": mp_sines,
    "gradient of sum(x, where=...)": lambda a, b, c: a * a + c * c,
    "add.at": lambda a, b, c: (a + b) * c,
    "add.reduceat": lambda a, b, c: (a + b) * c,
    "maximum.accumulate": lambda a, b, c: a + max(a, b) + max(a, b, c),
    "exp2 in single precision": lambda x: 2**x,
    "angle(exp(i x)) at 2": lambda x: mpmath.arg(mpmath.expj(x)),
    "real(sign(x + 2i)) at 1": lambda x: x / mpmath.sqrt(x**2 + 4),
    "a view of what is written later": lambda a, b, c: 5 * b + b,
    "a diagonal of what is written later": lambda a, b, c, d: 5 * b + d,
}


@pytest.mark.parametrize("name", TRUTHS)
def test_what_a_hazard_calls_true_is_what_differences_in_many_digits_give(name):
    hazard = next(h for h in hazard_cases.CASES if h.name == name)
    x = [float(v) for v in np.ravel(hazard.x)]
    with mpmath.workdps(700 if any(v and abs(math.log10(abs(v))) > 50 for v in x) else 60):
        slopes = [mpmath.diff(TRUTHS[name], *((x[0], hazard.of) if len(x) == 1 else (x, [which.count(k) for k in range(len(x))])))
                  for which in itertools.product(range(len(x)), repeat=hazard.of)]
    np.testing.assert_allclose(np.array(slopes, float), np.ravel(np.asarray(hazard.true, float)), rtol=1e-14, atol=1e-300 * (0 in x))


def test_a_hazard_that_is_answered_wrongly_is_called_so():
    by = {h.name: h for h in hazard_cases.CASES}
    zero = np.array(0.0)
    assert hazards.verdict(by["x**0 at 0"], [zero, zero])[0] == "right"
    assert hazards.verdict(by["maximum(x, x)"], [np.array(1.0), zero])[0] == "wrong"
    assert hazards.verdict(by["sqrt at 0"], [np.array(np.inf), np.array(np.nan)])[0] == "wrong"  # infinity is the slope there
    assert hazards.verdict(by["sqrt(x)^2 at 0"], [np.array(np.nan)])[0] == "not finite"
    assert hazards.verdict(by["abs at 0"], [np.array(1.0), np.array(-1.0)])[0] == "wrong"
    assert hazards.verdict(by["cbrt at 0"], [AttributeError()])[0] == "not supported"
    assert hazards.verdict(by["float(x) * x"], [TypeError()])[0] == "right"
    assert hazards.verdict(by["x[10] of three"], [np.zeros(3)])[0] == "wrong"
    assert hazards.verdict(by["add.at"], [TypeError("add.at is not supported")])[0] == "not supported"
    assert hazards.verdict(by["add.at"], [TypeError("another text")])[0] == "error"
    slope = 2 * np.log(2)
    assert hazards.verdict(by["exp2 in single precision"], [np.array(slope, np.float32)])[0] == "right"
    assert hazards.verdict(by["exp2 in single precision"], [np.array(slope)])[0] == "wrong"


def test_a_hazard_of_order_zero_differentiates_by_itself():
    hazard = hazard_cases.Hazard("x^3 at 2", lambda np, D, x: D(lambda z: z**3)(x), 2.0, 12, 0)
    for derivative in hazards.ways("dualnet")[2].values():
        assert hazards.answer(hazard, np, np.asarray, derivative) == 12
