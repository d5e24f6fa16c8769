"""Rows of interpolation on grids: ``scipy.interpolate.RegularGridInterpolator`` and ``interpn``, linear and nearest."""

import itertools

import numpy as np

from dualnet.table.ordering import leads
from dualnet.table.registered import array, constructor, double, floating, method, refuse, registered
from dualnet.table.row import ndim_of, primal, shape_of
from dualnet.table.scipy_interpolate import become

METHODS = ("linear", "nearest")


def _cells(x, g):
    """(cell, fraction of it) of coordinates along one axis; on a grid line the cell just ahead."""
    plain, lines = primal(x), primal(g)
    j = np.clip(np.searchsorted(lines, plain, "right") - 1, 0, lines.size - 2)
    on = (plain == lines[j]) & (j > 0)
    j = np.where(on & ~leads(x, g[j]), j - 1, j) if np.any(on) else j
    return j, (x - g[j]) / (g[j + 1] - g[j])


def evaluated(grid, values, xi, kind, bounds_error, fill_value, nu=None):
    """Values on a grid read at the points xi, whose last axis holds the coordinates."""
    if nu is not None or kind not in METHODS:
        refuse("scipy.interpolate.RegularGridInterpolator", "nu" if nu is not None else "method", kind if nu is None else nu)
    xi = double(np.stack(np.broadcast_arrays(*map(array, xi)), -1) if isinstance(xi, tuple) else xi)
    d = len(grid)
    if shape_of(xi)[-1:] != (d,):
        raise ValueError(f"The requested sample points xi have dimension {shape_of(xi)[-1] if ndim_of(xi) else 0}, "
                         f"but this RegularGridInterpolator has dimension {d}")
    whole = shape_of(xi)[:-1] + shape_of(values)[d:]
    columns = [np.reshape(xi, (-1, d))[:, k] for k in range(d)]
    outside, missing = False, np.any(np.isnan(np.reshape(primal(xi), (-1, d))), axis=1)
    for k, (x, g) in enumerate(zip(columns, grid)):
        beyond = (primal(x) < primal(g)[0]) | (primal(x) > primal(g)[-1])
        if bounds_error and np.any(beyond):
            raise ValueError(f"One of the requested xi is out of bounds in dimension {k}")
        outside = outside | beyond
    cells = [_cells(x, g) for x, g in zip(columns, grid)]
    out = _nearest(values, cells) if kind == "nearest" else _linear(values, cells)
    rest = (slice(None),) + (None,) * (ndim_of(values) - d)
    if fill_value is not None and np.any(outside):
        out = np.where(outside[rest], fill_value, out)
    out = np.where(missing[rest], np.nan, out) if np.any(missing) else out
    return np.reshape(out, whole if ndim_of(xi) > 1 else shape_of(out))


def _nearest(values, cells):
    return values[tuple(np.where(primal(u) <= 0.5, j, j + 1) for j, u in cells)]


def _linear(values, cells):
    total = 0.0
    for corner in itertools.product((0, 1), repeat=len(cells)):
        part = values[tuple(j + k for (j, _), k in zip(cells, corner))]
        weight = 1.0
        for (_, u), k in zip(cells, corner):
            weight = weight * (u if k else 1 - u)
        total = total + part * np.reshape(weight, shape_of(weight) + (1,) * (ndim_of(part) - 1))
    return total


class Grid:
    """A RegularGridInterpolator whose grid or values carry a derivative."""

    def __call__(self, xi, method=None, *, nu=None):
        return evaluated(self.grid, self.values, xi, method or self.method, self.bounds_error, self.fill_value, nu)


def entered(points, values):
    """The grid in increasing order, and the values on it."""
    values, grid = floating(values), []
    for k, g in enumerate(points):
        g = floating(g)
        steps = np.diff(primal(g))
        if ndim_of(g) != 1 or np.size(g) != shape_of(values)[k] or not (np.all(steps > 0) or np.all(steps < 0)):
            raise ValueError(f"The points in dimension {k} must be strictly ascending or descending, and as many as the "
                             f"{shape_of(values)[k]} values there, not of shape {shape_of(g)}")
        if np.any(steps < 0):
            g, values = np.flip(g), np.flip(values, k)
        grid.append(g)
    if any(np.size(g) < 2 for g in grid):
        raise ValueError("a grid needs two points or more along each axis")
    return tuple(grid), values


@constructor("scipy.interpolate.RegularGridInterpolator")
def regular_grid_interpolator(self, points, values, method="linear", bounds_error=True, fill_value=np.nan, *, solver=None,
                              solver_args=None):
    """Values on a grid, read between its points."""
    if method not in METHODS:
        refuse("scipy.interpolate.RegularGridInterpolator", "method", method)
    grid, values = entered(points, values)
    become(self, Grid, grid=grid, values=values, method=method, bounds_error=bounds_error, fill_value=fill_value)


@method("scipy.interpolate.RegularGridInterpolator.__call__")
def call_grid(self, xi, method=None, *, nu=None):
    """Plain values on a grid, read at traced points."""
    return evaluated(self.grid, self.values, xi, method or self.method, self.bounds_error, self.fill_value, nu)


@registered("scipy.interpolate.interpn")
def interpn(points, values, xi, method="linear", bounds_error=True, fill_value=np.nan):
    """Values on a grid read at points, in one call."""
    if method not in METHODS:
        refuse("scipy.interpolate.interpn", "method", method)
    return evaluated(*entered(points, values), xi, method, bounds_error, fill_value)
