"""Minutes: how long a chapter takes, computed from its text, and three courses made of chapters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDS_A_MINUTE = 160  # careful reading of technical prose by second-language readers
MINUTES = {"code": 0.4, "figure": 0.7, "predict": 0.7, "exercise": 4.0, "widget": 4.0}

_ACTS = re.compile(
    r"(?P<ask>expect\(\s*[\"'])(?P<a>[\w.]+)"
    r"|(?P<show>widgets\.show\(\s*[\"'])(?P<b>\w+)"
    r"|(?P<home>\bex\.)(?P<c>q\d+)\.check\("
)
_CALLED = {"ask": "a", "show": "b", "home": "c"}

COURSES: dict[str, tuple[str, ...]] = {
    "two hours": ("00", "02"),
    "a weekend": ("00", "01", "02", "05", "06", "08", "11", "16"),
    "a semester": tuple(f"{k:02d}" for k in range(19)) + ("19a", "19b", "20"),
}


SESSIONS: dict[str, tuple[int, tuple[str, ...]]] = {
    "two hours": (125, ("in one go",)),
    "a weekend": (
        150,
        ("Saturday morning", "Saturday afternoon", "Sunday morning", "Sunday afternoon"),
    ),
    "a semester": (140, tuple(f"week {k}" for k in range(1, 15))),
}
"""For each course the most minutes of a session, and what its sessions are called."""


@dataclass(frozen=True)
class Minutes:
    """What a chapter takes: reading, exercises, and the dials of its experiments."""

    reading: int
    exercises: int
    widgets: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.reading + self.exercises + self.widgets


def minutes(notebook: Path) -> Minutes:
    """Return the minutes of a stored chapter, from its words, cells, figures and exercises."""
    import nbformat

    cells: list[Any] = nbformat.read(notebook, as_version=4).cells
    tags = [set(cell.metadata.get("tags", ())) for cell in cells]
    read = [cell for cell, has in zip(cells, tags, strict=True) if "teacher" not in has]
    prose = " ".join(cell.source for cell in read if cell.cell_type == "markdown")
    code = [cell for cell in read if cell.cell_type == "code"]
    figures = sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    asked = sum(".check(" in cell.source for cell in code)
    dials = sum("widgets.show(" in cell.source for cell in code)
    predictions = sum("predict" in has for has in tags)
    reading = len(re.findall(r"\w+", prose)) / WORDS_A_MINUTE
    reading += MINUTES["code"] * (len(code) - asked - predictions) + MINUTES["figure"] * figures
    reading += MINUTES["predict"] * predictions
    return Minutes(
        round(reading), round(MINUTES["exercise"] * asked), round(MINUTES["widget"] * dials)
    )


def sessions(course: str, known: Mapping[str, int]) -> list[tuple[str, tuple[str, ...], int]]:
    """Return the sessions of a course: name, chapters in order, minutes without breaks.

    Parameters
    ----------
    course : str
        One of ``COURSES``.
    known : mapping
        The minutes of each chapter; a chapter that is not in it is left out.

    Raises
    ------
    ValueError
        If there is no such course, or its chapters need more sessions than it has.
    """
    if course not in COURSES:
        raise ValueError(f"course: got {course!r}, want one of {', '.join(COURSES)}")
    limit, names = SESSIONS[course]
    groups: list[list[str]] = []
    for number in (part for part in COURSES[course] if part in known):
        if groups and sum(known[one] for one in groups[-1]) + known[number] <= limit:
            groups[-1].append(number)
        else:
            groups.append([number])
    if len(groups) > len(names):
        raise ValueError(f"course: got {course} in {len(groups)} sessions, it has {len(names)}")
    return [
        (name, tuple(group), sum(known[one] for one in group))
        for name, group in zip(names, groups, strict=False)
    ]


def activities(notebook: Path) -> dict[str, list[tuple[str, str]]]:
    """Return what each section has for a class, in order: its kind and its name.

    The kinds are ``"ask"`` (a prediction), ``"show"`` (an experiment), ``"home"`` (an exercise).
    """
    import nbformat

    found: dict[str, list[tuple[str, str]]] = {}
    title = ""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            title = (re.findall(r"^## (.+)$", cell.source, re.MULTILINE) or [title])[-1].strip()
            continue
        for act in _ACTS.finditer(cell.source):
            kind = next(kind for kind in _CALLED if act[kind])
            if (kind, act[_CALLED[kind]]) not in found.setdefault(title, []):
                found[title].append((kind, act[_CALLED[kind]]))
    return found


def lesson(notebook: Path, length: int = 45) -> list[tuple[str, int]]:
    """Return a plan for one lesson: sections of the chapter in order, each with its minutes.

    A section gets its share of the reading time. The shortest ones are left to homework, until
    every section that stays has three minutes or more. The last five minutes are for questions.

    Raises
    ------
    ValueError
        If the lesson is shorter than 20 minutes.
    """
    if length < 20:
        raise ValueError(f"length: got {length}, want 20 minutes or more")
    shares = _shares(notebook)
    room = length - 5
    kept = list(shares)
    while len(kept) > 1 and min(share for _, share in kept) / sum(s for _, s in kept) * room < 3:
        kept.remove(min(kept, key=lambda item: item[1]))
    total = sum(share for _, share in kept)
    ends = [round(room * sum(s for _, s in kept[: k + 1]) / total) for k in range(len(kept))]
    parts = [end - before for end, before in zip(ends, [0, *ends], strict=False)]
    plan = [(title, part) for (title, _), part in zip(kept, parts, strict=True)]
    return [*plan, ("Questions, and what to do at home", 5)]


def _shares(notebook: Path) -> list[tuple[str, float]]:
    """Return each section of the second level with the minutes that its text and figures take."""
    import nbformat

    shares: list[tuple[str, float]] = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if "teacher" in cell.metadata.get("tags", ()):
            continue
        if cell.cell_type == "markdown":
            for piece in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
                if piece.startswith("## "):
                    shares.append((piece.splitlines()[0].lstrip("# ").strip(), 0.0))
                _more(shares, len(re.findall(r"\w+", piece)) / WORDS_A_MINUTE)
                _more(shares, MINUTES["predict"] * piece.count("**Predict"))
        else:
            pictures = sum("image/png" in o.get("data", {}) for o in cell.outputs)
            _more(shares, MINUTES["figure"] * pictures)
    endings = ("Recap", "Common misconceptions", "Further reading", "Exercises")
    return [(title, share) for title, share in shares if title not in endings]


def _more(shares: list[tuple[str, float]], minutes: float) -> None:
    if shares:
        title, before = shares[-1]
        shares[-1] = (title, before + minutes)
