"""How many labels to buy, and of which rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook.diagnosis.source_model import SourceModel

BATCH = 20
PRECISION = 5.0
"""Half width, in points, of the interval that the labels for measuring should give; where the
target has too few rows for it, all of them are asked for."""


@dataclass(frozen=True)
class Purchase:
    """Labels to buy.

    Attributes
    ----------
    to_measure : int
        Rows, drawn at random, whose labels give the accuracy to ± 5 points (95 %), or as many as
        there are.
    precision : float
        Half width of the interval that they give, in points.
    first : tuple of int
        Numbers of the target rows to label first for training: unsure ones that differ.
    curve : dict
        Labeled target rows that joined the source → accuracy in percent on others, where labeled
        rows were given.
    words : str
    """

    to_measure: int
    precision: float
    first: tuple[int, ...]
    curve: dict[int, float]
    words: str


def to_buy(
    model: SourceModel,
    fitted: Any,
    source: tuple[np.ndarray, np.ndarray],
    target: np.ndarray,
    numbers: np.ndarray,
    labeled: tuple[np.ndarray, np.ndarray] | None,
    estimate: float,
    seed: int = 0,
) -> Purchase:
    """Say how many labels to buy, and which rows to label first.

    Parameters
    ----------
    model : SourceModel
    fitted : scikit-learn classifier
        The same, fitted to the whole source.
    source : (X, y)
    target : array of shape (m, d)
    numbers : array of shape (m,)
        Row numbers as the user knows them.
    labeled : (X, y), optional
    estimate : float
        Of the accuracy on the target, in percent.
    seed : int
    """
    share = min(max(estimate / 100, 0.05), 0.95)
    wanted = int(np.ceil(share * (1 - share) * (1.96 / (PRECISION / 100)) ** 2))
    needed = min(wanted, len(target))
    precision = PRECISION
    if needed < wanted:
        precision = 196 * float(np.sqrt(share * (1 - share) / needed))
    first = tuple(int(numbers[row]) for row in unsure_and_different(fitted, target, seed))
    curve = {} if labeled is None else growth(model, source, labeled, seed)
    if len(curve) < 2:
        rows = f"{needed} target rows drawn at random"
        if needed < wanted:
            rows = f"all {needed} target rows with labels"
        words = (
            f"{rows} measure the accuracy to about ± {precision:.0f} points; "
            f"for training, begin with the {len(first)} rows named here"
        )
        return Purchase(needed, precision, first, curve, words)
    sizes = list(curve)
    gained = curve[sizes[-1]] - curve[sizes[0]]
    last = curve[sizes[-1]] - curve[sizes[-2]]
    held = len(labeled[1]) - sizes[-1]  # type: ignore[index]
    if held < BATCH:
        verdict = f"{held} rows to measure it on are too few to say whether more would pay"
    elif min(gained, last) >= 1:
        verdict = "the last step still helped: buy as many again"
    else:
        verdict = "the last step brought less than a point: more labels of this kind may not pay"
        if gained < 1:
            verdict = "more labels of this kind may not pay"
    words = (
        f"from {sizes[0]} to {sizes[-1]} labeled target rows that joined the source the accuracy "
        f"changed by {gained:+.1f} points; {verdict}"
    )
    return Purchase(needed, precision, first, curve, words)


def unsure_and_different(fitted: Any, target: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return row numbers: from each of 20 groups of the least sure half, the least sure row.

    The first is the least sure of all.
    """
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    posteriors = np.sort(fitted.predict_proba(target), axis=1)
    margin = posteriors[:, -1] - posteriors[:, -2]
    unsure = np.argsort(margin, kind="stable")[: max(BATCH, len(target) // 2)]
    rows = StandardScaler().fit_transform(target[unsure])
    groups = min(BATCH, len(np.unique(rows, axis=0)))
    label = KMeans(groups, n_init=1, random_state=seed).fit_predict(rows)
    chosen = [unsure[label == g][0] for g in range(groups)]  # sorted by margin already
    return np.array(sorted(chosen, key=lambda row: margin[row]))


def growth(
    model: SourceModel,
    source: tuple[np.ndarray, np.ndarray],
    labeled: tuple[np.ndarray, np.ndarray],
    seed: int = 0,
    repeats: int = 10,
) -> dict[int, float]:
    """Return the accuracy on one third of the labeled rows after some of the others joined.

    A labeled target row counts as five source rows.
    """
    from sklearn.base import clone
    from sklearn.preprocessing import StandardScaler

    X, y = source
    rows, truth = labeled
    learning = 2 * len(truth) // 3
    sizes = [0, *(s for s in (5, 10, 20, 40, 80, 160, 320, 640) if s < learning), learning]
    if len(truth) < 15:
        return {}
    found: dict[int, list[float]] = {size: [] for size in sizes}
    scaler = StandardScaler().fit(X)
    for r in range(repeats):
        order = np.random.default_rng([seed, r]).permutation(len(truth))
        held = order[learning:]
        for size in sizes:
            new = order[:size]
            both = scaler.transform(np.concatenate([X, *[rows[new]] * 5]))
            answers = clone(model.classifier).fit(both, np.concatenate([y, *[truth[new]] * 5]))
            hits = answers.predict(scaler.transform(rows[held])) == truth[held]
            found[size].append(100 * float(hits.mean()))
    return {size: float(np.mean(values)) for size, values in found.items()}
