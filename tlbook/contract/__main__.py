"""Command line: ``python -m tlbook.contract notebooks/*.ipynb``."""

import sys

from tlbook.contract import main

if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("usage: python -m tlbook.contract NOTEBOOK ...", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))
