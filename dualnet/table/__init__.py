"""The table of basic functions, by family; importing it enters every row."""

from dualnet.table import (  # noqa: F401
    building,
    contractions,
    curves,
    elementwise,
    fft,
    filling,
    indexing,
    joining,
    linalg,
    norms,
    poly,
    quantiles,
    reductions,
    sets,
    shaping,
    sorting,
    spectral,
    values,
)
from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.row import TABLE, basic_function

TABLE.late += ["dualnet.table.special_more"]
TABLE.late += ["dualnet.table.special_several", "dualnet.table.special_functions"]

__all__ = ["Domain", "NONZERO", "OPEN", "POSITIVE", "REAL", "TABLE", "basic_function"]
