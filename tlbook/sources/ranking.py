"""Several sources by several scores in one table, and what such a ranking is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tlbook._base.checks import check_array, check_choice
from tlbook._base.named import named
from tlbook.sources.entropy import nleep
from tlbook.sources.evidence import logme
from tlbook.sources.spread import h_score, transrate
from tlbook.sources.trial import nearest_neighbor_score, probe_score

SCORES: dict[str, Callable[[Any, Any], float]] = {
    "5-fold probe": probe_score,
    "nearest neighbor": nearest_neighbor_score,
    "LogME": logme,
    "H-score": h_score,
    "NLEEP": nleep,
    "TransRate": transrate,
}
"""Scores of (features, labels) by name; in each, larger is better."""


@named
def rank_sources(
    sources: Mapping[str, Any],
    y: Any,
    scores: Mapping[str, Callable[[Any, Any], float]] | None = None,
    order: str = "5-fold probe",
) -> pd.DataFrame:
    """Return a table of sources and scores, the best source by ``order`` first.

    All sources see the same labeled target rows. What the table cannot say is whether its first two
    rows differ by more than luck: repeat it with other labeled rows, and see :func:`noise_ceiling`.

    Parameters
    ----------
    sources : mapping of str to array of shape (n, d)
        Features that each frozen source network makes of the labeled target rows; d may differ.
    y : array of shape (n,)
        Target classes of these rows.
    scores : mapping of str to function(features, y), optional
        ``SCORES`` if left out; a score of your own joins by its name.
    order : str
        The score to sort by.

    Returns
    -------
    pandas.DataFrame
        One row for each source (index ``source``), one column for each score.

    Raises
    ------
    ValueError
        If there are fewer than two sources, the order is unknown, or arrays do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import rank_sources
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(60) % 3
    >>> sources = {
    ...     "unrelated": rng.normal(size=(60, 8)),
    ...     "letters": 3 * np.eye(3)[y] + rng.normal(size=(60, 3)),
    ... }
    >>> rank_sources(sources, y).index.tolist()
    ['letters', 'unrelated']
    """
    functions = dict(SCORES if scores is None else scores)
    check_choice(order, "order", functions)
    if len(sources) < 2:
        raise ValueError(f"sources: got {len(sources)}, want at least 2 to choose from")
    rows: dict[str, dict[str, float]] = {}
    for source, features in sources.items():
        try:
            rows[source] = {
                name: float(function(features, y)) for name, function in functions.items()
            }
        except ValueError as error:
            raise ValueError(f"sources[{source!r}]: {error}") from error
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(functions))
    return table.rename_axis("source").sort_values(order, ascending=False, kind="stable")


@named
def weighted_tau(scores: Any, truth: Any) -> float:
    r"""Return Kendall's weighted rank correlation of scores with the truth.

    .. math:: \tau_w = \frac{\sum_{i<j} w_{ij}\, \mathrm{sgn}(s_i - s_j)\, \mathrm{sgn}(t_i - t_j)}
        {\sum_{i<j} w_{ij}}, \qquad w_{ij} = \frac{1}{r_i + 1} + \frac{1}{r_j + 1}

    with ranks r from 0 for the best by the truth: a pair at the top counts more than one at the
    bottom. (SciPy's default averages this over the ranks by scores and by truth; here, as in the
    papers on transferability, the default is used.)

    Parameters
    ----------
    scores, truth : arrays of shape (sources,)
        At least two sources.

    Returns
    -------
    float in [−1, 1]
        0 where the scores are all equal and therefore rank nothing.

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two, or values are not finite.

    References
    ----------
    Vigna, A weighted correlation index for rankings with ties, WWW 2015.

    Examples
    --------
    >>> from tlbook.sources import weighted_tau
    >>> truth = [70, 60, 50, 40]
    >>> round(weighted_tau([4, 3, 2, 1], truth), 6)
    1.0
    >>> weighted_tau([3, 4, 2, 1], truth) < weighted_tau([4, 3, 1, 2], truth)  # the top counts more
    True
    """
    from scipy.stats import weightedtau

    s, t = _pair(scores, truth)
    if np.ptp(s) == 0 or np.ptp(t) == 0:
        return 0.0
    return float(weightedtau(s, t).statistic)


@named
def regret(scores: Any, truth: Any, k: int = 1) -> float:
    r"""Return what following a score costs: best truth less the best truth among its first k.

    .. math:: \max_i t_i - \max_{i \in \mathrm{top}_k(s)} t_i

    Unlike a rank correlation it has the units of the truth, and it forgives every confusion among
    sources that are equally good. Of equal scores the one that came first is taken.

    Parameters
    ----------
    scores, truth : arrays of shape (sources,)
    k : int
        How many of the first sources may be tried out.

    Returns
    -------
    float, at least 0

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two sources, or k does not fit.

    Examples
    --------
    >>> from tlbook.sources import regret
    >>> regret([0.9, 0.8, 0.1], [70, 72, 50])  # the score's favorite loses two points
    2.0
    >>> regret([0.9, 0.8, 0.1], [70, 72, 50], k=2)
    0.0
    """
    s, t = _pair(scores, truth)
    if not 1 <= k <= len(s):
        raise ValueError(f"k: got {k}, want 1 … {len(s)}, the number of sources")
    chosen = np.argsort(-s, kind="stable")[:k]
    return float(t.max() - t[chosen].max())


@named
def noise_ceiling(truths: Any, measure: Callable[[Any, Any], float] = weighted_tau) -> np.ndarray:
    """Return how well the truth of one seed ranks the truth of another, for all pairs of seeds.

    A yardstick for rank correlations, not a bound. A score sees the networks and the labeled rows
    of the run that it ranks, and another run does not, so a score may lie a little above. Where
    the ceiling is near 0, one run says nothing about the order of the sources in the next one.

    Parameters
    ----------
    truths : array of shape (seeds, sources)
        Accuracy after transfer; at least two seeds (other labeled rows, other starts).
    measure : function(scores, truth) -> float
        ``weighted_tau``, ``regret`` or another.

    Returns
    -------
    array of shape (seeds · (seeds − 1),)
        One value for each ordered pair of seeds. They share seeds: an interval over them is too
        narrow.

    Raises
    ------
    ValueError
        If there are fewer than two seeds or sources.

    Examples
    --------
    >>> from tlbook.sources import noise_ceiling
    >>> noise_ceiling([[70, 60, 50], [71, 58, 52]]).tolist()  # two seeds, one ranking
    [1.0, 1.0]
    """
    T = check_array(truths, "truths", ndim=2, min_rows=2).astype(np.float64)
    seeds = range(len(T))
    return np.array([measure(T[a], T[b]) for a in seeds for b in seeds if a != b])


def _pair(scores: Any, truth: Any) -> tuple[np.ndarray, np.ndarray]:
    s = check_array(scores, "scores", ndim=1, min_rows=2).astype(np.float64)
    t = check_array(truth, "truth", ndim=1, min_rows=2).astype(np.float64)
    if len(s) != len(t):
        raise ValueError(f"truth: got {len(t)} values, want {len(s)}, one per score")
    return s, t
