"""Packages that only some functions need, imported when they are called."""

import importlib

from dualnet.errors import DualnetError


class MissingExtraError(DualnetError, ImportError):
    """A package of the extras ``learn`` or ``plot`` is not installed."""


def need(module):
    """Import `module`, or raise an error that names the extra to install."""
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.split(".")[0]
        extra = "plot" if name == "matplotlib" else "learn"
        raise MissingExtraError(f'this needs {name}; install it with: pip install "dualnet[{extra}]"') from None
