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

"""


def page():
    """The whole text of docs/coverage.md."""
    return HEAD + dn.table.report().markdown()


if __name__ == "__main__":
    Path(__file__).with_name("coverage.md").write_text(page(), encoding="utf-8")
