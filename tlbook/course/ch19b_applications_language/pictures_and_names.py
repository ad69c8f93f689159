"""Multimodal: pictures and their names in one space, on names that no training pair has."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from tlbook import data, models
from tlbook._base.checks import check_choice
from tlbook.course.ch19b_applications_language.letter_shapes import described, strokes
from tlbook.data.applied.named_pictures import NAMES, PARTS
from tlbook.data.random import generator
from tlbook.domains import Task
from tlbook.fewshot import TwoTowers

FEATURES = ("last layer", "three layers", "untrained")
VECTORS = ("MiniLM", "one-hot parts", "one-hot names", "MiniLM of shapes", "strokes")
STEPS = 400


@lru_cache(maxsize=2)
def task(target: str, seed: int) -> Task:
    """Return ``named-pictures`` with held-out combinations or characters."""
    return data.load("named-pictures", seed=seed, target=target)


@lru_cache(maxsize=2)
def network(trained: bool) -> Any:
    """Return ``signnet`` with the embedded weights, or one that has learned nothing."""
    return models.create("signnet", weights="embedded" if trained else None, seed=0)


def features(X: np.ndarray, kind: str) -> np.ndarray:
    """Return frozen features of pictures.

    The last layer is the 128 channel means that the pretraining's classifier saw. Three layers are
    those, the means of layers 3 and 4, and the last layer's means over quarters of the picture.
    """
    net = network(check_choice(kind, "kind", FEATURES) != "untrained").eval()
    with torch.inference_mode():
        parts = [_layers(net, x, kind) for x in torch.as_tensor(X).split(256)]
    return torch.cat(parts).numpy()


def _layers(net: Any, x: torch.Tensor, kind: str) -> torch.Tensor:
    h, means = (x - 0.5) / 0.25, []
    for layer in net.body:
        h = layer(h)
        if isinstance(layer, torch.nn.ReLU):
            means.append(h.mean(dim=(2, 3)))
    if kind == "last layer":
        return means[-1]
    quarters = torch.nn.functional.adaptive_avg_pool2d(h, 2).flatten(1)
    return torch.cat([means[-1], means[3], means[2], quarters], dim=1)


@lru_cache(maxsize=8)
def vectors(kind: str) -> np.ndarray:
    """Return a vector for each of the 160 names, (160, e), with columns of equal spread."""
    from tlbook.text import embed

    check_choice(kind, "kind", VECTORS)
    parts = np.array(PARTS)
    style = np.concatenate([_one_hot(parts[:, k]) for k in (1, 2)], axis=1)
    if kind == "MiniLM":
        return embed(NAMES, device="cpu")
    if kind == "one-hot names":
        return np.eye(len(NAMES))
    if kind == "one-hot parts":
        return np.concatenate([_one_hot(parts[:, 0]), style], axis=1)
    if kind == "strokes":
        return np.concatenate([[strokes(c) for c in parts[:, 0]], style], axis=1)
    return embed([f"{described(c)}, {w}, {s}" for c, w, s in PARTS], device="cpu")


def _one_hot(values: np.ndarray) -> np.ndarray:
    return (values[:, None] == np.unique(values)[None, :]).astype(float)


@lru_cache(maxsize=2)
def seen(seed: int, see: str) -> tuple[StandardScaler, np.ndarray]:
    """Return the scaler of the source's features, and the scaled features: all arms share them."""
    Z = features(task("combinations", seed).source.X, see)
    scaler = StandardScaler().fit(Z)
    return scaler, scaler.transform(Z)


class Named:
    """Towers fitted to the source's pairs of one seed; asked how near pictures are to names."""

    def __init__(self, seed: int, *, see: str, say: str, shuffled: bool = False) -> None:
        y = task("combinations", seed).source.y
        assert y is not None
        if shuffled:
            y = generator("shuffled pairs", seed).permutation(y)
        self.see, self.say = see, vectors(say)
        self.scaler, Z = seen(seed, see)
        self.towers = TwoTowers(steps=STEPS, device="cpu", seed=seed).fit(Z, self.say, y)

    def similarity(self, X: np.ndarray) -> np.ndarray:
        """Return the cosine of each picture with each of the 160 names."""
        Z = self.scaler.transform(features(X, self.see))
        return self.towers.similarity(Z, self.say)

    def graded(self, here: Task) -> tuple[np.ndarray, np.ndarray]:
        """Return the cosines of the test pictures, and their true names, by one report (a look)."""
        given: list[np.ndarray] = []

        def predict(X: np.ndarray) -> np.ndarray:
            given.append(self.similarity(X))
            return given[-1].argmax(axis=1)

        report = here.report(predict)
        truth = given[-1].argmax(axis=1)
        truth[report.wrong] = report.truth
        return given[-1], truth


def nearest(similarity: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return the number of the nearest name of each picture, among some of the names."""
    return among[similarity[:, among].argmax(axis=1)]


def retrieved(similarity: np.ndarray, truth: np.ndarray, names: np.ndarray) -> float:
    """Return for how many of the names the picture nearest to them is theirs (R@1)."""
    return float(np.mean(truth[similarity[:, names].argmax(axis=0)] == names))


def part_accuracy(names: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return how often the whole name is right, and each of its parts."""
    parts = np.array(PARTS)
    right = parts[names] == parts[truth]
    found = dict(zip(("character", "weight", "slant"), right.mean(axis=0), strict=True))
    return {"name": float(np.mean(names == truth))} | {k: float(v) for k, v in found.items()}
