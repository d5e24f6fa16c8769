"""The switch that lets plain calls of SciPy's functions reach their rows: :func:`enable_scipy`.

Most of SciPy converts its arguments with ``np.asarray`` before anything else, where no protocol can step in.
The functions that have a row are therefore wrapped in their own public modules: a call with a traced argument
goes to the row, every other call to SciPy's own function. ``scipy.fft`` has a protocol for such things, which
is used instead, so that its functions work however they were imported.
"""

import threading

from dualnet.errors import ArgumentError
from dualnet.levels import OPEN
from dualnet.table import SCIPY, TABLE, registered
from dualnet.table.registered import ENTRIES, carries

_lock = threading.RLock()
_users = dict.fromkeys(SCIPY, 0)


registered.inside = lambda: len(OPEN) > 1


class Registration:
    """What :func:`enable_scipy` returns: a context manager; ``undo()`` ends it too."""

    def __init__(self, names, leave):
        self.names, self._leave, self._open = names, leave, True  # leave() does it

    def undo(self):
        """Give the modules back as they were, unless another registration still needs them. Once is enough."""
        with _lock:
            if self._open:
                self._open = False
                self._leave()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.undo()

    def __repr__(self):
        return f"<{'open' if self._open else 'undone'} registration of {', '.join(self.names)}>"


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
        if room not in _users:
            raise ArgumentError(f"dualnet has no rows for functions of scipy.{room}; those with rows: {', '.join(SCIPY)}")
    for room in rooms:
        TABLE.complete(f"scipy.{room}")
    with _lock:
        for room in rooms:
            _users[room] += 1
            if _users[room] == 1:
                _put(room, True)
    return Registration([f"scipy.{room}" for room in rooms], lambda: _leave(rooms))


def _leave(rooms):
    for room in rooms:
        _users[room] -= 1
        if not _users[room]:
            _put(room, False)


def _put(room, on):
    """Put the wrappers of one module in place, or take away those that are still there."""
    if room == "fft":
        _backend(on)
    for entry in ENTRIES:
        old, new = (entry.original, entry.wrapper) if on else (entry.wrapper, entry.original)
        if entry.room == room and vars(entry.owner).get(entry.attribute) is old:
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
