"""Property tests for functions and rows of your own: hypothesis strategies and assertions.

Needs hypothesis and mpmath, the extra ``test``: ``pip install "dualnet[test]"``. Importing dualnet does not
import this module.

Strategies draw inputs: :func:`shapes`, :func:`dtypes`, :func:`arrays`, :func:`layouts`,
:func:`broadcast_pairs`, :func:`points` and :func:`near_kinks`. Assertions compare derivatives with something
that does not share their code: :func:`assert_gradient` (differences of plain values), :func:`assert_row`
(SymPy at 50 digits), :func:`assert_forward_equals_reverse` (the adjoint identity) and
:func:`assert_sparse_equals_dense`. All raise :class:`dualnet.DerivativeMismatch`.

Examples
--------
>>> import numpy as np
>>> from dualnet import testing
>>> testing.assert_gradient(lambda x: np.sum(np.sin(x) ** 2), np.array([0.3, 1.2]), order=2)
>>> testing.assert_row("tanh")
"""

from dualnet.errors import MissingDependencyError

try:
    import hypothesis  # noqa: F401
    import mpmath  # noqa: F401
except ImportError as error:
    raise MissingDependencyError(
        f'dualnet.testing needs {error.name}, which is not installed; pip install "dualnet[test]"') from error

from dualnet.testing.assertions import assert_forward_equals_reverse, assert_gradient, assert_sparse_equals_dense
from dualnet.testing.rows import assert_row
from dualnet.testing.strategies import arrays, broadcast_pairs, dtypes, layouts, near_kinks, points, shapes

__all__ = ["arrays", "assert_forward_equals_reverse", "assert_gradient", "assert_row", "assert_sparse_equals_dense",
           "broadcast_pairs", "dtypes", "layouts", "near_kinks", "points", "shapes"]
