"""The compiled core: the modules that every step of a computation goes through, as extensions made by Cython.

They are the same Python files, with the types of the .pxd files beside them. Where there is no compiler, or with
DUALNET_COMPILE=0, the Python files serve as they are. Everything else about the package is in setup.cfg.
"""

import os
import sys

from setuptools import Extension, setup

CORE = ("levels", "arithmetic", "dispatch", "blocks", "multiples", "tangents", "through", "dual", "pieces", "pulls", "graph", "series",
        "trees", "sweeps", "pending", "along", "transformed", "operators", *(f"table.{room}" for room in (
            "row", "quiet", "ordering", "shaping", "indexing", "reductions", "contractions")))


def extensions():
    """The extensions, or none where Cython is missing or not wanted."""
    if os.environ.get("DUALNET_COMPILE") == "0":
        return []
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    options = {} if sys.platform == "win32" else {"extra_compile_args": ["-O2", "-g0", *(["-fno-plt"] if sys.platform == "linux" else [])]}
    modules = [Extension(f"dualnet.{name}", [f"dualnet/{name.replace('.', '/')}.py"], optional=True, **options) for name in CORE]
    try:
        return cythonize(modules, language_level=3, build_dir="build")
    except Exception as error:  # a Cython that this code is not made for
        print(f"dualnet is installed without its compiled core: {type(error).__name__}: {error}", file=sys.stderr)
        return []


setup(ext_modules=extensions())
