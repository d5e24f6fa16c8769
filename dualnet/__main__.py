"""``python -m dualnet`` is ``dualnet``; alone it runs the demo."""

import sys

from dualnet.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["demo"]))
