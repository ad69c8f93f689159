"""Was this row in the training set? The likelihood-ratio attack, and what it finds for sure."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm

from tlbook._base.checks import check_array, check_probability
from tlbook._base.named import named
from tlbook.selection._inputs import check_posteriors
from tlbook.trust._labels import class_codes

SMALLEST = 1e-12
"""Probabilities count as at least this, and as at most one less this: their logit is finite."""


@named
def logit_confidence(posteriors: Any, y: Any) -> np.ndarray:
    r"""Return the logit of the probability of the true class, which is close to normal.

    .. math:: \phi = \log \frac{p_y}{1 - p_y}

    Parameters
    ----------
    posteriors : array of shape (n, k)
    y : array of shape (n,)
        True classes 0 … k − 1.

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    ValueError
        If rows are no probabilities or labels do not fit.

    Examples
    --------
    >>> from tlbook.trust import logit_confidence
    >>> logit_confidence([[0.5, 0.5], [0.9, 0.1]], [0, 0]).round(2)
    array([0. , 2.2])
    """
    P = check_posteriors(posteriors, "posteriors")
    rows = np.arange(len(P))
    labels = class_codes(y, *P.shape)
    own = P[rows, labels]
    others = P.copy()
    others[rows, labels] = 0  # 1 − p by the sum of the others: exact where p is nearly 1
    return np.log(np.maximum(own, SMALLEST)) - np.log(np.maximum(others.sum(axis=1), SMALLEST))


@named
def likelihood_ratio(shadows: Any, members: Any, observed: Any) -> np.ndarray:
    r"""Return how much more likely each row was in the training set than not (LiRA).

    .. math:: \Lambda_i = \log N(\phi_i;\, \mu_i^{\mathrm{in}}, \sigma_{\mathrm{in}}^2)
        - \log N(\phi_i;\, \mu_i^{\mathrm{out}}, \sigma_{\mathrm{out}}^2)

    Shadow models are trained on random halves of the rows; for each row their confidences with it
    and without it give two normal distributions, and the model under attack is read against both.
    The variances are pooled over rows, as the authors advise for few shadow models.

    Parameters
    ----------
    shadows : array of shape (models, n)
        :func:`logit_confidence` of each shadow model on each row.
    members : bool array of shape (models, n)
        Whether row i was in the training set of shadow model s; each row at least once with and
        once without.
    observed : array of shape (n,)
        The confidences of the model under attack.

    Returns
    -------
    array of shape (n,)
        Above 0: more like the models that had the row.

    Raises
    ------
    ValueError
        If shapes do not fit or a row is never in, or never out.

    References
    ----------
    Carlini, Chien, Nasr, Song, Terzis and Tramèr, Membership inference attacks from first
    principles, IEEE S&P 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import likelihood_ratio
    >>> rng = np.random.default_rng(0)
    >>> members = rng.permuted(np.arange(16)[:, None] % 2 == np.zeros((1, 200)), axis=0)
    >>> shadows = rng.normal(size=(16, 200)) + 2 * members  # sure of what they have seen
    >>> ratio = likelihood_ratio(shadows[1:], members[1:], shadows[0])
    >>> bool(ratio[members[0]].mean() > 0 > ratio[~members[0]].mean())
    True
    """
    S = check_array(shadows, "shadows", ndim=2, min_rows=2).astype(np.float64)
    M = np.asarray(members)
    if M.dtype != bool or M.shape != S.shape:
        raise ValueError(
            f"members: got {M.dtype} of shape {M.shape}, want bool of shape {S.shape} as shadows"
        )
    phi = check_array(observed, "observed", ndim=1).astype(np.float64)
    if len(phi) != S.shape[1]:
        raise ValueError(f"observed: got {len(phi)} values, want {S.shape[1]}, one per row")
    if not (M.any(axis=0) & (~M).any(axis=0)).all():
        raise ValueError("members: got a row that is always or never in, want both for each row")
    inside, outside = (_normal(S, part) for part in (M, ~M))
    return norm.logpdf(phi, *inside) - norm.logpdf(phi, *outside)


def _normal(S: np.ndarray, part: np.ndarray) -> tuple[np.ndarray, float]:
    """Return each row's mean over the models in ``part``, and one pooled standard deviation."""
    counts = part.sum(axis=0)
    means = np.where(part, S, 0).sum(axis=0) / counts
    squares = np.where(part, (S - means) ** 2, 0).sum()
    return means, float(np.sqrt(squares / max((counts - 1).sum(), 1))) or SMALLEST


@named
def true_positive_rate(scores: Any, members: Any, false_positives: float = 0.01) -> float:
    r"""Return the share of members found at a share of false alarms.

    .. math:: \max_t\ P(s \ge t \mid \text{in}) \quad\text{with}\quad
        P(s \ge t \mid \text{out}) \le \text{false positives}

    What a secret is worth is decided in this tail: an attack that is right in 51 % of all cases may
    be certain of a few rows, and that is a leak. By luck it is ``false_positives``.

    Parameters
    ----------
    scores : array of shape (n,)
        Larger: more like a member.
    members : bool array of shape (n,)
    false_positives : float in [0, 1]

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If lengths differ or one of the two kinds is missing.

    Examples
    --------
    >>> from tlbook.trust import true_positive_rate
    >>> scores = [9, 8, 3, 2, 5, 1, 0, 0]
    >>> members = [True] * 4 + [False] * 4
    >>> true_positive_rate(scores, members, 0.0)  # two members lie above every other row
    0.5
    """
    s = check_array(scores, "scores", ndim=1).astype(np.float64)
    M = np.asarray(members)
    if M.dtype != bool or M.shape != s.shape or M.all() or not M.any():
        raise ValueError(f"members: got {M.dtype} of shape {M.shape}, want bool with both kinds")
    others = np.sort(s[~M])[::-1]
    allowed = int(np.floor(check_probability(false_positives, "false_positives") * len(others)))
    # Strictly above the first other row that may not be called a member.
    return 1.0 if allowed >= len(others) else float((s[M] > others[allowed]).mean())
