"""The compiled core: the modules that every step of a computation goes through, as extensions made by Cython.

They are the same Python files, with the types of the .pxd files beside them; a name that one of these declares as an object is read
where it lies, without being looked up in the module, and is not to be imported from there. Where there is no compiler, or with
DUALNET_COMPILE=0, the Python files serve as they are. GCC compiles them twice: for a trial run (trial.py) that counts which
way each branch goes, and then laid out by these counts, which makes small problems a sixth faster; with DUALNET_TRIAL=0
once. The environment's CFLAGS take the place of -O2. Everything else about the package is in setup.cfg.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

CORE = ("levels", "arithmetic", "methods", "dispatch", "blocks", "multiples", "seeds", "tangents", "rewriting", "through", "dual", "pieces",
        "pulls", "graph", "series", "trees", "sweeps", "pending", "along", "transformed", "operators", "jacobians",
        *(f"table.{room}" for room in ("row", "quiet", "ordering", "shaping", "indexing", "reductions", "contractions")))

ACYCLIC = ("table.row", "arithmetic", "methods", "dispatch", "dual")  # objects in no cycles, which the garbage collector need not see


class TwiceCompiled(build_ext):
    """Extensions compiled for a trial run, and then by what it counted."""

    def build_extensions(self):
        self.parallel = self.parallel or os.cpu_count()
        if not self.extensions or os.environ.get("DUALNET_TRIAL") == "0" or not _is_gcc(self.compiler):
            return super().build_extensions()
        with tempfile.TemporaryDirectory() as counts:
            self._compile("-fprofile-arcs", f"-fprofile-dir={counts}")
            try:
                self._try_out()
            except (OSError, subprocess.SubprocessError) as error:
                print(f"dualnet is compiled without a trial run: {type(error).__name__}: {error}", file=sys.stderr)
                return self._compile()
            self._compile("-fbranch-probabilities", f"-fprofile-dir={counts}", "-fprofile-partial-training", "-Wno-missing-profile",
                          "--param=hot-bb-count-ws-permille=999")

    def _compile(self, *flags):
        plain = [(e, e.extra_compile_args, e.extra_link_args) for e in self.extensions]
        for e in self.extensions:
            e.extra_compile_args, e.extra_link_args = [*e.extra_compile_args, *flags], [*e.extra_link_args, *flags[:1]]
        self.force = True
        super().build_extensions()
        for e, compile_args, link_args in plain:
            e.extra_compile_args, e.extra_link_args = compile_args, link_args

    def _try_out(self):
        with tempfile.TemporaryDirectory() as root:
            shutil.copytree("dualnet", Path(root, "dualnet"), ignore=shutil.ignore_patterns("*.so"))
            shutil.copytree(Path(self.build_lib, "dualnet"), Path(root, "dualnet"), dirs_exist_ok=True)
            path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])  # by which pip gives what pyproject.toml asks for
            subprocess.run([sys.executable, "-P", "trial.py"], env={**os.environ, "PYTHONPATH": path}, check=True, timeout=300)


def _is_gcc(compiler):
    try:
        said = subprocess.run([compiler.compiler_so[0], "--version"], capture_output=True, text=True, timeout=60).stdout
    except (AttributeError, OSError, subprocess.SubprocessError):
        return False
    version = re.search(r" (\d+)\.\d+", said)
    return "Free Software Foundation" in said and version is not None and int(version[1]) >= 10  # with -fprofile-partial-training


def extensions():
    """The extensions, or none where Cython or NumPy is missing or not wanted."""
    if os.environ.get("DUALNET_COMPILE") == "0":
        return []
    try:
        import numpy
        from Cython.Build import cythonize
        from Cython.Compiler import Options
    except ImportError:
        return []
    options = {"include_dirs": [numpy.get_include()]}
    if sys.platform != "win32":
        level = [] if "CFLAGS" in os.environ else ["-O2"]
        options["extra_compile_args"] = [*level, "-g0", *(["-fno-plt"] if sys.platform == "linux" else [])]
    Options.get_directive_defaults().setdefault("no_gc", False)
    settings = {"language_level": 3, "build_dir": "build", "nthreads": os.cpu_count() if sys.platform == "linux" else 0}
    modules = [Extension(f"dualnet.{name}", [f"dualnet/{name.replace('.', '/')}.py"], optional=True, **options) for name in CORE]
    alone, others = [m for m in modules if m.name[8:] in ACYCLIC], [m for m in modules if m.name[8:] not in ACYCLIC]
    try:
        return cythonize(alone, compiler_directives={"no_gc": True}, **settings) + cythonize(others, **settings)
    except Exception as error:  # a Cython that this code is not made for
        print(f"dualnet is installed without its compiled core: {type(error).__name__}: {error}", file=sys.stderr)
        return []


setup(ext_modules=extensions(), cmdclass={"build_ext": TwiceCompiled})
