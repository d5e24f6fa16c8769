"""``dualnet demo``: the lecture's example, wrong rows found by the oracle, and a fit of the heart data.

Every number that is printed is computed when the demo runs.
"""

import time
from pathlib import Path

from dualnet.demo.heart import show_fit
from dualnet.demo.lecture import show_example, show_slips


def run(folder):
    """Print the demo and write its picture.

    Parameters
    ----------
    folder : str or Path
        Where ``trace.png`` goes; made if it is not there.

    Raises
    ------
    OSError
        The folder cannot be made or written to; nothing has been computed then.
    """
    start = time.perf_counter()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    show_example()
    show_slips()
    show_fit(folder / "trace.png")
    print(f"\nDone in {time.perf_counter() - start:.1f} s.")
