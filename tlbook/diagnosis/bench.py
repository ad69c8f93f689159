"""The remedies tried where labels are known: on source rows changed as an assumption says."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tlbook.diagnosis.assumptions import Assumption
from tlbook.diagnosis.remedies import REMEDIES

LEARN = 0.6
"""Share of the source rows that learn in a rehearsal; the others become its target."""


@dataclass(frozen=True)
class Expected:
    """What a remedy is expected to gain over "none", in points of accuracy.

    Attributes
    ----------
    remedy : str
    gain, low, high : float
        Mean over the rehearsals of the assumption under which it gains *least*; the interval is
        that of one further rehearsal, from the lowest to the highest of all assumptions.
    sure : float
        The smallest, over the assumptions, of mean minus standard error of the mean gain.
    by_assumption : dict
        Mean gain under each assumption that fits.
    """

    remedy: str
    gain: float
    low: float
    high: float
    sure: float
    by_assumption: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Rehearsals:
    """Accuracies in percent: ``values[assumption][remedy]`` is an array of one per rehearsal."""

    values: dict[str, dict[str, np.ndarray]]
    skipped: tuple[str, ...] = ()


def rehearse(
    X: np.ndarray,
    y: np.ndarray,
    assumptions: Sequence[Assumption],
    classifier: Any,
    rehearsals: int = 6,
    deadline: float = float("inf"),
    seed: int = 0,
) -> Rehearsals:
    """Try every remedy on made targets, some times under each assumption.

    Parameters
    ----------
    X, y : arrays of shape (n, d) and (n,)
        The source.
    assumptions : sequence of Assumption
        Those that fit.
    classifier : scikit-learn classifier
    rehearsals : int
        Under each assumption.
    deadline : float
        Of ``time.monotonic()``; from then on remedies are left out, after two rehearsals of each.
    seed : int
    """
    values: dict[str, dict[str, list[float]]] = {}
    failed: set[str] = set()
    for assumption in assumptions:
        here = values.setdefault(assumption.name, {name: [] for name in REMEDIES})
        for r in range(rehearsals):
            if r >= 2 and time.monotonic() > deadline:
                break
            accuracies = one_rehearsal(X, y, assumption, classifier, r, seed, failed)
            failed |= set(REMEDIES) - set(accuracies)
            for name, accuracy in accuracies.items():
                here[name].append(accuracy)
    return collected(values, failed)


def one_rehearsal(
    X: np.ndarray,
    y: np.ndarray,
    assumption: Assumption,
    classifier: Any,
    r: int,
    seed: int = 0,
    skip: Iterable[str] = (),
) -> dict[str, float]:
    """Return the accuracy in percent of every remedy on one made target, without those that fail.

    Parameters
    ----------
    X, y, assumption, classifier, seed
        As in :func:`rehearse`.
    r : int
        Which of the rehearsals under this assumption.
    skip : names of remedies
        That need not be tried.
    """
    from sklearn.model_selection import train_test_split

    rng = np.random.default_rng([seed, r])
    parts = train_test_split(X, y, train_size=LEARN, stratify=y, random_state=seed + 1000 * r)
    Xp, yp = assumption.draw(parts[1], parts[3], rng)
    found = {}
    for name, remedy in REMEDIES.items():
        if name in skip:
            continue
        try:
            answers = remedy.fit(parts[0], parts[2], Xp, classifier, r)(Xp)
        except ValueError:  # every row got one class, no class left, no overlap at all
            continue
        found[name] = 100 * float(np.mean(answers == yp))
    return found


def collected(values: Mapping[str, Mapping[str, list[float]]], failed: set[str]) -> Rehearsals:
    """Return what was measured, without the remedies that failed anywhere."""
    kept = {
        assumption: {name: np.array(v) for name, v in here.items() if name not in failed}
        for assumption, here in values.items()
    }
    return Rehearsals(kept, tuple(sorted(failed)))


def expected_gains(
    rehearsals: Mapping[str, Mapping[str, np.ndarray]], less_certain: Collection[str] = ()
) -> list[Expected]:
    """Return what each remedy is expected to gain, the largest first; empty without rehearsals.

    Parameters
    ----------
    rehearsals : mapping
        ``rehearsals[assumption][remedy]``: an array of accuracies in percent.
    less_certain : names of assumptions
        That do not fit and are the least bad: their gains count as spread twice as widely.
    """
    found = []
    names = next(iter(rehearsals.values()), {})
    for name in names:
        if name == "none":
            continue
        means, lows, highs, sure = {}, [], [], []
        for assumption, accuracies in rehearsals.items():
            gains = accuracies[name] - accuracies["none"]
            wide = 2 if assumption in less_certain else 1
            mean, half = float(gains.mean()), wide * further(gains)
            means[assumption] = mean
            lows.append(mean - half)
            highs.append(mean + half)
            sure.append(mean - wide * float(gains.std(ddof=1) / np.sqrt(len(gains))))
        found.append(Expected(name, min(means.values()), min(lows), max(highs), min(sure), means))
    return sorted(found, key=lambda each: -each.gain)


def further(values: np.ndarray) -> float:
    r"""Return half the width of the 95 % interval for one further value (Student).

    .. math:: t_{n-1} \, s \sqrt{1 + 1/n}
    """
    from scipy.stats import t

    n = len(values)
    return float(t.ppf(0.975, n - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / n))
