"""Topics from descriptions, from few labels, or from both: ``method(task, seed, k, ...)``.

``k`` is the number of labels per topic. Each method returns a function from texts to topics.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from tlbook.course.ch17_few_and_zero_shot.descriptions import MAIN, WORDINGS
from tlbook.evaluation.compare import Predict
from tlbook.fewshot import SameClass, nearest_centroid, tip_adapter
from tlbook.objective import Objective
from tlbook.text import embed, probe_into_head, text_classifier
from tlbook.text.recipes import BATCH, MAX_TOKENS
from tlbook.training import fit

TEMPERATURE = 0.05
TOP = 2
"""Blocks of six that learn in SetFit: the encoder's last third."""


def vectors(texts: Any) -> np.ndarray:
    """Return MiniLM's embeddings of length one; each text is read once in a process."""
    return _read_once("unit", texts, lambda new: embed(new, device="cpu"))


@cache
def described(wording: str = MAIN) -> np.ndarray:
    """Return the embeddings of the six descriptions, shape (6, 384)."""
    return vectors(list(WORDINGS[wording].values()))


def zero_shot(
    task: Any, seed: int, k: int = 0, wording: str = MAIN, centered: bool = False
) -> Predict:
    """Answer with the nearest description; labels are not used.

    With ``centered`` the mean of the task's unlabeled texts is subtracted from the texts, and the
    mean of the descriptions from the descriptions.
    """
    D, middle = described(wording), 0.0
    if centered:
        middle = vectors(task.target.X).mean(axis=0)
        D = D - D.mean(axis=0)
        D /= np.linalg.norm(D, axis=1, keepdims=True)
    return lambda texts: ((vectors(texts) - middle) @ D.T).argmax(axis=1)


def centroids(task: Any, seed: int, k: int) -> Predict:
    """Answer with the nearest mean of the labeled texts; descriptions are not used."""
    texts, y = task.label(k, seed)
    answer = nearest_centroid(vectors(texts), y, unit=True)
    return lambda new: answer(vectors(new))


def described_centroids(task: Any, seed: int, k: int, weight: float) -> Predict:
    """Let the description count as ``weight`` labeled texts in the mean of its topic."""
    texts, y = task.label(k, seed)
    E, D = vectors(texts), described()
    means = np.stack([E[y == c].sum(axis=0) + weight * D[c] for c in range(len(D))])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return lambda new: (vectors(new) @ means.T).argmax(axis=1)


def tip(task: Any, seed: int, k: int, alpha: float, beta: float) -> Predict:
    """Add the votes of near labeled texts to the zero-shot logits (Tip-Adapter)."""
    texts, y = task.label(k, seed)
    keys, D = vectors(texts), described()

    def predict(new: Any) -> np.ndarray:
        E = vectors(new)
        return tip_adapter(E @ D.T / TEMPERATURE, E, keys, y, alpha, beta).argmax(axis=1)

    return predict


def probe(task: Any, seed: int, k: int, C: float) -> Predict:
    """Fit a logistic regression on the frozen encoder: SetFit without its contrastive steps."""
    texts, y = task.label(k, seed)
    model = text_classifier(len(task.classes), "frozen", max_tokens=MAX_TOKENS)
    probe_into_head(model, frozen(texts), y, C)
    W, b = model.head.weight.detach().numpy(), model.head.bias.detach().numpy()
    return lambda new: (frozen(new) @ W.T + b).argmax(axis=1)


def setfit(task: Any, seed: int, k: int, C: float, lr: float, steps: int) -> Predict:
    """Train the encoder's top on pairs of labeled texts, then fit the same head as ``probe``."""
    texts, y = task.label(k, seed)
    model = text_classifier(len(task.classes), "full", top=TOP, max_tokens=MAX_TOKENS, seed=seed)
    pairs = model.tokens(texts), y
    options = {"schedule": "one-cycle", "device": "cpu", "progress": False}
    fit(model, pairs, Objective(None, SameClass()), steps=steps, batch_size=BATCH, lr=lr, seed=seed,
        **options)  # type: ignore[arg-type]  # fmt: skip
    probe_into_head(model, model.embed(texts), y, C)
    return model.predict


METHODS: dict[str, Callable[..., Predict]] = {
    "zero-shot": zero_shot,
    "zero-shot, centered": partial(zero_shot, centered=True),
    "centroids": centroids,
    "described centroids": described_centroids,
    "tip-adapter": tip,
    "probe": probe,
    "setfit": setfit,
}


def frozen(texts: Any) -> np.ndarray:
    """Return what the head of the untrained classifier sees, of length √384."""
    return _read_once("frozen", texts, lambda new: _reader().embed(new))


def _read_once(kind: str, texts: Any, read: Callable[[list[str]], np.ndarray]) -> np.ndarray:
    known, rows = _known(kind), [str(text) for text in texts]
    new = [text for text in dict.fromkeys(rows) if text not in known]
    if new:
        known.update(zip(new, read(new), strict=True))
    return np.stack([known[text] for text in rows])


@cache
def _known(kind: str) -> dict[str, np.ndarray]:
    return {}


@cache
def _reader() -> Any:
    return text_classifier(2, "frozen", max_tokens=MAX_TOKENS)
