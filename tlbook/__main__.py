"""Entry point of ``python3 -m tlbook`` and of the ``tlbook`` command.

This file must parse on every Python 3, so that an old one gets a message and not a traceback. It is
the one place that knows both the set-up and the commands.
"""

import sys

from tlbook.workshop.python_version import MINIMUM_PYTHON


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
    from tlbook.workshop import bootstrap

    return bootstrap.main(sys.argv[1:], run_here)


def run_here(argv: "list[str]") -> int:
    """Run a command that needs the packages, in a Python that has them."""
    try:
        from tlbook.workshop import cli
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tlbook"):
            raise
        sys.stderr.write(
            "tlbook: the package "
            + str(error.name)
            + " is missing in "
            + sys.prefix
            + "; 'python3 -m tlbook setup' makes .venv whole\n"
        )
        return 1
    return cli.main(argv)


if __name__ == "__main__":
    sys.exit(main())
