"""From a stored chapter to an assignment: exercises, points, the learner's copy, the key.

Left out of both: teacher's notes, outputs, experiments with sliders, questions to predict, calls
for hints and solutions. The key has the solution that the exercise itself shows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlbook.course import chapters
from tlbook.course.chapters import Chapter
from tlbook.course.exercises import Exercise, of_chapter
from tlbook.workshop.handout import prose
from tlbook.workshop.handout.code import CHECKED, Experiments, rest_of, without, without_checks

LEAST_SECONDS, TIMES = 120, 5


@dataclass(frozen=True)
class Assignment:
    """The chosen exercises of one chapter, in the chapter's order, each with its points."""

    chapter: Chapter
    points: Mapping[str, float]

    @property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises by name, those that were not chosen too."""
        return {exercise.name: exercise for exercise in of_chapter(f"ch{self.chapter.number}")}

    @property
    def seconds(self) -> int:
        """What a notebook may take: five times what the chapter took, and two minutes at least."""
        return max(LEAST_SECONDS, TIMES * measured_seconds(self.chapter))


def assignment(
    chapter: Chapter, points: Mapping[str, float] | None = None, questions: Sequence[str] = ()
) -> Assignment:
    """Return the assignment of a chapter.

    Parameters
    ----------
    chapter : Chapter
        Which one.
    points : mapping, optional
        Points of a question, 1 where it is not named.
    questions : sequence of str
        The chosen ones; all if empty.

    Raises
    ------
    ValueError
        If the chapter has no exercise of a name.
    """
    known = [exercise.name for exercise in of_chapter(f"ch{chapter.number}")]
    for option, names in (("--questions", questions), ("--points", points or {})):
        for name in names:
            if name not in known:
                raise ValueError(f"{option}: got {name!r}, want one of {', '.join(known)}")
    chosen = [name for name in known if name in questions or not questions]
    return Assignment(chapter, {name: float((points or {}).get(name, 1)) for name in chosen})


def measured_seconds(chapter: Chapter) -> int:
    """Return the seconds of the chapter's quick run as the README's table has them; 0 if none."""
    table = (chapters.root() / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"\(notebooks/{re.escape(chapter.file)}\)[^\n]*\|\s*(\d+) s\s*\|", table)
    return int(row[1]) if row else 0


def cells(given: Assignment) -> list[Any]:
    """Return the cells that a learner gets; an exercise's cell names it in ``metadata.tlbook``."""
    import nbformat

    notebook = nbformat.read(given.chapter.path, as_version=4)
    left_out = set(given.exercises) - set(given.points)
    kept: list[Any] = [nbformat.v4.new_markdown_cell(_head(given))]
    told = [
        c for c in notebook.cells if not {"teacher", "predict"} & set(c.metadata.get("tags", ()))
    ]
    experiments = Experiments([cell.source for cell in told if cell.cell_type == "code"])
    for cell in told:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "markdown":
            cell.source = prose.without_questions(prose.without_help(cell.source), left_out)
        else:
            if shown := experiments.shown_in(cell.source):
                kept += _pictures(cell)
                cell.source = without(cell.source, shown)
            cell.outputs, cell.execution_count = [], None
            cell.source = without_checks(cell.source, left_out)
            if asked := CHECKED.findall(cell.source):
                cell.metadata["tlbook"] = {"questions": asked}
        if cell.source.strip():
            kept.append(cell)
    for k, cell in enumerate(kept):
        cell["id"] = f"cell-{k:03d}"  # the same in every release: graders compare by it
    return kept


def _pictures(cell: Any) -> list[Any]:
    """Return an experiment's stored pictures in a cell of prose: nothing of it has to run."""
    import nbformat

    found = [output.data for output in cell.outputs if "image/png" in output.get("data", {})]
    lines, attached = [], {}
    for k, data in enumerate(found):
        words = re.sub(r"[\[\]<>\n]", " ", data.get("text/plain", "")).strip()
        lines.append(f"![{words}](attachment:{k}.png)")
        attached[f"{k}.png"] = {"image/png": data["image/png"].replace("\n", "")}
    picture = nbformat.v4.new_markdown_cell("\n\n".join(lines))
    picture["attachments"] = attached
    return [picture] if attached else []


def learners_copy(given: Assignment) -> Any:
    """Return the notebook that is handed out."""
    return _notebook(given, cells(given))


def key(given: Assignment) -> Any:
    """Return the learner's copy with the solutions in the cells of the exercises."""
    found = cells(given)
    for cell in found:
        if asked := cell.metadata.get("tlbook", {}).get("questions"):
            cell.source = "\n\n\n".join([*rest_of(cell.source), *solutions(given, asked)])
    return _notebook(given, found)


def solutions(given: Assignment, names: Sequence[str]) -> list[str]:
    """Return for each exercise the source that answers it rightly and checks it."""
    return [solved(given.exercises[name]) for name in names]


def solved(exercise: Exercise) -> str:
    """Return source that answers an exercise rightly and checks it."""
    wanted = exercise.reference
    answer = wanted.__name__ if callable(wanted) else "answer"
    return f"{exercise.shown_solution().code}\n\n\nex.{exercise.name}.check({answer})"


def write_plain(given: Assignment, out: Path) -> list[Path]:
    """Write ``student/``, ``teacher/`` and the command that grades; return the files."""
    import nbformat

    student, teacher = out / "student", out / "teacher"
    for folder in (student, teacher):
        folder.mkdir(parents=True, exist_ok=True)
    files = [student / given.chapter.file, teacher / f"{given.chapter.stem}_key.ipynb"]
    for path, notebook in zip(files, (learners_copy(given), key(given)), strict=True):
        nbformat.write(notebook, path)
    files.append(teacher / "grade.txt")
    files[-1].write_text(grade_command(given) + "\n", encoding="utf-8")
    return files


def grade_command(given: Assignment) -> str:
    """Return the ``tlbook grade`` that has these points; what was not chosen is worth nothing."""
    points = {name: given.points.get(name, 0.0) for name in given.exercises}
    worth = " ".join(f"--points {name}={value:g}" for name, value in points.items() if value != 1)
    command = f"tlbook grade submissions --chapter {given.chapter.number}"
    return f"{command} --seconds {given.seconds} {worth}".strip()


def _head(given: Assignment) -> str:
    rows = "\n".join(f"| {name} | {value:g} |" for name, value in given.points.items())
    return (
        "**Graded here.** An answer counts if the code of its cell gives it to `ex.qN.check(...)`."
        f"\n\n| question | points |\n|---|---:|\n{rows}"
    )


def _notebook(given: Assignment, found: Sequence[Any]) -> Any:
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=list(found))
    notebook.metadata = nbformat.read(given.chapter.path, as_version=4).metadata
    return notebook
