"""Command line: ``python -m tlbook.workshop.contract notebooks/*.ipynb``."""

import sys

from tlbook.workshop.contract import main

if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("usage: python -m tlbook.workshop.contract NOTEBOOK ...", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))
