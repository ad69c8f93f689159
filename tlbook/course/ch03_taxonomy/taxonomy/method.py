"""A method of the catalogue: what it transfers and what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from tlbook.course.ch03_taxonomy.taxonomy.needs import Need
from tlbook.course.ch03_taxonomy.taxonomy.problem import Problem
from tlbook.course.ch03_taxonomy.taxonomy.vocabulary import Kind


@dataclass(frozen=True)
class Method:
    """A method: the kind of knowledge it transfers, why it fits, its needs in order of weight."""

    name: str
    kind: Kind
    why: str
    needs: tuple[Need, ...]
    chapters: tuple[str, ...]

    def obstacle(self, problem: Problem) -> str | None:
        """Return why the method does not fit, or None where it does."""
        return next((need.otherwise for need in self.needs if not need.met(problem)), None)
