"""Do two samples come from one distribution? Some tests, and one answer at a known level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.distances import median_bandwidth, mmd_test, standardize

SCALES = (0.25, 0.5, 1.0, 2.0)
"""Bandwidths of the aggregated MMD, as multiples of the median distance."""

LEVEL = 0.05
"""Of the whole answer."""


@dataclass(frozen=True, eq=False)
class TwoSample:
    """What the tests say about two samples.

    Attributes
    ----------
    auc : float
        How often a classifier that saw half of the rows ranks a target row of the other half above
        a source row: 0.5 tells nothing apart, 1 everything.
    p_classifier, p_mmd : float
    p_features : array of shape (d,)
        Of each feature alone (Kolmogorov and Smirnov), adjusted for their number (Holm).
    effects : array of shape (d,)
        Difference of the means in standard deviations of the source.
    p_answers : float, optional
        Of what a model of the source answers, where one was asked: sharp where it matters for it.
    """

    auc: float
    p_classifier: float
    p_mmd: float
    p_features: np.ndarray
    effects: np.ndarray
    p_answers: float | None = None

    @property
    def tests(self) -> int:
        """How many tests were made: three, and the one on a model's answers."""
        return 3 if self.p_answers is None else 4

    @property
    def p_value(self) -> float:
        """The smallest p-value, times the number of tests (Bonferroni)."""
        found = [self.p_classifier, self.p_mmd, float(self.p_features.min())]
        if self.p_answers is not None:
            found.append(self.p_answers)
        return min(1.0, self.tests * min(found))

    @property
    def found(self) -> bool:
        """Whether the samples differ at the level of the whole answer."""
        return self.p_value <= LEVEL


def two_sample(
    X: np.ndarray,
    Y: np.ndarray,
    permutations: int = 499,
    seed: int = 0,
    p_answers: float | None = None,
) -> TwoSample:
    """Test whether two samples come from one distribution.

    Parameters
    ----------
    X, Y : arrays of shape (n, d) and (m, d)
    permutations : int
        Of the MMD.
    seed : int
        Of the halves, the forest and the permutations.
    p_answers : float, optional
        Of a test on the answers that a model gives to both samples, to be counted with the others.
    """
    auc, p_classifier = classifier_test(X, Y, seed)
    spread = X.std(axis=0)
    effects = (Y.mean(axis=0) - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    p_mmd = aggregated_mmd(X, Y, permutations, seed)
    return TwoSample(auc, p_classifier, p_mmd, feature_tests(X, Y), effects, p_answers)


def classifier_test(X: np.ndarray, Y: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Return AUC and p-value of a domain classifier on the half of the rows that it did not see.

    The classifier averages a logistic regression and a forest. Given the classifier, the scores of
    the other half are independent, so the rank test (Mann and Whitney) is valid for any classifier.

    References
    ----------
    Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017.
    """
    from scipy.stats import mannwhitneyu
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, domain = np.concatenate([X, Y]), np.repeat([0, 1], [len(X), len(Y)])
    parts = train_test_split(rows, domain, test_size=0.5, stratify=domain, random_state=seed)
    seen, held, of_seen, of_held = parts
    forest = RandomForestClassifier(60, min_samples_leaf=5, random_state=seed)
    score = np.zeros(len(held))
    for model in (LogisticRegression(C=0.1, max_iter=1000), forest):
        fitted = make_pipeline(StandardScaler(), model).fit(seen, of_seen)
        score += fitted.predict_proba(held)[:, 1]
    target, source = score[of_held == 1], score[of_held == 0]
    test = mannwhitneyu(target, source, alternative="greater")
    return float(test.statistic / (len(target) * len(source))), float(test.pvalue)


def aggregated_mmd(X: np.ndarray, Y: np.ndarray, permutations: int = 499, seed: int = 0) -> float:
    r"""Return the p-value of the MMD with the bandwidth that speaks loudest.

    .. math:: T = \min_\sigma p_\sigma, \qquad
        p = \frac{1 + \#\{\text{relabelings with } T \le T_\text{observed}\}}{1 + B}

    The same relabelings serve every bandwidth, so the search over bandwidths is part of the null
    distribution and costs no level.

    References
    ----------
    Schrab, Kim, Albert, Laurent, Guedj and Gretton, MMD aggregated two-sample test, JMLR 2023
    (theirs corrects the levels; this one takes the smallest p-value).
    """
    X, Y = (Z.astype(np.float32) for Z in standardize(X, Y))
    width = median_bandwidth(X, Y)
    smallest = np.ones(permutations + 1)
    for scale in SCALES:
        test = mmd_test(X, Y, permutations, bandwidth=scale * width, seed=seed)
        values = np.append(test.statistic, test.null)
        above = len(values) - np.searchsorted(np.sort(values), values)  # itself included
        smallest = np.minimum(smallest, above / len(values))
    return float(np.mean(smallest <= smallest[0]))


def feature_tests(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return the p-value of each feature, shape (d,), adjusted by Holm's rule."""
    from scipy.stats import ks_2samp

    raw = np.array([ks_2samp(X[:, j], Y[:, j]).pvalue for j in range(X.shape[1])])
    return holm(raw)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for their number, step by step.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2)
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted
