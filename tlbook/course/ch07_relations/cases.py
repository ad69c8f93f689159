"""The tasks of chapter 07: what ``signnet`` knows about letters, and who says what resembles what.

Everything here is about classes, and none of it sees a target picture: the mean features of the
known letters, a person's table of look-alikes, and profiles learned from a few *printed* pictures
of the new classes. Printed digits come from the fonts; the target's digits are handwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook import data
from tlbook.course.pretraining.networks import signnet
from tlbook.data.fonts import COMPUTER_MODERN, DEJAVU, DIGITS, STIX
from tlbook.data.glyphs import balanced_labels, draw_glyphs
from tlbook.data.random import generator
from tlbook.data.signs import GLYPH, HELD_OUT, SOURCE_LETTERS, load_signs, paint
from tlbook.data.warp import Warp
from tlbook.domains import Task
from tlbook.finetuning import cached_features
from tlbook.relations import class_profiles, soften, stated_profiles

# Written down from memory of the shapes, before anything was measured.
DIGIT_LOOK_ALIKES = {
    "0": "OoQDΘθ", "1": "Ilitj", "2": "Zz", "3": "ζξεBS", "4": "YqΛyu",
    "5": "Ss", "6": "bσδGC", "7": "TJzYy", "8": "BSθ", "9": "qpρP",
}  # fmt: skip
LETTER_LOOK_ALIKES = {
    "A": "ΛΔ", "E": "FΣΞB", "H": "NMKh", "R": "PBK", "a": "oeαs",
    "d": "bqδ", "g": "qyp", "Γ": "FTLP", "Ω": "QOUn", "λ": "xΛyX",
}  # fmt: skip
# "A small letter looks like its capital": true of C c, O o, S s, X x … among the known letters.
# The new letters were held out because they have no such twin: there it is false.
CASE_PAIRS = {
    "A": "α", "E": "eε", "H": "hη", "R": "rρ", "a": "Λ",
    "d": "DΔ", "g": "G", "Γ": "γ", "Ω": "ω", "λ": "Λ",
}  # fmt: skip

N_FEATURES = 128
N_PRINTS = 120  # printed pictures behind a learned profile: twelve for each class


@dataclass(frozen=True)
class SourceLetters:
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
def source_letters() -> SourceLetters:
    """Return what 2,000 letters that the network was not trained on tell about the letters."""
    letters = load_signs(seed=0).validation
    Z = features(letters.X)
    means = np.stack([Z[letters.y == s].mean(axis=0) for s in range(len(SOURCE_LETTERS))])
    return SourceLetters(tuple(SOURCE_LETTERS), means, (Z.mean(axis=0), Z.std(axis=0)))


def features(X: Any) -> np.ndarray:
    """Return the 128 features of ``signnet``."""
    return cached_features(signnet(), X)


def letter_logits(Z: np.ndarray) -> np.ndarray:
    """Return ``signnet``'s logits over the 71 letters for features (n, 128)."""
    head = signnet().head
    return Z @ head.weight.detach().numpy().T + head.bias.detach().numpy()


@lru_cache(maxsize=8)
def printed_features(
    characters: str, seed: int = 0, n: int = N_PRINTS
) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, 128) and labels of *printed* pictures of new classes.

    Digits are printed in DejaVu (the target's are handwritten); letters in STIX and Computer
    Modern (the target's are in DejaVu). All on the source's half of the photographs.
    """
    fonts = DEJAVU if characters == DIGITS else STIX + COMPUTER_MODERN
    rng = generator("relation prints", seed)
    y = balanced_labels(n, len(characters), rng)
    strokes = draw_glyphs(y, characters, fonts, GLYPH, Warp(), rng)
    return features(paint(strokes, "left", rng).astype(np.float32) / 255), y


def look_alike_profiles(table: dict[str, str]) -> np.ndarray:
    """Return the profiles (new, 71) that a person's table of look-alikes tells."""
    return stated_profiles(table, SOURCE_LETTERS)


def learned_profiles(characters: str, temperature: float = 1.0, seed: int = 0) -> np.ndarray:
    """Return profiles (new, 71): what the letter network answers to prints of the new classes."""
    Z, y = printed_features(characters, seed)
    return class_profiles(soften(letter_logits(Z), temperature), y, len(characters))


class CachedTask:
    """A task whose pictures are replaced by features, for many quick trials.

    ``label(k, seed)``, ``score(predict)`` and ``looks`` are the task's own: labels stay sealed and
    looks are counted; ``predict`` takes features.

    Attributes
    ----------
    characters : str
        The target's classes.
    """

    def __init__(self, task: Task, characters: str) -> None:
        self.task, self.characters = task, characters
        self._features: dict[Any, np.ndarray] = {}

    @property
    def looks(self) -> int:
        """How often target labels were looked at."""
        return self.task.looks

    def label(self, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Buy k labels per class and return features and labels; k = 0 buys none."""
        if k == 0:
            return np.empty((0, N_FEATURES)), np.empty(0, dtype=int)
        X, y = self.task.label(k, seed=seed)
        return self._once((k, seed), X), y

    def score(self, predict: Any) -> float:
        """Return the accuracy on the test part."""
        return self.task.score(lambda X: predict(self._once("test", X)))

    def _once(self, key: Any, X: np.ndarray) -> np.ndarray:
        if key not in self._features:
            self._features[key] = features(X)
        return self._features[key]


@lru_cache(maxsize=8)
def cached_task(name: str, seed: int) -> CachedTask:
    """Return ``signs`` or ``signs-letters`` with cached features."""
    return CachedTask(data.load(name, seed=seed), DIGITS if name == "signs" else HELD_OUT)
