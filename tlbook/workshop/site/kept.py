"""Packed experiments that travel with the project: ``data/moving/NAME.js``.

A fresh clone then builds the site without computing a picture. The first line of a pack names the
code that made it. Where that code has changed, a sample of the pictures is drawn again: if they
come out the same, the pack takes the new name of the code, and otherwise all are computed.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from tlbook.course import widgets
from tlbook.course.chapters import root
from tlbook.workshop.site import moving, pack, states
from tlbook.workshop.whole import write_text

SAMPLE = 12
"""Pictures that are drawn again before a pack takes the name of changed code."""
_HEAD = re.compile(r"// code: ([0-9a-f]{16}), settings: (\d+), matplotlib: (\S+)")
_CONTENT = re.compile(r'\.take\("\w+","([^"]+)"\)')


def path_of(name: str) -> Path:
    """Return where the pack of an experiment lies in the project."""
    return root() / "data" / "moving" / f"{name}.js"


def head(path: Path) -> tuple[str, int]:
    """Return the name of the code that made a pack, and how many settings it was asked for.

    Raises
    ------
    ValueError
        If the file is no pack.
    """
    with path.open(encoding="utf-8") as file:
        found = _HEAD.match(file.readline())
    if found is None:
        raise ValueError(f"{path.name}: the first line does not name the code that made it")
    return found[1], int(found[2])


def fresh(name: str) -> bool:
    """Whether the project has the pack of an experiment, made by its present code."""
    path = path_of(name)
    return path.exists() and head(path)[0] == moving.key(name)


def keep(name: str, script: str, most: int) -> None:
    """Write a pack (what the page loads) into the project, whole or not at all."""
    first = f"// code: {moving.key(name)}, settings: {most}, matplotlib: {matplotlib.__version__}"
    write_text(path_of(name), f"{first}\n{script}")


def content(script: str) -> dict[str, Any]:
    """Return what a pack holds: the facts about an experiment, and its pictures line by line."""
    found = _CONTENT.search(script)
    if found is None:
        raise ValueError("script: got a text that hands no pictures to a page")
    facts: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    lines = facts.pop("lines")
    facts["pictures"] = [
        [lines[number] for number in itertools.accumulate(steps)] for steps in facts["pictures"]
    ]
    return facts


def differences(name: str, places: Sequence[int]) -> list[str]:
    """Draw some pictures of a kept pack again; return what is no longer as it was.

    Parameters
    ----------
    name : str
        Of the experiment.
    places : sequence of int
        Which of its pictures; numbers beyond the last count from the first again.
    """
    experiment, (_, most) = widgets.get(name), head(path_of(name))
    facts = content(path_of(name).read_text(encoding="utf-8"))
    pictures, words = facts.pop("pictures"), facts.pop("words")
    chosen = states.chosen(experiment, most)[: len(pictures)]
    if facts != json.loads(json.dumps(moving.facts_of(experiment, chosen))):
        return ["the controls or their settings"]
    found = []
    for place in sorted({place % len(pictures) for place in places}):
        fig = experiment.figure(**chosen[place])
        if words[place] != (getattr(fig, "alt", "") or experiment.title):
            found.append(f"the words of picture {place}")
        lines = [line.strip() for line in pack.vectors(fig).splitlines()]
        if [line for line in lines if line] != pictures[place]:
            found.append(f"picture {place}")
    return found


def renew(name: str, cache: Path, sample: Sequence[int]) -> str:
    """Bring the kept pack of an experiment up to date; return what was done, in words."""
    path = path_of(name)
    if path.exists() and not differences(name, sample):
        keep(name, path.read_text(encoding="utf-8").split("\n", 1)[1], head(path)[1])
        return f"{name}: {len(sample)} pictures drawn again, all the same"
    made = moving.make(name, cache)
    keep(name, made.path.read_text(encoding="utf-8"), int(made.path.stem.split("-")[1]))
    return made.words
