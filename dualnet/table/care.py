"""Whether a run is careful: it keeps every structural zero, at all levels, whatever it costs.

A derivative that comes out NaN is taken once more so, for the NaN may be that of an infinite partial times a zero of which the
quick run has forgotten that it is structural.
"""

import contextvars

CAREFUL = contextvars.ContextVar("dualnet_careful", default=False)
