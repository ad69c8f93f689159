"""Few labels, one label, no label: episodes, prototypes, learned starts, views, towers (17, 19)."""

from tlbook.fewshot.centroids import harmonic_mean, nearest_centroid, tip_adapter
from tlbook.fewshot.episodes import Episode, episode_accuracies, episodes, split_classes
from tlbook.fewshot.meta import adapt, adapted_learner, maml, reptile
from tlbook.fewshot.terms import CosineHead, Prototypes, SameClass, episode_loader
from tlbook.fewshot.towers import Contrastive, TwoTowers
from tlbook.fewshot.views import SimCLR, VICReg, effective_rank

__all__ = [
    "Contrastive",
    "CosineHead",
    "Episode",
    "Prototypes",
    "SameClass",
    "SimCLR",
    "TwoTowers",
    "VICReg",
    "adapt",
    "adapted_learner",
    "effective_rank",
    "episode_accuracies",
    "episode_loader",
    "episodes",
    "harmonic_mean",
    "maml",
    "nearest_centroid",
    "reptile",
    "split_classes",
    "tip_adapter",
]
