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
    norms,
    padding,
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

TABLE.late += ["dualnet.table.special_more", "dualnet.table.catalogue"]

__all__ = ["Domain", "NONZERO", "OPEN", "POSITIVE", "REAL", "TABLE", "basic_function"]
