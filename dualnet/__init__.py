"""Exact derivatives of plain NumPy code by dual numbers: forward, reverse and Taylor mode of one table, which SymPy checks."""

from dualnet import explain
from dualnet.checking import Report, check
from dualnet.debugging import debug
from dualnet.dual import Dual
from dualnet.errors import DerivativeMismatch, DualnetError, NonFiniteError
from dualnet.estimates import forward_gradient
from dualnet.explain.graphs import graph
from dualnet.jacobians import hessian, hvp, jacfwd, jacobian, jacobian_operator, jacrev
from dualnet.operators import (
    derivative,
    grad,
    jvp,
    linearize,
    stop_gradient,
    taylor,
    value_and_grad,
    vjp,
)
from dualnet.oracle import ClosedForm, closed_form
from dualnet.registration import enable_numpy, enable_scipy
from dualnet.table import NONZERO, OPEN, POSITIVE, REAL, Domain, basic_function
from dualnet.table import TABLE as table

__version__ = "0.1.0"
__all__ = [
    "ClosedForm", "DerivativeMismatch", "Domain", "Dual", "DualnetError", "NONZERO", "NonFiniteError",
    "OPEN", "POSITIVE", "REAL", "Report", "basic_function", "check",
    "closed_form", "debug", "derivative", "enable_numpy", "enable_scipy", "explain", "forward_gradient", "grad", "graph",
    "hessian", "hvp", "jacfwd", "jacobian", "jacobian_operator", "jacrev",
    "jvp", "linearize", "stop_gradient", "table", "taylor", "value_and_grad",
    "vjp",
]
_ROOMS = ("datasets", "learn", "testing")


def __getattr__(name):
    """``dn.learn``, ``dn.testing`` and ``dn.datasets``, imported when they are first asked for: two need extras."""
    if name in _ROOMS:
        import importlib

        return importlib.import_module(f"dualnet.{name}")
    raise AttributeError(f"module 'dualnet' has no attribute {name!r}")


def __dir__():
    """The public names."""
    return sorted([*__all__, *_ROOMS, "errors", "__version__", "__doc__", "__all__"])
