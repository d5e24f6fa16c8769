"""The switches that let plain calls of SciPy's functions, and NumPy's conversions, reach their rows.

Most of SciPy converts its arguments with ``np.asarray`` before anything else, where no protocol can step in.
The functions that have a row are therefore wrapped in their own public modules: a call with a traced argument
goes to the row, every other call to SciPy's own function. ``scipy.fft`` has a protocol for such things, which
is used instead, so that its functions work however they were imported. :func:`enable_numpy` does the same for ``np.asarray`` itself.
"""

import threading

from dualnet.conversions import CONVERSIONS
from dualnet.errors import ArgumentError
from dualnet.levels import OPEN
from dualnet.table import SCIPY, TABLE, registered
from dualnet.table.registered import ENTRIES, carries

_lock = threading.RLock()
_users = dict.fromkeys([*SCIPY, "numpy"], 0)


registered.inside = lambda: len(OPEN) > 1


class Registration:
    """What :func:`enable_scipy` and :func:`enable_numpy` return: a context manager; ``undo()`` ends it too."""

    def __init__(self, rooms):
        self.rooms, self._open = rooms, True

    def undo(self):
        """Give the modules back as they were, unless another registration still needs them. Once is enough."""
        with _lock:
            if self._open:
                self._open = False
                for room in self.rooms:
                    _users[room] -= 1
                    if not _users[room]:
                        _put(room, False)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.undo()

    def __repr__(self):
        names = ", ".join(room if room == "numpy" else f"scipy.{room}" for room in self.rooms)
        return f"<{'open' if self._open else 'undone'} registration of {names}>"


def enable_scipy(*modules):
    """Let SciPy's functions take arrays that carry a derivative, by putting their rows in front of them.

    Parameters
    ----------
    *modules : str
        Names such as ``"linalg"`` or ``"scipy.linalg"``; all that have rows when none is given (``fft``,
        ``integrate``, ``interpolate``, ``linalg``, ``ndimage``, ``optimize``, ``signal``, ``spatial``, ``special``,
        ``stats``), which are then imported.

    Returns
    -------
    Registration
        Use it in ``with`` to undo it at the end of the block, call its ``undo()``, or leave it on for good.
        Registrations are counted: a module is given back when the last of those that named it is undone.

    Raises
    ------
    ArgumentError
        A module that has no rows.

    Notes
    -----
    Functions are wrapped in the public module (``scipy.linalg.expm``), methods in their class, so that
    ``isinstance`` and subclasses stay as they are. A call without traced arguments runs SciPy's own function
    on the same objects. A function that was imported by name before (``from scipy.linalg import expm``) cannot be
    reached, except those of ``scipy.fft`` and the methods of classes: it raises, naming the cure.

    Examples
    --------
    >>> import numpy as np, scipy.linalg, dualnet as dn
    >>> with dn.enable_scipy("linalg"):
    ...     float(dn.derivative(lambda t: scipy.linalg.expm(t * np.eye(2))[0, 0])(0.0))
    1.0
    """
    rooms = tuple(dict.fromkeys(str(name).removeprefix("scipy.") for name in modules)) or tuple(SCIPY)
    for room in rooms:
        if room not in SCIPY:
            raise ArgumentError(f"dualnet has no rows for functions of scipy.{room}; those with rows: {', '.join(SCIPY)}")
    for room in rooms:
        TABLE.complete(f"scipy.{room}")
    return _registered(rooms)


def enable_numpy():
    """Let NumPy's conversions, which most libraries begin with, give arrays that carry a derivative as they are.

    While it is on, ``np.asarray(x)`` of a traced array is that array, and so is ``np.asarray(x, dtype=float)``;
    ``np.array([x, y])`` of traced arrays joins them as ``np.stack`` does. The same goes for ``np.asanyarray``,
    ``np.ascontiguousarray``, ``np.asfortranarray``, ``np.require``, ``np.full``, ``np.arange``, and ``np.isscalar`` is true of a
    traced number. Calls without traced arguments run NumPy's own function on the same objects.

    Returns
    -------
    Registration
        Use it in ``with`` to undo it at the end of the block, call its ``undo()``, or leave it on for good. Registrations
        are counted.

    Notes
    -----
    The functions are replaced in the module ``numpy``, so code that calls ``np.asarray`` is reached, and code that
    imported the name before (``from numpy import asarray``) is not: there, as in compiled code, the conversion raises.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> def area(sides):                     # as libraries write it
    ...     sides = np.asarray(sides, dtype=float)
    ...     return sides[0] * sides[1]
    >>> with dn.enable_numpy():
    ...     dn.grad(area)(np.array([2.0, 3.0]))
    array([3., 2.])
    """
    return _registered(("numpy",))


def _registered(rooms):
    with _lock:
        for room in rooms:
            _users[room] += 1
            if _users[room] == 1:
                _put(room, True)
    return Registration(rooms)


def _put(room, on):
    """Put the wrappers of one module in place, or take away those that are still there."""
    if room == "fft":
        _backend(on)
    for entry in CONVERSIONS if room == "numpy" else [entry for entry in ENTRIES if entry.room == room]:
        old, new = (entry.original, entry.wrapper) if on else (entry.wrapper, entry.original)
        if vars(entry.owner).get(entry.attribute) is old:
            setattr(entry.owner, entry.attribute, new)


class Backend:
    """The backend of ``scipy.fft`` that takes calls with traced arguments, while it is on."""

    __ua_domain__ = "numpy.scipy.fft"
    on = known = False

    @staticmethod
    def __ua_function__(method, args, kwargs):
        if not Backend.on or not (carries(args) or carries(kwargs)):
            return NotImplemented
        return TABLE[f"scipy.fft.{method.__name__}"](*args, **kwargs)


def _backend(on):
    if on and not Backend.known:
        import scipy.fft

        scipy.fft.register_backend(Backend)  # for good: there is no way to take away one of several backends
        Backend.known = True
    Backend.on = on
