"""What is done otherwise from some size on gives the same at every size: the limits are set to where small examples go the other way."""

from importlib import import_module

import numpy as np
import pytest
from test_everyday import (  # noqa: F401  collected here once more
    test_jacobians_by_rows_equal_those_by_pullbacks,
    test_single_precision_is_kept_where_numpy_keeps_it,
    test_value_and_derivatives_in_every_mode,
)
from test_inplace import (  # noqa: F401
    test_a_pullback_can_be_called_again,
    test_second_derivatives_by_every_nesting,
    test_the_callers_array_is_never_changed,
    test_values_and_jacobians_are_those_of_plain_numpy,
)
from test_views import (  # noqa: F401
    test_real_and_imaginary_parts_are_views,
    test_views_read_what_was_written_into_their_base,
)

import dualnet as dn

LIMITS = [("assembly", "CACHED", 1), ("assembly", "PAIRS", 0), ("blocks", "MANY", 2), ("dual", "LARGE", 0), ("graph", "LARGE", 0),
          ("graph", "SMALL", 0), ("lightening", "LARGE", 0), ("pulls", "FEW", 0), ("through", "SMALL", 0)]


@pytest.fixture(autouse=True)
def no_sizes_apart(monkeypatch):
    for room, name, value in LIMITS:
        module = import_module(f"dualnet.{room}")
        assert getattr(module, name) > value
        monkeypatch.setattr(module, name, value)


@pytest.mark.parametrize("n", [1, 3, 100])
def test_what_is_written_is_spread_over_the_places_that_it_goes_to(n):
    def f(x):
        y = np.zeros((n, n), like=x)
        y[:] = x
        y[:, -1] = x[0]
        y[:, :1] += x[:, None]
        y[0, ...] = np.sum(x)
        y.reshape(-1)[:2] = x[:1] ** 2
        return np.sum(np.sin(y) * x)

    x = np.linspace(0.3, 0.9, n)
    reverse = dn.grad(f, mode="reverse")(x)
    np.testing.assert_allclose(reverse, dn.grad(f, mode="forward")(x), rtol=1e-12)
    h = 1e-6
    differences = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(n)[:3]]
    np.testing.assert_allclose(reverse[:3], differences, rtol=1e-6, atol=1e-6)
