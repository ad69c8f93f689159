"""The environment of nbgrader, apart from ours: the two want other versions of the same packages.

Only nbgrader's own process runs there. Its kernel is the Python of the workbook, so that notebooks
find ``tlbook`` and all that it needs, and nothing of that is installed twice.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tlbook.course import chapters

NBGRADER = "nbgrader>=0.9.6,<0.10"


def folder() -> Path:
    """Return where the environment lies, made or not: ``.venv-nbgrader`` beside ``tlbook``."""
    return chapters.root() / ".venv-nbgrader"


def command() -> Path | None:
    """Return the program ``nbgrader``; None where its environment was not made."""
    program = _program("nbgrader")
    return program if program.exists() and _kernel().exists() else None


def make() -> Path:
    """Make the environment, or repair it; return the program ``nbgrader``.

    Raises
    ------
    ValueError
        If it cannot be installed, as without a network.
    """
    steps = [
        [sys.executable, "-m", "venv", str(folder())],
        [str(_program("python")), "-m", "pip", "install", "--quiet", NBGRADER],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
            raise ValueError(f"nbgrader could not be installed: {why}")
    _kernel().parent.mkdir(parents=True, exist_ok=True)
    _kernel().write_text(
        json.dumps(
            {
                "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "env": {"PYTHONPATH": str(chapters.root()), "TLBOOK_SKIP_SETUP": "1"},
            },
            indent=1,
        ),
        encoding="utf-8",
    )
    return _program("nbgrader")


def _program(name: str) -> Path:
    if os.name == "nt":
        return folder() / "Scripts" / f"{name}.exe"
    return folder() / "bin" / name


def _kernel() -> Path:
    return folder() / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
