"""The concept map: what has to be known before what, how long it takes, and where it stands."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from tlbook.course.reference import glossary
from tlbook.course.reference.evidence import HERE
from tlbook.course.reference.glossary import alike, plain

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Concept:
    """One idea of the course.

    Examples
    --------
    >>> find("gradient reversal").prerequisites
    ('discriminator and GAN',)
    """

    name: str
    prerequisites: tuple[str, ...]
    minutes: int
    """To read and play; an estimate, not a measurement."""
    chapter: str
    heading: str
    claim: str
    """How a claim of this chapter begins that tests it."""
    exercise: str
    """Its exercise in this chapter."""


@cache
def concepts() -> tuple[Concept, ...]:
    """Return all concepts, in the order of the chapters."""
    with open(HERE / "concepts.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Concept(
            row["name"],
            tuple(p.strip() for p in row["prerequisites"].split(";") if p),
            int(row["minutes"]),
            *(row[name] for name in ("chapter", "heading", "claim", "exercise")),
        )
        for row in rows
    )


def find(name: str) -> Concept:
    """Return the concept of this name, or of a term of the glossary, English or Chinese.

    Raises
    ------
    ValueError
        If the map has no such concept; the message has some that look like it.

    Examples
    --------
    >>> find("dann").chapter, find("域对抗训练").name
    ('10', 'DANN')
    """
    by_name = {plain(concept.name): concept for concept in concepts()}
    for asked in (plain(name), *_names_in_the_glossary(name)):
        if asked in by_name:
            return by_name[asked]
    like = alike(name, [concept.name for concept in concepts()])
    raise ValueError(
        f"name: got {name!r}, want one of the {len(by_name)} concepts of the map"
        f"{like or ', which concepts.table() lists'}"
    )


def _names_in_the_glossary(name: str) -> list[str]:
    """Return the English names of a term, also the short one in brackets, such as "(DANN)"."""
    try:
        term = glossary.find(name)
    except ValueError:
        return []
    short = re.findall(r"\(([\w-]+)\)", term.definition)
    return [plain(each) for each in (term.english, *term.forms, *short)]


def ordered(chosen: Iterable[Concept]) -> tuple[Concept, ...]:
    """Return concepts with each one behind its prerequisites, early chapters first.

    Prerequisites that were not chosen do not count.

    Raises
    ------
    ValueError
        If concepts require each other in a circle; the message names it.

    Examples
    --------
    >>> loop = [Concept("a", ("b",), 1, "", "", "", ""), Concept("b", ("a",), 1, "", "", "", "")]
    >>> ordered(loop)
    Traceback (most recent call last):
    ValueError: prerequisites: got a circle a, b, a, want none
    """
    by_name = {concept.name: concept for concept in chosen}
    graph = {
        name: [p for p in concept.prerequisites if p in by_name]
        for name, concept in by_name.items()
    }
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(
            f"prerequisites: got a circle {', '.join(error.args[1])}, want none"
        ) from None
    rank = {concept.name: i for i, concept in enumerate(concepts())}
    found: list[Concept] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda name: rank.get(name, 0))
        found += [by_name[name] for name in ready]
        sorter.done(*ready)
    return tuple(found)


def path_to(name: str, known: Sequence[str] = ()) -> tuple[Concept, ...]:
    """Return what one needs for a concept, in an order to learn it; the concept comes last.

    All prerequisites are needed, so the shortest path is everything that the concept rests on,
    without what is known already and without what only that rests on.

    Parameters
    ----------
    name : str
        A concept of the map.
    known : sequence of str
        Concepts that the reader knows.

    Raises
    ------
    ValueError
        If the map lacks a concept.

    Examples
    --------
    >>> [c.name for c in path_to("DANN", known=["domain and task", "A-distance"])]
    ['objective with λ', 'discriminator and GAN', 'gradient reversal', 'DANN']
    """
    goal, have = find(name), {find(one).name for one in known}
    needed: dict[str, Concept] = {}
    waiting = [goal]
    while waiting:
        concept = waiting.pop()
        if concept.name not in needed and (concept.name not in have or concept is goal):
            needed[concept.name] = concept
            waiting += [find(p) for p in concept.prerequisites]
    return ordered(needed.values())


def table(chosen: Iterable[Concept] | None = None) -> pd.DataFrame:
    """Return the map, or a path, as a table with the minutes added up.

    Parameters
    ----------
    chosen : concepts, optional
        As from :func:`path_to`; by default the whole map.

    Examples
    --------
    >>> int(table(path_to("linear probe"))["minutes so far"].iloc[-1])
    45
    """
    import pandas as pd

    rows = [
        {
            "concept": concept.name,
            "needs": ", ".join(concept.prerequisites) or "nothing",
            "minutes": concept.minutes,
            "chapter": concept.chapter,
            "section": concept.heading,
            "exercise": concept.exercise,
        }
        for concept in (concepts() if chosen is None else chosen)
    ]
    found = pd.DataFrame(rows)
    found.insert(3, "minutes so far", found.minutes.cumsum())
    return found
