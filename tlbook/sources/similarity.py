"""Centered kernel alignment: whether two networks see the same rows alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.estimators import dense
from tlbook._base.named import named


@named
def cka(X: Any, Y: Any, debiased: bool = False) -> float:
    r"""Return the linear centered kernel alignment of two representations of the same rows.

    .. math:: \mathrm{CKA}(X, Y) = \frac{\|Y^\top X\|_F^2}{\|X^\top X\|_F\, \|Y^\top Y\|_F}
        \qquad (\text{columns centered})

    Between 0 and 1: 1 where one is a rotation and scaling of the other, 0 where no column of one
    has to do with any of the other. It does not see an invertible *linear* map as equality. With
    fewer rows than columns the plain value is far above 0 even for unrelated noise; ``debiased``
    puts U-statistics in place of the three norms, is 0 on average for unrelated noise, and may come
    out slightly negative. Two layers may be alike and both useless: CKA says nothing of labels.

    Parameters
    ----------
    X, Y : arrays of shape (n, d) and (n, e)
        Two layers, or two networks, on the same n rows, in the same order.
    debiased : bool
        Whether to use the unbiased estimator of each inner product; needs n ≥ 4.

    Returns
    -------
    float
        Without a unit.

    Raises
    ------
    ValueError
        If the rows differ in number, are too few, or one side is constant.

    References
    ----------
    Kornblith, Norouzi, Lee and Hinton, Similarity of neural network representations revisited,
    ICML 2019. Debiased: Song et al., Feature selection via dependence maximization, JMLR 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import cka
    >>> X = np.random.default_rng(0).normal(size=(50, 3))
    >>> rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    >>> round(cka(X, 2 * X @ rotation + 5), 6)
    1.0
    """
    A, B = (dense(Z, name, min_rows=4 if debiased else 2) for Z, name in ((X, "X"), (Y, "Y")))
    if len(A) != len(B):
        raise ValueError(f"Y: got {len(B)} rows, want {len(A)}, the rows of X in the same order")
    A, B = (Z.astype(np.float64) - Z.mean(axis=0, dtype=np.float64) for Z in (A, B))
    for Z, name in ((A, "X"), (B, "Y")):
        if not Z.any():
            raise ValueError(f"{name}: got equal rows, want rows that differ")
    product = _unbiased if debiased else _biased
    return product(A, B) / float(np.sqrt(product(A, A) * product(B, B)))


def _biased(A: np.ndarray, B: np.ndarray) -> float:
    """Return ‖B'A‖²: the inner product of the two Gram matrices, through the smaller matrix."""
    if len(A) < min(A.shape[1], B.shape[1]):
        return float(((A @ A.T) * (B @ B.T)).sum())
    return float(((B.T @ A) ** 2).sum())


def _unbiased(A: np.ndarray, B: np.ndarray) -> float:
    """Return n(n − 3) times Song's unbiased HSIC of the two Gram matrices (zero diagonals)."""
    K, L = A @ A.T, B @ B.T
    np.fill_diagonal(K, 0)
    np.fill_diagonal(L, 0)
    n = len(K)
    rows_k, rows_l = K.sum(axis=1), L.sum(axis=1)
    apart = rows_k.sum() * rows_l.sum() / ((n - 1) * (n - 2))
    return float((K * L).sum() + apart - 2 / (n - 2) * (rows_k @ rows_l))
