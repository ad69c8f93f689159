"""Entry point of ``python3 -m tlbook`` and of the ``tlbook`` command.

This file must parse on every Python 3, so that an old one gets a message and not a traceback.
"""

import sys

MINIMUM_PYTHON = (3, 11)


def main() -> int:
    """Run one command of the workbook and return its exit code."""
    if sys.version_info < MINIMUM_PYTHON:
        sys.stderr.write(
            "This is Python {}.{}; the workbook needs Python {}.{} or newer. Install one from "
            "python.org (or your system's packages) and run the command with it, for example "
            "python3.12 -m tlbook lab, or make lab PYTHON=python3.12\n".format(
                *(tuple(sys.version_info[:2]) + MINIMUM_PYTHON)
            )
        )
        return 1
    from tlbook.bootstrap import main as bootstrap_main

    return bootstrap_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
