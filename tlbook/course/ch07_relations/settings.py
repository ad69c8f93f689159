"""The settings of chapter 07: what ``relations_tuning`` tried, and what it chose."""

from __future__ import annotations

from inspect import signature
from typing import Any

from tlbook.course.ch07_relations.methods import METHODS
from tlbook.course.studies import grid

CS = (1e-2, 1e-1, 1.0, 10.0)
STRENGTHS = (0.1, 0.3, 1.0, 3.0)
EPSILONS = (0.1, 0.2, 0.4)

GRID: dict[str, list[dict[str, Any]]] = {
    "plain": grid(C=(1e-4, 1e-3, *CS, 100.0), scale=("own", "letters")),
    "told": grid(C=CS, strength=STRENGTHS),
    "learned": grid(C=CS, strength=STRENGTHS[1:], temperature=(1.0, 4.0, 8.0)),
    "prints": grid(C=CS, strength=STRENGTHS),
    "smoothing, uniform": grid(C=CS[:3], epsilon=EPSILONS),
    "smoothing, relations": grid(C=CS[:3], epsilon=EPSILONS),
}
SETTINGS: dict[str, dict[str, Any]] = {
    name: {
        p.name: p.default for p in signature(method).parameters.values() if p.kind == p.KEYWORD_ONLY
    }
    for name, method in METHODS.items()
}
"""The chosen ones, as they stand in the signatures of the methods."""
