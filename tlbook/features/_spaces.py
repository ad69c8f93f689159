r"""The generalized eigenproblem of TCA and JDA, solved exactly as a symmetric one.

Both look for coefficients W that solve

.. math:: \max_W \operatorname{tr}(W^\top K H K W) \quad\text{with}\quad
    W^\top (I + \mu\, K E E^\top K)\, W = I

where K is the kernel matrix of the N pooled rows, H removes the mean and each column of E is a
difference of two means, such as (1/n, …, −1/m, …). So the matrix of the constraint is the identity
plus a matrix of rank r = columns of E. With the thin singular value decomposition
:math:`K E = U S G^\top`,

.. math:: M^{-1/2} = I - U \left(I - (I + \mu S^2)^{-1/2}\right) U^\top

costs O(N r) to apply, and the eigenvectors Q of the symmetric
:math:`M^{-1/2} K H K M^{-1/2}` give :math:`W = M^{-1/2} Q`. (Feeding the matrix
:math:`M^{-1} K H K`, which is *not* symmetric, to a symmetric solver gives something else.)
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.linalg import eigh, qr, svd
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

BLOCK = 2**22  # kernel values per block when new rows are projected: 32 MiB


class Space(Protocol):
    """The functions that a kernel and a sample span, in orthonormal coordinates."""

    centered: np.ndarray
    """H K in these coordinates, of shape (N, p)."""

    def differences(self, E: np.ndarray) -> np.ndarray:
        """Return K E in these coordinates, of shape (p, r)."""

    def coefficients(self, Z: np.ndarray) -> np.ndarray:
        """Return W of shape (N, k) for coordinates Z of shape (p, k)."""

    def project(self, Z: np.ndarray) -> np.ndarray:
        """Return K W of shape (N, k)."""


class Gram:
    """Any kernel matrix K, overwritten by H K: one N × N matrix is all that is kept."""

    def __init__(self, K: np.ndarray) -> None:
        self.column_means = K.mean(axis=0)
        K -= self.column_means
        self.centered = K

    def differences(self, E: np.ndarray) -> np.ndarray:
        return self.project(E)

    def coefficients(self, Z: np.ndarray) -> np.ndarray:
        return Z

    def project(self, Z: np.ndarray) -> np.ndarray:
        return self.centered @ Z + self.column_means @ Z


class Linear:
    """The linear kernel with fewer features than rows: X = Q R makes it a d × d problem.

    A part of W outside the columns of X changes no projection and only costs in the constraint,
    so W = Q Z loses nothing.
    """

    def __init__(self, X: np.ndarray) -> None:
        self.X = X
        self.Q, self.R = qr(X, mode="economic", check_finite=False)
        self.centered = (X - X.mean(axis=0)) @ self.R.T

    def differences(self, E: np.ndarray) -> np.ndarray:
        return self.R @ (self.X.T @ E)

    def coefficients(self, Z: np.ndarray) -> np.ndarray:
        return self.Q @ Z

    def project(self, Z: np.ndarray) -> np.ndarray:
        return self.X @ (self.R.T @ Z)


def leading_components(
    space: Space, E: np.ndarray, mu: float, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the k largest eigenvalues, in descending order, and the coordinates Z (p, k).

    The sign of a component is such that its largest projection in absolute value is positive.
    """
    C = space.centered
    half = _inverse_root(space.differences(E), mu)
    p = C.shape[1]
    if p <= 200 or k > p // 5:
        values, vectors = _dense(C, half, k)
    else:
        values, vectors = _lanczos(C, half, k)
    Z = half(vectors[:, ::-1])
    projected = space.project(Z)
    top = projected[np.abs(projected).argmax(axis=0), np.arange(k)]
    return values[::-1], Z * np.where(top < 0, -1.0, 1.0)


class _inverse_root:
    """Apply (I + mu V Vᵀ)^(-1/2) to the columns of an array."""

    def __init__(self, V: np.ndarray, mu: float) -> None:
        self.U, s, _ = svd(V, full_matrices=False, check_finite=False)
        self.shrink = 1 - 1 / np.sqrt(1 + mu * s**2)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return x - self.U @ (self.shrink * (self.U.T @ x).T).T


def _dense(C: np.ndarray, half: _inverse_root, k: int) -> tuple[np.ndarray, np.ndarray]:
    p = C.shape[1]
    S = half(half(C.T @ C).T)
    return eigh(S, subset_by_index=(p - k, p - 1), overwrite_a=True, check_finite=False)


def _lanczos(C: np.ndarray, half: _inverse_root, k: int) -> tuple[np.ndarray, np.ndarray]:
    p = C.shape[1]
    operator = LinearOperator((p, p), lambda x: half(C.T @ (C @ half(x))), dtype=np.float64)
    start = np.random.default_rng(0).normal(size=p)
    try:
        return eigsh(operator, k=k, v0=start)
    except ArpackError:  # many nearly equal eigenvalues, or none but 0
        return _dense(C, half, k)


def rbf(X: np.ndarray, Y: np.ndarray, gamma: float) -> np.ndarray:
    """Return exp(-gamma |x - y|²) of shape (n, m), in the memory of one such matrix."""
    K = X @ Y.T
    K *= 2
    K -= (X * X).sum(axis=1)[:, None]
    K -= (Y * Y).sum(axis=1)
    np.minimum(K, 0, out=K)
    K *= gamma
    return np.exp(K, out=K)


def project_rows(X: np.ndarray, fitted: np.ndarray, W: np.ndarray, gamma: float) -> np.ndarray:
    """Return k(X, fitted) W, some rows at a time."""
    step = max(1, BLOCK // len(fitted))
    blocks = [rbf(X[i : i + step], fitted, gamma) @ W for i in range(0, len(X), step)]
    return np.concatenate(blocks)
