"""The table of basic functions, by family; importing it enters every row."""

from dualnet.table import contractions, elementwise, indexing, reductions, shaping, sorting, values  # noqa: F401
from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.row import TABLE, basic_function

__all__ = ["Domain", "NONZERO", "OPEN", "POSITIVE", "REAL", "TABLE", "basic_function"]
