"""The table of basic functions, by family; importing it enters every row."""

from dualnet.table import (  # noqa: F401
    contractions,
    elementwise,
    fft,
    indexing,
    linalg,
    norms,
    reductions,
    shaping,
    sorting,
    spectral,
    values,
)
from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.row import TABLE, basic_function

__all__ = ["Domain", "NONZERO", "OPEN", "POSITIVE", "REAL", "TABLE", "basic_function"]
