"""The table of basic functions, by family; importing it enters every row."""

from dualnet.table import (  # noqa: F401
    building,
    contractions,
    curves,
    determinants,
    elementwise,
    fft,
    filling,
    indexing,
    joining,
    linalg,
    missing,
    norms,
    orthogonal,
    padding,
    poly,
    precision,
    quantiles,
    reductions,
    sets,
    shaping,
    sorting,
    spectral,
    values,
)
from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.own import basic_function
from dualnet.table.row import TABLE

SCIPY = {"fft": "fft", "integrate": "integrate", "interpolate": "interpolate bsplines grids interp1d",
         "linalg": "linalg factors matfuncs", "ndimage": "ndimage mapping", "optimize": "", "signal": "signal filtering",
         "spatial": "distance", "special": "", "stats": "stats"}  # rooms of registered functions
# rooms of scipy.special, whose ufuncs do not say where they are from
SPECIAL = ("more", "elliptic", "several", "functions", "distributions", "statistics")
TABLE.late += [*(("", f"dualnet.table.special_{room}") for room in SPECIAL),
               ("", "dualnet.table.catalogue"),
               ("scipy.optimize", "dualnet.implicit"), ("scipy.integrate", "dualnet.odes"),  # which need Jacobians
               *((f"scipy.{name}", f"dualnet.table.scipy_{room}") for name, rooms in SCIPY.items() for room in rooms.split())]

__all__ = ["Domain", "NONZERO", "OPEN", "POSITIVE", "REAL", "TABLE", "basic_function"]
