"""What a transformation returns: a function that remembers how it was made."""

import functools
import types


class Transformed:
    """A function made by a transformation; it can be pickled where the function that it was made from can."""

    def __init__(self, run, make, args, kwargs):
        self._run, self._made = run, (make, args, kwargs)
        functools.update_wrapper(self, run)

    def __call__(self, *args, **kwargs):
        return self._run(*args, **kwargs)

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self):
        return (_remade, self._made)

    def __repr__(self):
        make, args, kwargs = self._made
        given = ", ".join([*(getattr(a, "__name__", repr(a)) for a in args), *(f"{k}={v!r}" for k, v in kwargs.items())])
        return f"{make.__name__}({given})"


def _remade(make, args, kwargs):
    return make(*args, **kwargs)


def transformation(operator):
    """Decorate a function that returns a function, so that what it returns is a :class:`Transformed`."""
    @functools.wraps(operator)
    def make(*args, **kwargs):
        return Transformed(operator(*args, **kwargs), make, args, kwargs)

    return make
