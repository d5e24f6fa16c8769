"""What the memory of freed arrays becomes."""

import ctypes
import os

import numpy as np


def keep_freed():
    """Have glibc's malloc keep freed arrays for the next temporaries, instead of giving their pages back and faulting them in again:
    arrays of up to 31 MiB, and up to 512 MiB together. Where the environment says how, it stays so."""
    np.empty(31 << 17)  # freed at once and never touched: what is that large is not mapped by itself from now on
    if "MALLOC_TRIM_THRESHOLD_" in os.environ or "malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return
    try:
        ctypes.CDLL(None).mallopt(-1, 512 << 20)  # M_TRIM_THRESHOLD
    except (AttributeError, TypeError, OSError):  # another C library
        pass
