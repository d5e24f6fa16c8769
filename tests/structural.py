"""Derivatives by every mode and nesting, which must agree, also where they are infinite."""

import numpy as np

import dualnet as dn

SECOND = {"f-f": (dn.jacfwd, dn.jacfwd), "f-r": (dn.jacfwd, dn.jacrev), "r-f": (dn.jacrev, dn.jacfwd), "r-r": (dn.jacrev, dn.jacrev)}


def both(f, x):
    """The Jacobian, which both modes must agree on, and the jvp along each unit direction too."""
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        found = [dn.jacfwd(f)(x), dn.jacrev(f)(x)]
        wide = dn.jacobian(f, sparse=True)(x).toarray()
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0].reshape(wide.shape), wide)
    return found[0]


def hessians(f, x):
    """The Hessian, which all nestings agree on, and products with it too."""
    with np.errstate(all="ignore"):
        found = [outer(inner(f))(x) for outer, inner in SECOND.values()]
        found += [dn.hessian(f)(x), dn.hessian(f, sparse=True)(x).toarray(), dn.jacobian(dn.grad(f))(x)]
        found.append(np.stack([dn.hvp(f, (x,), (unit,)) for unit in np.eye(len(x))], 1))
        found += [np.stack([dn.jvp(dn.grad(f, mode=mode), (x,), (unit,))[1] for unit in np.eye(len(x))], 1)
                  for mode in ("forward", "reverse")]
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])
    return found[0]


def hessians_close(f, x):
    with np.errstate(all="ignore"):
        found = [outer(inner(f))(x) for outer, inner in SECOND.values()]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-12, atol=1e-15)
    return found[0]


def written(x, places):
    """Elements of `x`, written one by one over what was written before."""
    out = np.zeros(len(places), like=x)
    for k, place in enumerate(places):
        out[k] = 7.0
        out[k] = x[place]
    return out
