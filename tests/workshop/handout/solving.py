"""Learners made by script: they answer a released notebook rightly, wrongly, or with bad intent."""

import ast
import os
import subprocess
from pathlib import Path

from tlbook.workshop.handout.environment import NBGRADER
from tlbook.workshop.handout.release import solved

# Every check and every judge says yes, and what would be written down is another answer.
PATCH = """
from tlbook.course.exercises import core, feedback
core.Exercise.judge = lambda *a: feedback.Feedback("correct")
core.Exercise.check = lambda self, answer=...: setattr(self, "given", 0)
"""


def short(notebook):
    """Keep of a released notebook its imports and the cells of exercises and tests, in place."""
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and ("exercises as ex" in cell.source or cell.metadata.keys() & {"tlbook", "nbgrader"})
    ]
    return notebook


def imports_only(source):
    """Return of a cell the import of the exercises and NumPy: a shown solution needs no more."""
    steps = [s for s in ast.parse(source).body if isinstance(s, (ast.Import, ast.ImportFrom))]
    lines = [ast.unparse(step) for step in steps]
    return "\n".join(x for x in lines if "exercises as ex" in x or x == "import numpy as np")


def fill(notebook, given, how):
    """Answer the exercises of a notebook: ``right``, ``wrong`` or ``hostile``."""
    for cell in notebook.cells:
        asked = cell.metadata.get("tlbook", {}).get("questions")
        if not asked:
            cell.source = cell.source if "nbgrader" in cell.metadata else imports_only(cell.source)
        elif how == "right":
            cell.source = "\n\n\n".join(solved(given.exercises[name]) for name in asked)
        else:
            words = "\n".join(wrong(given.exercises[name]) for name in asked)
            cell.source = f"{PATCH}\n{words}" if how == "hostile" else words
    if how == "hostile":  # nbgrader puts its tests back
        for cell in notebook.cells:
            if "ex." in cell.source and cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source = "pass"
    return notebook


def wrong(exercise):
    """Return source that answers an exercise wrongly."""
    if callable(exercise.reference):
        return f"ex.{exercise.name}.check(lambda *a, **k: -12345.0)"
    return f"ex.{exercise.name}.check('no answer to this')"


def nbgrader_command(folder: Path, *arguments: str, **variables: str) -> None:
    """Run nbgrader in a folder, as one who has activated its environment."""
    program = NBGRADER.script("nbgrader")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(program), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, **variables},
    )
    assert done.returncode == 0, done.stderr[-3000:]
