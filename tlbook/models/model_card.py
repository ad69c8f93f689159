"""The page that travels with a model: what it is, what it learned from, how good, what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from tlbook._base.checks import check_folder
from tlbook._base.named import named

MISSING = "not stated"


@named
def card(
    path: str | Path,
    *,
    name: str,
    what: str | None = None,
    classes: Sequence[str] | None = None,
    data: str | Mapping[str, Any] | None = None,
    preprocessing: str | None = None,
    weights: str | None = None,
    license: str | None = None,
    scores: Mapping[str, Any] | None = None,
    calibration: str | Mapping[str, Any] | None = None,
    limits: str | Sequence[str] | None = None,
    load: str | None = None,
) -> Path:
    """Write a model card, and return its path; what is left out reads "not stated".

    Parameters
    ----------
    path : str or Path
        A folder (made where it is missing; the card is ``README.md`` inside) or a file ``*.md``.
    name, what : str
        What the model is called, and one sentence on what it does for whom.
    classes : sequence of str
        Names of the classes in the order of the outputs.
    data : str or mapping
        What it was trained and tested on, and how much: ``{"source": "photos taken in 2024",
        "training": 800, "validation": 100, "test": 100}``.
    preprocessing : str
        From what a user has to what the network takes.
    weights, license : str
        The base weights that training began with, and their license.
    scores : mapping
        Name → number, or (number, low, high) with the ends of a 95 % interval. A number alone says
        that its interval is not stated.
    calibration : str or mapping
        For example ``{"temperature": 1.4, "calibration error before": 0.11, "after": 0.03}``.
    limits : str or sequence of str
        What it was not tried on, and what it gets wrong.
    load : str
        Lines of Python that load the model and answer for one new input.

    Raises
    ------
    ValueError
        If ``name`` is empty, or a score is neither a number nor a triple with low ≤ value ≤ high.

    References
    ----------
    Mitchell et al., Model cards for model reporting (2019).

    Examples
    --------
    >>> import tempfile
    >>> from tlbook.models import card
    >>> path = card(
    ...     tempfile.mkdtemp(), name="Ants or bees", classes=["ants", "bees"],
    ...     scores={"accuracy": (0.93, 0.88, 0.96)},
    ... )
    >>> "| accuracy | 0.93 (95 % interval 0.88 to 0.96) |" in path.read_text()
    True
    """
    if not str(name).strip():
        raise ValueError(f"name: got {name!r}, want what the model is called")
    sections = {
        "Classes": None if classes is None else [str(each) for each in classes],
        "Data": data,
        "Preprocessing": preprocessing,
        "Base weights": f"{weights or MISSING} (license: {license or MISSING})",
        "Scores": None if not scores else {k: _score(k, v) for k, v in scores.items()},
        "Calibration": calibration,
        "Limits": limits,
        "How to load it": None if load is None else f"```python\n{load.strip()}\n```",
    }
    parts = [f"# {name}", what or f"What it does: {MISSING}."]
    parts += [f"## {title}\n\n{_shown(content)}" for title, content in sections.items()]
    place = check_folder(path, "path")
    place = place if place.suffix == ".md" else place / "README.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return place


def _shown(content: Any) -> str:
    """Return what stands below a heading: text, a table of a mapping, or a list."""
    if content is None or (isinstance(content, (str, Mapping, list, tuple)) and not len(content)):
        return f"{MISSING[0].upper()}{MISSING[1:]}."
    if isinstance(content, Mapping):
        rows = [f"| {key} | {_number(value)} |" for key, value in content.items()]
        return "\n".join(["| | |", "|---|---|", *rows])
    if isinstance(content, str):
        return content
    return "\n".join(f"- {each}" for each in content)


def _score(name: str, value: Any) -> str:
    """Return a score in words, with its interval or without."""
    if isinstance(value, str):
        return value
    numbers = [float(v) for v in value] if isinstance(value, Sequence) else [float(value)]
    if len(numbers) == 1:
        return f"{_number(numbers[0])} (interval {MISSING})"
    if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
        raise ValueError(
            f"scores: got {name} = {value!r}, want a number, or (number, low, high) with "
            "low ≤ number ≤ high"
        )
    shown, low, high = map(_number, numbers)
    return f"{shown} (95 % interval {low} to {high})"


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    return f"{int(value):,}" if isinstance(value, Integral) else f"{float(value):.3g}"
