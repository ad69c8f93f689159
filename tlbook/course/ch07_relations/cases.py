"""The cases of chapter 07: what ``signnet`` knows about letters, and who says what resembles what.

Everything here is about classes, and none of it sees a target picture: the mean features of the
known letters, a person's table of look-alikes, and profiles learned from a few *printed* pictures
of the new classes. Printed digits come from the fonts; the target's digits are handwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook.data.fonts import COMPUTER_MODERN, DEJAVU, DIGITS, STIX
from tlbook.data.glyphs import balanced_labels, draw_glyphs
from tlbook.data.random import generator
from tlbook.data.signs import GLYPH, HELD_OUT, SOURCE_LETTERS, load_signs, paint
from tlbook.data.warp import Warp
from tlbook.domains import Task
from tlbook.finetuning import cached_features
from tlbook.models import pretrained
from tlbook.relations import class_profiles, look_alikes, soften

# Written down from memory of the shapes, before anything was measured.
TOLD_DIGITS = {
    "0": "OoQDΘθ", "1": "Ilitj", "2": "Zz", "3": "ζξεBS", "4": "YqΛyu",
    "5": "Ss", "6": "bσδGC", "7": "TJzYy", "8": "BSθ", "9": "qpρP",
}  # fmt: skip
TOLD_LETTERS = {
    "A": "ΛΔ", "E": "FΣΞB", "H": "NMKh", "R": "PBK", "a": "oeαs",
    "d": "bqδ", "g": "qyp", "Γ": "FTLP", "Ω": "QOUn", "λ": "xΛyX",
}  # fmt: skip
# "A small letter looks like its capital": true of C c, O o, S s, X x … among the known letters.
# The new letters were held out because they have no such twin: there it is false.
CASE_PAIRS = {
    "A": "α", "E": "eε", "H": "hη", "R": "rρ", "a": "Λ",
    "d": "DΔ", "g": "G", "Γ": "γ", "Ω": "ω", "λ": "Λ",
}  # fmt: skip

N_PRINTS = 120  # printed pictures behind a learned profile: twelve for each class


@dataclass(frozen=True)
class Known:
    """What is carried over from the letters: no picture, only numbers about classes.

    Attributes
    ----------
    names : tuple of str
        The 71 letters.
    prototypes : array of shape (71, 128)
        Mean features of each letter.
    scale : (mean, sd)
        Of the features over all letters' pictures.
    """

    names: tuple[str, ...]
    prototypes: np.ndarray
    scale: tuple[np.ndarray, np.ndarray]


@lru_cache(maxsize=1)
def network() -> Any:
    """Return ``signnet``."""
    return pretrained("signnet")


@lru_cache(maxsize=1)
def known() -> Known:
    """Return what 2,000 letters that the network was not trained on tell about the letters."""
    letters = load_signs(seed=0).validation
    Z = features(letters.X)
    means = np.stack([Z[letters.y == s].mean(axis=0) for s in range(len(SOURCE_LETTERS))])
    return Known(tuple(SOURCE_LETTERS), means, (Z.mean(axis=0), Z.std(axis=0)))


def features(X: Any) -> np.ndarray:
    """Return the 128 features of ``signnet``."""
    return cached_features(network(), X)


def letter_logits(Z: np.ndarray) -> np.ndarray:
    """Return ``signnet``'s logits over the 71 letters for features (n, 128)."""
    head = network().head
    return Z @ head.weight.detach().numpy().T + head.bias.detach().numpy()


@lru_cache(maxsize=8)
def prints(characters: str, seed: int = 0, n: int = N_PRINTS) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, 128) and labels of *printed* pictures of new classes.

    Digits are printed in DejaVu (the target's are handwritten); letters in STIX and Computer
    Modern (the target's are in DejaVu). All on the source's half of the photographs.
    """
    fonts = DEJAVU if characters == DIGITS else STIX + COMPUTER_MODERN
    rng = generator("relation prints", seed)
    y = balanced_labels(n, len(characters), rng)
    strokes = draw_glyphs(y, characters, fonts, GLYPH, Warp(), rng)
    return features(paint(strokes, "left", rng).astype(np.float32) / 255), y


def told(table: dict[str, str]) -> np.ndarray:
    """Return the profiles that a person's table tells."""
    return look_alikes(table, SOURCE_LETTERS)


def learned(characters: str, temperature: float = 1.0, seed: int = 0) -> np.ndarray:
    """Return profiles (new, 71): what the letter network answers to prints of the new classes."""
    Z, y = prints(characters, seed)
    return class_profiles(soften(letter_logits(Z), temperature), y, len(characters))


class CachedTask:
    """A task whose pictures are replaced by features, for many quick trials.

    ``label(k, seed)`` and ``score(predict)`` are the task's own: labels stay sealed, looks are
    counted; ``predict`` takes features.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._test: np.ndarray | None = None

    def label(self, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Buy k labels per class and return features and labels."""
        X, y = self.task.label(k, seed=seed)
        return features(X), y

    def score(self, predict: Any) -> float:
        """Return the accuracy on the test part."""
        return self.task.score(lambda X: predict(self._features(X)))

    def _features(self, X: np.ndarray) -> np.ndarray:
        if self._test is None:
            self._test = features(X)
        return self._test


@lru_cache(maxsize=8)
def cached_task(name: str, seed: int) -> CachedTask:
    """Return ``signs`` or ``signs-letters`` with cached features."""
    from tlbook import data

    return CachedTask(data.load(name, seed=seed))


def characters_of(name: str) -> str:
    """Return the target classes of a task as one string."""
    return DIGITS if name == "signs" else HELD_OUT
