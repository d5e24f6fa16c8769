"""Every exception that dualnet raises.

Each is a :class:`DualnetError` and also the built-in that a user of NumPy would expect, so that
``except TypeError`` and ``except dn.DualnetError`` both work.
"""

import threading


class DualnetError(Exception):
    """The base of every error raised by dualnet."""


class ArgumentError(DualnetError, ValueError):
    """An argument has a value that the operation cannot take."""


class ShapeError(DualnetError, ValueError):
    """Shapes or container structures do not fit together."""


class DTypeError(DualnetError, TypeError):
    """An argument is not an array of numbers, or has the wrong kind of numbers."""


class UnknownFunctionError(DualnetError, TypeError, NotImplementedError):
    """A NumPy function has no row in the table."""


class UnknownAttributeError(DualnetError, AttributeError):
    """A traced array has no such attribute or method."""


class NotDifferentiableError(DualnetError, TypeError):
    """The function, as called, has no derivative that dualnet can give."""


class LostDerivativeError(DualnetError, TypeError):
    """A conversion to plain numbers would drop the derivative."""

    latest = None  # (thread, message) of the one made last: the function that is differentiated may catch it and go on

    def __init__(self, message):
        super().__init__(message)
        LostDerivativeError.latest = threading.get_ident(), message


class EscapedError(DualnetError, RuntimeError):
    """A traced array is used after its transformation has ended."""


class MutationError(DualnetError, RuntimeError):
    """An in-place write cannot be honoured."""


class MemoryBudgetError(DualnetError, MemoryError):
    """A dense tangent would pass the memory budget."""


class OracleError(DualnetError, NotImplementedError):
    """The SymPy oracle cannot take this function or order."""


class FormulaError(DualnetError, ValueError):
    """A text is not a formula of the safe grammar."""


class NonFiniteError(DualnetError, FloatingPointError):
    """Under ``dn.debug()``: a step made NaN or infinity of finite numbers."""


class MissingDependencyError(DualnetError, ImportError):
    """A part of dualnet needs a package that is not installed; the message names the extra."""


class DerivativeMismatch(DualnetError, AssertionError):
    """Two independent ways to a derivative disagree.

    Attributes
    ----------
    report : dualnet.checking.Report or None
        Everything that was compared.
    """

    report = None
