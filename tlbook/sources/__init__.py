"""Choosing a source: scores of features on a few labeled target rows (chapter 16).

Every score takes arrays, says in its docstring what it means, what range it has and where it
fails, and is larger for a better source. ``rank_sources`` puts several scores of several sources
into one table; ``noise_ceiling`` and ``regret`` say what a ranking is worth.
"""

from tlbook.sources.entropy import leep, nleep
from tlbook.sources.evidence import logme
from tlbook.sources.kinship import otdd
from tlbook.sources.ranking import SCORES, noise_ceiling, rank_sources, regret, weighted_tau
from tlbook.sources.similarity import cka
from tlbook.sources.spread import h_score, transrate
from tlbook.sources.trial import nearest_neighbor_score, probe_score

__all__ = [
    "SCORES",
    "cka",
    "h_score",
    "leep",
    "logme",
    "nearest_neighbor_score",
    "nleep",
    "noise_ceiling",
    "otdd",
    "probe_score",
    "rank_sources",
    "regret",
    "transrate",
    "weighted_tau",
]
