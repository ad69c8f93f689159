"""The commands of the workbook. Each imports what it needs only when it runs."""

import sys

from tlbook.workshop.cli import (
    class_kit,
    diagnosing,
    handing_out,
    learning,
    making,
    practicing,
    proving,
    publishing,
    running,
    teaching,
)
from tlbook.workshop.cli.app import app

__all__ = [
    "app",
    "class_kit",
    "diagnosing",
    "handing_out",
    "learning",
    "main",
    "making",
    "practicing",
    "proving",
    "publishing",
    "running",
    "teaching",
]


def main(argv: list[str]) -> int:
    """Run one command; return its exit code. A ``ValueError`` is a message, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not know the tick
            stream.reconfigure(errors="replace")
    try:
        app(args=argv, prog_name="tlbook")
    except ValueError as error:
        print(f"tlbook: {error}", file=sys.stderr)
        return 1
    except RuntimeError as error:
        if not _of_elsewhere(error):
            raise
        print("\n".join([f"tlbook: {error}", *getattr(error, "__notes__", ())]), file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tlbook"):
            raise
        print(
            f"tlbook: the package {error.name} is missing; 'python3 -m tlbook setup --force' "
            "makes .venv again",
            file=sys.stderr,
        )
        return 1
    except ImportError as error:
        if "is not installed: pip install" not in str(error):
            raise
        print(f"tlbook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntlbook: stopped", file=sys.stderr)
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _of_elsewhere(error: RuntimeError) -> bool:
    """Whether it tells of the machines that ``--on`` names, in words that are enough."""
    from tlbook.scale import EngineLost, OtherCode
    from tlbook.workshop.elsewhere import CasesFailed

    return isinstance(error, EngineLost | OtherCode | CasesFailed)
