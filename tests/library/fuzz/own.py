"""Values for parameters whose name means something else elsewhere, by the function's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from tests.library.fuzz.pool import N, labels, net, pictures, rng, rows, runs, shares, task
from tlbook import models
from tlbook.adversarial import DANN
from tlbook.domains import Boxes
from tlbook.finetuning import lora
from tlbook.plots import figure
from tlbook.selection import Run


def tensor(value: Any) -> Callable[[], torch.Tensor]:
    """Return what makes a float32 tensor of an array's values."""
    return lambda: torch.tensor(np.asarray(value), dtype=torch.float32)


def normed() -> nn.Module:
    """Return a network with BatchNorm, for rows of three features."""
    return models.wrap(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)))


def plane(n: int = N) -> np.ndarray:
    """Return points of the plane."""
    return rows(n, 2)


def even_labels() -> np.ndarray:
    """Return labels of two classes."""
    return labels(N, 2)


def column() -> np.ndarray:
    """Return one feature."""
    return rows()[:, 0]


def masks() -> np.ndarray:
    """Return the class of each pixel of a picture."""
    return labels(64).reshape(1, 8, 8)


def labeled() -> tuple[np.ndarray, np.ndarray]:
    """Return rows and labels."""
    return rows(), labels()


def pair_of_layers() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return features of one layer for both domains."""
    return [(tensor(rows())(), tensor(rows(20))())]


def boxes() -> list[list[float]]:
    """Return the corners of two boxes."""
    return [[1, 2, 5, 6], [0, 0, 3, 3.5]]


def several_answers() -> np.ndarray:
    """Return what four models answer."""
    return np.stack([np.roll(labels(), k) for k in range(4)])


def table(*methods: str) -> Callable[[], dict[str, list[float]]]:
    """Return what makes accuracies of methods that the palette knows."""
    return lambda: {name: [0.5, 0.6, 0.7] for name in methods}


EXAMPLES = {"model": normed, "X": rows}
SEVERAL = {"answers": several_answers}
SQUARE = {"size": lambda: (8, 8), "classes": lambda: 3}

OF_ITS_OWN: dict[str, dict[str, Callable[[], Any]]] = {
    "adversarial.adda": {"data": task},
    "adversarial.diagnosis": dict.fromkeys(
        ("source_logits", "target_logits"), lambda: rows()[:, 0]
    ),
    "adversarial.diagnosis_of": {"term": lambda: DANN(n_features=4)},
    "adversarial.domain_loss": dict.fromkeys(("source", "target"), tensor(rows()[:, 0])),
    "adversarial.entropy_weight": {"p": tensor(shares())},
    "alignment.adabn": EXAMPLES,
    "alignment.joint_mmd2": {"layers": pair_of_layers},
    "alignment.normalization_parameters": EXAMPLES,
    "alignment.tent": EXAMPLES,
    "alignment.weighted_mmd2": {"X": tensor(rows()), "Y": tensor(rows(20))},
    "data.have_weights": {"name": lambda: "resnet18"},
    "diagnosis.diagnose": {
        "rehearsals": lambda: 2,
        "source": lambda: (rows(), labels()),
        "target": rows,
    },
    "diagnosis.examine": {"source": labeled, "target": rows},
    "domains.Scenes": {"X": pictures},
    "domains.Task": dict.fromkeys(("target_train", "target_test"), labeled),
    "evaluation.claim": {"margin": lambda: 5},
    "features.gradual_self_training": {"steps": lambda: [rows(), rows(shift=0.5)]},
    "fewshot.Contrastive": {"names": rows},
    "fewshot.adapt": {"y": lambda: torch.tensor(labels())},
    "fewshot.episode_accuracies": {
        "learner": lambda: lambda support, y: lambda q: np.resize(y, len(q))
    },
    "fewshot.episode_loader": dict.fromkeys(("ways", "shots", "queries", "n"), lambda: 2),
    "fewshot.episodes": dict.fromkeys(("ways", "shots", "queries", "n"), lambda: 2),
    "fewshot.tip_adapter": {"labels": labels},
    "finetuning.Distillation": {"teacher": net},
    "finetuning.linear_probe": {"features": lambda: np.asarray},
    "finetuning.lora_merge": {"model": lambda: lora(net(), rank=1)},
    "finetuning.statistics_drift": {"model": normed, "reference": normed},
    "instances.weighted_cv_error": {"model": LogisticRegression},
    "models.create": {"name": lambda: "digitnet"},
    "plots.bars_with_spread": {"values": table("scratch", "linear probe")},
    "plots.color": {"name": lambda: "source"},
    "plots.decision_regions": {"X": plane},
    "plots.histogram_pair": dict.fromkeys(("source", "target"), column),
    "plots.lines": {"x": lambda: np.arange(4.0), "ys": lambda: {"scratch": np.arange(4.0)}},
    "plots.paired_differences": {"values": table("linear probe")},
    "plots.png": {"fig": lambda: figure("a")[0]},
    "plots.scatter_domains": {"Xs": plane, "Xt": plane},
    "relations.RKDAngle": {"teacher": net},
    "relations.RKDDistance": {"teacher": net},
    "selection.agreement": SEVERAL,
    "selection.agreement_of_each": SEVERAL,
    "selection.agreement_on_the_line": {
        "source": several_answers,
        "target": several_answers,
    },
    "selection.choose": {"runs": lambda: [Run(str(r.setting), r.seed, r.target) for r in runs()]},
    "sources.cka": {"Y": rows},
    "text.fine_tune": {"y": lambda: labels(12)},
    "text.pool": {"hidden": lambda: torch.zeros(2, 3, 4), "mask": lambda: torch.ones(2, 3)},
    "text.probe_into_head": {"Z": lambda: rows(N, 4)},
    "training.find_rate": {"steps": lambda: 12},
    "trust.completeness_error": {"attribution": rows},
    "trust.edges": {"X": pictures},
    "trust.feature_attack": {"features": net},
    "trust.grad_cam": {
        "model": lambda: models.create("digitnet", n_classes=3),
        "layer": lambda: nn.Identity(),
        "X": pictures,
        "y": lambda: labels(6),
    },
    "trust.likelihood_ratio": {"members": lambda: rng().random((4, N)) > 0.5},
    "trust.net_benefit": {"probabilities": lambda: rng().random(N), "y": even_labels},
    "vision.FeatureMaps": SQUARE,
    "vision.HeatMap": SQUARE,
    "vision.UNet": SQUARE,
    "vision.average_precision": {**SQUARE, "truth": lambda: [Boxes(boxes(), [0, 1])]},
    "vision.heat_targets": {**SQUARE, "truth": lambda: [Boxes(boxes(), [0, 1])]},
    "vision.heat_loss": {"target": lambda: torch.zeros(2, 4, 4, 4)},
    "vision.iou": {"a": boxes, "b": boxes},
    "vision.mean_iou": {
        **SQUARE,
        "y": lambda: labels(64).reshape(1, 8, 8),
        "yhat": lambda: labels(64).reshape(1, 8, 8),
    },
}
"""Values for parameters whose name means something else elsewhere, by the function's name."""
