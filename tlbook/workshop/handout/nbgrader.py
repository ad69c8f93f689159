"""An assignment for nbgrader: ``source/chNN/`` with metadata, and the configuration beside it.

The cell of an exercise is the answer, with the solution in a region that nbgrader takes out; behind
it stands a locked cell with points, whose test nbgrader hides from learners.
"""

import re
from pathlib import Path
from typing import Any

from tlbook.workshop.handout.release import Assignment, cells, solutions

CONFIG = "nbgrader_config.py"
_STUB = "# Your answer replaces the dots above."


def notebook(given: Assignment) -> Any:
    """Return the teacher's notebook, from which nbgrader makes the learner's."""
    import nbformat

    found: list[Any] = []
    for cell in cells(given):
        found.append(cell)
        asked = cell.metadata.get("tlbook", {}).get("questions")
        if not asked:
            continue
        answer = "\n\n\n".join(solutions(given, asked))
        cell.source += f"\n### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cell.metadata["nbgrader"] = _metadata("answer-" + "-".join(asked))
        found += [_test(given, name) for name in asked]
    made = nbformat.v4.new_notebook(cells=found)
    made.metadata = nbformat.read(given.chapter.path, as_version=4).metadata
    return made


def _test(given: Assignment, name: str) -> Any:
    import nbformat

    cell = nbformat.v4.new_code_cell(
        f"# {name}, {given.points[name]:g} points: what ex.{name}.check was given is judged here.\n"
        "### BEGIN HIDDEN TESTS\n"
        "from tlbook.workshop.grading.handed import demand\n\n"
        f'demand("ch{given.chapter.number}", "{name}")\n'
        "### END HIDDEN TESTS",
        metadata={"nbgrader": _metadata(f"test-{name}", given.points[name])},
    )
    cell["id"] = f"test-{name}"
    return cell


def _metadata(name: str, points: float | None = None) -> dict[str, Any]:
    """Return the metadata of an answer, or of a test where points are given."""
    test = points is not None
    there = {"grade": test, "locked": test, "solution": not test, "task": False}
    worth = {"points": points} if test else {}
    return {"schema_version": 3, "grade_id": name, **there, **worth}


def write(given: Assignment, out: Path) -> list[Path]:
    """Write ``source/chNN/NAME.ipynb`` and the configuration; return the files.

    A folder may hold several chapters: the configuration allows the seconds of the longest.
    """
    import nbformat

    target = out / "source" / f"ch{given.chapter.number}" / given.chapter.file
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(given), target)
    config = out / CONFIG
    before = config.read_text(encoding="utf-8") if config.exists() else ""
    known = re.search(r"Execute\.timeout = (\d+)", before)
    seconds = max(given.seconds, int(known[1]) if known else 0)
    config.write_text(
        "c = get_config()\n"
        'c.CourseDirectory.course_id = "tlbook"\n'
        f'c.ClearSolutions.code_stub = {{"python": "{_STUB}"}}\n'
        f"c.Execute.timeout = {seconds}  # of a cell; measured seconds of the chapter, times five\n"
        "c.Execute.interrupt_on_timeout = True\n",
        encoding="utf-8",
    )
    return [target, config]
