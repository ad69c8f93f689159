"""Grade notebooks: each runs confined in a folder of its own, then its answers are judged here."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tlbook.workshop.grading.judging import Answered, judged, read_safely
from tlbook.workshop.grading.notebook import Submission
from tlbook.workshop.grading.sandbox import Limits, Sandbox, throw_away


@dataclass(frozen=True)
class Graded:
    """The marks of one notebook; ``trouble`` says what stopped it, ``errors`` what cells raised."""

    name: str
    chapter: str
    answers: Sequence[Answered]
    seconds: float = 0.0
    trouble: str = ""
    errors: Sequence[str] = field(default=())

    @property
    def points(self) -> float:
        return sum(answer.points for answer in self.answers)

    @property
    def out_of(self) -> float:
        return sum(answer.out_of for answer in self.answers)


def grade(
    path: Path,
    name: str = "",
    *,
    chapter: str | None = None,
    limits: Limits | None = None,
    points: Mapping[str, float] | None = None,
    sandbox: Sandbox | None = None,
) -> Graded:
    """Return the marks of one notebook; never raises because of what it holds.

    Parameters
    ----------
    path : Path
        The learner's notebook.
    name : str
        How it is called in the sheet; the file's name if left out.
    chapter : str, optional
        Such as ``"ch02"``; found in the notebook if left out.
    limits, points, sandbox
        What it may use; points of a question (1 if not named); where it runs.
    """
    name, limits = name or path.stem, limits or Limits()
    try:
        submission = Submission(path, chapter)
    except ValueError as error:
        return Graded(name, chapter or "", (), trouble=str(error).removeprefix(f"{path}: "))
    folder, started = Path(tempfile.mkdtemp(prefix="tlbook-grade-")), time.monotonic()
    records, report = folder / "answers.jsonl", folder / "report.json"
    try:
        submission.write_graded_copy(folder / "notebook.ipynb", records)
        job = folder / "job.json"
        job.write_text(
            json.dumps(
                {
                    "notebook": str(folder / "notebook.ipynb"),
                    "report": str(report),
                    "cell_seconds": min(limits.cell_seconds, limits.seconds),
                }
            )
        )
        trouble = (sandbox or Sandbox()).run("tlbook.workshop.grading.inside", job, limits)
        told = _told(read_safely(report, 2**20))
        answers = judged(submission.chapter, read_safely(records), submission.code, points)
    finally:
        throw_away(folder)
    seconds = time.monotonic() - started
    trouble = f"the notebook {trouble} and was stopped" if trouble else told[0]
    return Graded(name, submission.chapter, answers, seconds, trouble, told[1])


def _told(text: str) -> tuple[str, list[str]]:
    """Return what the confined process tells of itself: for the teacher to read, for no mark."""
    try:
        told = json.loads(text)
        return str(told["stopped"])[:300], [str(e)[:300] for e in told["errors"][:50]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "the run left no report", []


def found(paths: Iterable[Path]) -> dict[str, Path]:
    """Return ``{name: notebook}`` for files and folders; a name is as long as it must be.

    Of a notebook in a subfolder that is the name of the folder, whatever the learner called the
    file; where a folder holds several notebooks, the name of the file follows.

    Raises
    ------
    ValueError
        If a path does not exist or nothing is found.
    """
    files: list[tuple[tuple[str, ...], Path]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
            files += [(file.relative_to(path).with_suffix("").parts, file) for file in inside]
        elif path.exists():
            files.append(((path.stem,), path))
        else:
            raise ValueError(f"notebook: got {path}, want a file or a folder that exists")
    if not files:
        raise ValueError("notebook: got no .ipynb file")
    names: dict[str, Path] = {}
    for parts, file in files:
        alone = (k for k in range(1, len(parts)) if sum(o[:k] == parts[:k] for o, _ in files) == 1)
        name = "/".join(parts[: next(alone, len(parts))])
        while name in names:
            name += "+"
        names[name] = file
    return names


def grade_all(
    paths: Iterable[Path],
    *,
    chapter: str | None = None,
    limits: Limits | None = None,
    points: Mapping[str, float] | None = None,
    jobs: int = 1,
    sandbox: Sandbox | None = None,
    tell: Callable[[Graded], None] = lambda graded: None,
) -> list[Graded]:
    """Return the marks of all notebooks, in the order of their names."""
    sandbox = sandbox or Sandbox()

    def one(item: tuple[str, Path]) -> Graded:
        graded = grade(
            item[1], item[0], chapter=chapter, limits=limits, points=points, sandbox=sandbox
        )
        tell(graded)
        return graded

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        return list(pool.map(one, sorted(found(paths).items())))
