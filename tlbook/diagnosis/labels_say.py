"""What labeled target rows say: only they can speak about changed answers (concept shift)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.diagnosis.accuracy import LABELED, RIGHTS, Estimate
from tlbook.diagnosis.bench import Rehearsals
from tlbook.diagnosis.remedies import REMEDIES
from tlbook.diagnosis.source_model import SourceModel

AGAINST = 0.01
"""An assumption is given up where labels as bad, or as good, are less probable than this."""


@dataclass(frozen=True, eq=False)
class LabelsSay:
    """Accuracy on the labeled target rows, and which assumptions it speaks against.

    Attributes
    ----------
    n : int
    accuracy, low, high : float
        Of the source model without adaptation, in percent, with Wilson's 95 % interval.
    predicted : dict
        What each assumption that fits the inputs had predicted, in percent.
    against : dict
        p-value of each assumption that the labels speak against.
    worse : bool
        Whether the accuracy is below that on held-out source rows, at the 1 % level.
    gains : dict of arrays of shape (n,)
        For each remedy and row: 1 right instead of wrong, −1 wrong instead of right, else 0.
    """

    n: int
    accuracy: float
    low: float
    high: float
    predicted: dict[str, float]
    against: dict[str, float]
    worse: bool
    gains: dict[str, np.ndarray]

    @property
    def answers_changed(self) -> bool:
        """Whether only changed answers are left: worse than in the source and than predicted.

        Worse than on held-out source rows, and worse than under every assumption that fits the
        inputs. A model that does better than the assumptions predict refutes them, too, but it
        shows no concept shift.
        """
        return self.worse and all(self.accuracy < each for each in self.predicted.values())

    @property
    def estimate(self) -> Estimate:
        """The accuracy on the target as these rows measure it."""
        return Estimate(LABELED, self.accuracy, self.low, self.high, *RIGHTS[LABELED])


def ask_labels(
    X: np.ndarray,
    y: np.ndarray,
    Xt: np.ndarray,
    labeled: tuple[np.ndarray, np.ndarray],
    model: SourceModel,
    tried: Rehearsals,
    seed: int = 0,
) -> LabelsSay:
    """Compare labels of target rows with what each assumption predicts; judge each remedy.

    Parameters
    ----------
    X, y, Xt : arrays
        Source and unlabeled target.
    labeled : (X, y)
        Target rows with labels, drawn at random.
    model : SourceModel
    tried : Rehearsals
        Of the assumptions that fit the inputs.
    seed : int
    """
    rows, truth = labeled
    right = {}
    for name, remedy in REMEDIES.items():
        if name in tried.skipped:
            continue
        try:
            right[name] = remedy.fit(X, y, Xt, model.classifier, seed)(rows) == truth
        except ValueError:  # as in a rehearsal
            continue
    base = right["none"]
    hits, n = int(base.sum()), len(truth)
    predicted, against = {}, {}
    for name, accuracies in tried.values.items():
        shares = accuracies["none"] / 100
        predicted[name] = 100 * float(shares.mean())
        spread = float(shares.std(ddof=1) / np.sqrt(len(shares))) if len(shares) > 1 else 0.0
        p_value = _how_odd(hits, n, float(shares.mean()), spread)
        if p_value < AGAINST:
            against[name] = p_value
    own = model.right
    error = float(own.std() / np.sqrt(len(own)))
    worse = hits / n < own.mean() and _how_odd(hits, n, float(own.mean()), error) < AGAINST
    low, high = wilson(hits, n)
    gains = {name: hit.astype(int) - base for name, hit in right.items()}
    return LabelsSay(n, 100 * hits / n, low, high, predicted, against, worse, gains)


def _how_odd(hits: int, n: int, expected: float, spread: float) -> float:
    """Return the two-sided p-value of ``hits`` of n, where the expected share is uncertain too."""
    from scipy.stats import norm

    share = (hits + 1) / (n + 2)  # a sure expectation of 100 % has no spread of its own
    variance = max(expected * (1 - expected), share * (1 - share) / 2) / n + spread**2
    return float(2 * norm.sf(abs(hits / n - expected) / np.sqrt(variance)))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, in percent.

    Examples
    --------
    >>> [round(limit, 1) for limit in wilson(45, 60)]
    [62.8, 84.2]
    """
    from scipy.stats import binomtest

    found = binomtest(hits, n).proportion_ci(method="wilson")
    return 100 * float(found.low), 100 * float(found.high)
