"""Shared by all tests: how hard Hypothesis tries, matplotlib without a screen, seeded random numbers.

HYPOTHESIS_PROFILE chooses how many examples a property is tried on: ``dev`` (the default, few) and ``ci``
(more, the same ones in every run) or ``thorough`` (by hand, many).
"""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

os.environ["MPLBACKEND"] = "Agg"  # read when matplotlib is first imported, here and in child processes

_common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("dev", max_examples=20, derandomize=True, **_common)
settings.register_profile("ci", max_examples=60, derandomize=True, **_common)
settings.register_profile("thorough", max_examples=2000, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture
def rng():
    """A NumPy random generator that gives every test the same numbers in every run."""
    return np.random.default_rng(0)
