"""Sample selection: the source rows most like the target, with weights of 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_positive, check_same_features
from tlbook._base.estimators import dense
from tlbook._base.named import named


@named
def select_similar(
    Xs: Any,
    Xt: Any,
    n: int,
    by: str = "matching",
    *,
    bandwidth: Any = "median",
    neighbors: int = 5,
    classifier: Any = None,
    seed: int = 0,
) -> np.ndarray:
    r"""Return the row numbers of the ``n`` source rows that suit the target best.

    Three meanings of "best", and only the first keeps the target's spread:

    - "matching": rows are taken one by one, each time the one that brings the MMD between the
      rows taken and the target down the most (kernel herding without replacement);
    - "ratio": the n rows with the largest density ratio (:class:`DensityRatio`);
    - "distance": the n rows with the smallest mean distance to their nearest target rows.

    Parameters
    ----------
    Xs, Xt : arrays of shape (n_s, d) and (n_t, d)
    n : int, from 1 to n_s
    by : {"matching", "ratio", "distance"}
    bandwidth : "median", float or sequence of float
        Of the Gaussian kernel of "matching".
    neighbors : int
        How many nearest target rows "distance" averages over.
    classifier, seed
        Of the ratio.

    Returns
    -------
    array of shape (n,), int
        Best first.

    Raises
    ------
    ValueError
        If arrays or parameters do not fit.

    References
    ----------
    Chen, Welling and Smola, Super-samples from kernel herding, UAI 2010 ("matching").
    """
    check_choice(by, "by", ("matching", "ratio", "distance"))
    source, target = dense(Xs, "Xs"), dense(Xt, "Xt")
    check_same_features(source, target, ("Xs", "Xt"))
    if check_positive(n, "n", integer=True) > len(source):
        raise ValueError(f"n: got {n}, want at most {len(source)}, the rows of the source")
    if by == "matching":
        return _matching(source, target, n, bandwidth)
    if by == "ratio":
        from tlbook.instances.ratio import DensityRatio

        score = -DensityRatio(classifier, seed=seed).fit(source, target).weights_
    else:
        from sklearn.neighbors import NearestNeighbors

        k = min(check_positive(neighbors, "neighbors", integer=True), len(target))
        score = NearestNeighbors(n_neighbors=k).fit(target).kneighbors(source)[0].mean(axis=1)
    return np.argsort(score, kind="stable")[:n]


def _matching(Xs: np.ndarray, Xt: np.ndarray, n: int, bandwidth: Any) -> np.ndarray:
    """Greedy: with t rows taken, the new one minimizes ‖(sum + φ(x)) / (t + 1) − mean φ(Xt)‖²."""
    from tlbook.distances.kernels import gaussian_kernel, resolve_bandwidths

    Xs, Xt = Xs.astype(np.float64), Xt.astype(np.float64)
    sigmas = resolve_bandwidths(Xs, Xt, bandwidth)
    to_target = gaussian_kernel(Xs, Xt, sigmas).mean(axis=1)
    to_taken, free = np.zeros(len(Xs)), np.ones(len(Xs), dtype=bool)
    taken = np.empty(n, dtype=int)
    for t in range(n):
        # Terms that do not depend on the candidate are left out; k(x, x) is the same for all.
        cost = to_taken / (t + 1) - to_target
        taken[t] = np.argmin(np.where(free, cost, np.inf))
        free[taken[t]] = False
        to_taken += gaussian_kernel(Xs, Xs[taken[t] : taken[t] + 1], sigmas)[:, 0]
    return taken
