"""Rows of ``scipy.interpolate.interp1d``: broken lines and splines through given points, in data, places and points."""

import numpy as np
import scipy.interpolate

from dualnet.errors import NotDifferentiableError
from dualnet.table.registered import carries, constructor, double, floating, method, refuse
from dualnet.table.row import TABLE, ndim_of, primal, shape_of
from dualnet.table.scipy_interpolate import become, evaluated

DEGREES = {"linear": 1, "slinear": 1, "quadratic": 2, "cubic": 3, 1: 1, 2: 2, 3: 3}


class Through:
    """An interp1d whose data or places carry a derivative."""

    def __call__(self, x):
        return through(self, self.places, self.data, self.degree, x)


def through(self, places, data, degree, x):
    """The interpolant of that degree at x, with what the plain object `self` says about points outside."""
    x = floating(x)
    plain, knots = primal(x), primal(places)
    below, above = plain < knots[0], plain > knots[-1]
    outside = below | above
    if self.bounds_error and not self._extrapolate and np.any(outside):
        raise ValueError(f"A value ({plain[outside].flat[0] if ndim_of(plain) else plain}) in x_new is outside of the interpolation range "
                         f"[{knots[0]}, {knots[-1]}].")
    axis = self.axis % ndim_of(data)
    if degree == 1:
        y = np.moveaxis(data, axis, 0)
        rise = np.diff(y, axis=0) / np.reshape(np.diff(places), (-1,) + (1,) * (ndim_of(y) - 1))
        out = evaluated(np.stack([rise, y[:-1]]), places, x)
        if self._kind == "linear":  # the other kinds are splines of double precision
            out = out.astype(np.result_type(data.dtype, places.dtype, x.dtype))
    else:
        out = TABLE["scipy.interpolate.make_interp_spline"](double(places), np.moveaxis(double(data), axis, 0), degree)(double(x))
    n, rest = ndim_of(x), (1,) * (ndim_of(data) - 1)
    if np.any(outside) and not self._extrapolate:
        for where, value in ((below, self._fill_value_below), (above, self._fill_value_above)):
            out = np.where(np.reshape(where, shape_of(x) + rest), value, out)
    return np.moveaxis(out, range(n), range(axis, axis + n)) if axis and n else out


@constructor("scipy.interpolate.interp1d")
def interp1d(self, x, y, kind="linear", axis=-1, copy=True, bounds_error=None, fill_value=np.nan, assume_sorted=False):
    """A broken line or a spline through given points; of traced data "linear", "slinear", "quadratic" and "cubic"."""
    if kind not in DEGREES:
        refuse("scipy.interpolate.interp1d", "kind", kind)
    if carries(fill_value):
        refuse("scipy.interpolate.interp1d", "fill_value", "a traced value")
    x, y = floating(x), floating(y)
    type(self).__init__(self, primal(x), primal(y), kind, axis, copy, bounds_error, fill_value, assume_sorted)
    if not assume_sorted:
        order = np.argsort(primal(x), kind="mergesort")
        x, y = x[order], np.take(y, order, axis=axis)
    become(self, Through, places=x, data=y, degree=DEGREES[kind])


@method("scipy.interpolate.interp1d.__call__")
def call_interp1d(self, x):
    """A plain broken line or spline at traced points."""
    if not isinstance(self, scipy.interpolate.interp1d):
        raise NotDifferentiableError(f"{type(self).__name__} has no row in dualnet; use CubicSpline, BSpline or np.polyval of coefficients")
    degree = 1 if self._kind == "linear" else self._spline.k if self._kind == "spline" else None
    if degree is None:
        refuse("scipy.interpolate.interp1d", "kind", self._kind)
    return through(self, self.x, self.y, degree, x)
