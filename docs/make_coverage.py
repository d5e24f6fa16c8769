"""Write docs/coverage.md, the catalogue of NumPy's and SciPy's names, from the table:

    python docs/make_coverage.py
"""

from pathlib import Path

import numpy
import scipy

import dualnet as dn

HEAD = f"""# Coverage: what becomes of each name

Generated from the table by `python docs/make_coverage.py` with NumPy {numpy.__version__} and SciPy {scipy.__version__}; the same is
printed by `print(dn.table.report())` and, name by name, is `dn.table.report()["numpy.exp"]`. Calls are made on the plain names.

- **row**: a basic function with partials (or an index) of its own; every mode reads it
- **composed**: calls rows, so that its derivatives follow
- **plain**: indices, booleans and steps, computed on values
- **not differentiable**: with the reason; where NumPy hands the call over, it raises and says so
- **unsupported**: raises an error that names the cure

## Types

float16 to longdouble and complex64 to clongdouble are kept. Integers, booleans and Python numbers that are differentiated count as float64;
in between they are constants. Object arrays of exact numbers (`fractions.Fraction`, `decimal.Decimal`, `mpmath.mpf`) are
differentiated exactly, by the functions that NumPy has for them:

>>> from fractions import Fraction
>>> import numpy as np, dualnet as dn
>>> dn.grad(lambda x: x[0] ** 2 / x[1])(np.array([Fraction(1, 3), Fraction(2, 5)]))
array([Fraction(5, 3), Fraction(-25, 36)], dtype=object)

Inputs of a subclass (`np.memmap`, `np.recarray` of numbers, `np.matrix`) and `pandas.Series` and `DataFrame` are taken as plain
arrays, without index or names, and so are their derivatives; `*` is then elementwise for a matrix too. In the middle of a
function a masked array, an `np.matrix` or a pandas object that meets a traced array is an error: pass `m.filled(0.0)` with
`np.where`, `np.asarray(M)` with `@`, or `series.to_numpy()`. Arrays of a class that answers NumPy's protocols itself, such as
`astropy.units.Quantity`, are refused in either place: pass `q.to_value(unit)`. Structured arrays, text and dates are refused.

`np.array([x, y])` of traced **arrays** is an error that names `np.stack`, since NumPy converts them before it asks; of real traced
numbers it works, of complex ones it is an error (as with `np.vectorize`, `np.r_` and `np.c_`), since the arrays of objects that NumPy
makes have no imaginary parts. For real ones that become complex there, as in `np.exp(1j * np.array([x[0], x[1]]))`, the function is called
once more on plain numbers: where the results differ, as by `.imag`, it is an error. What NumPy writes into such an array, by an index,
`np.add.at`, `np.put` or `out=`, keeps its derivative; linear algebra and SciPy's functions of it need `np.stack` or `dn.enable_numpy()`.
`np.array([...], like=x)`, with any traced `x`, takes all of them. An array of traced numbers stays single beside one of double
precision, because NumPy's arrays of objects have no precision: say `like=` where that matters. For the same reason `np.r_[x, 1.0]`
of a single-precision x is double.

A parameter with which a function has no derivative is named by the error, with a way round it: `weights` of quantiles, `where` of
`np.clip` and of elementwise functions without `out`, `mode="raw"` of `np.linalg.qr`, `otypes` of `np.vectorize`, complex ends of
`np.geomspace`. A traced number where NumPy looks at other arguments only, such as `initial` of `np.sum` or `ddof` of `np.var` of a
plain array, or an array in a list, is an error too; it works where the array is traced. Axes, shapes and orders are plain numbers.

Traced numbers are of the class of traced arrays, so that `isinstance(x[0], collections.abc.Iterable)` is True, and of NumPy's numbers
False; `np.iterable(x[0])`, `np.ndim(x[0])` and `iter(x[0])` say what they say of a number.

Vectors that a matrix leaves open turn as little as they can: eigen- and singular vectors v keep v^H dv = 0 (those of `eig` their length
and a real largest component, as LAPACK's do), the bases of null spaces that `svd` adds with `full_matrices=True` B^H dB = 0. What does
not depend on the choice, such as a projector, has its true derivatives; a single entry of such a basis need not follow LAPACK's.
The columns that `qr` adds in mode `complete` are LAPACK's.

A run that meets a floating-point error calls the function once more, on plain numbers, for NumPy's own warnings (or errors, under
`np.errstate(all="raise")`): what else the function does, such as printing, happens twice then.

"""


def page():
    """The whole text of docs/coverage.md."""
    return HEAD + dn.table.report().markdown()


if __name__ == "__main__":
    Path(__file__).with_name("coverage.md").write_text(page(), encoding="utf-8")
