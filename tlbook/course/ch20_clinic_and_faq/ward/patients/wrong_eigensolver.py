"""TCA with the wrong eigen-solver: a solver for symmetric matrices on one that is not."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def _matrices(K: Any, n_source: int, mu: float) -> tuple[Any, Any]:
    """Return K H K (variance) and μ K L K + I (distance of the means and length)."""
    n = len(K)
    e = np.where(np.arange(n) < n_source, 1 / n_source, -1 / (n - n_source))
    H = np.eye(n) - 1 / n
    return K @ H @ K, mu * np.outer(K @ e, K @ e) + np.eye(n)


def sick(K: Any, n_source: int, k: int, mu: float) -> Any:
    """Return the coefficients of k transfer components, shape (n, k)."""
    V, D = _matrices(K, n_source, mu)
    values, W = np.linalg.eigh(np.linalg.solve(D, V))
    return W[:, np.argsort(-values)[:k]]


def cured(K: Any, n_source: int, k: int, mu: float) -> Any:
    """Return the same from the generalized problem V w = λ D w, whose matrices are symmetric."""
    V, D = _matrices(K, n_source, mu)
    _, W = linalg.eigh(V, D)
    return W[:, ::-1][:, :k]


def general_solver(K: Any, n_source: int, k: int, mu: float) -> Any:
    """Return the same from the solver for any square matrix, in columns of length 1."""
    V, D = _matrices(K, n_source, mu)
    values, W = np.linalg.eig(np.linalg.solve(D, V))
    return W.real[:, np.argsort(-values.real)[:k]]


def other_signs(K: Any, n_source: int, k: int, mu: float) -> Any:
    """Return the same with other signs: an eigenvector has none of its own."""
    return -cured(K, n_source, k, mu)


def orthonormal(K: Any, n_source: int, k: int, mu: float) -> Any:
    """Return the same fault, rescaled to the constraint w' D w = 1."""
    _, D = _matrices(K, n_source, mu)
    W = sick(K, n_source, k, mu)
    return W / np.sqrt(np.einsum("ij,ij->j", W, D @ W))


def _problem() -> tuple[Any, int]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    X[20:, 0] += 2
    return np.exp(-((X[:, None] - X[None]) ** 2).sum(-1) / 4), 20


def test(code: Any) -> None:
    """Put each column into the equation V w = λ D w that it has to solve."""
    K, n_source = _problem()
    V, D = _matrices(K, n_source, 100.0)
    for w in code(K, n_source, 3, 100.0).T:
        a, b = V @ w, D @ w
        size = (w @ a) / (w @ b)
        off = np.linalg.norm(a - size * b) / np.linalg.norm(a)
        assert off < 1e-6, f"a component misses its equation by {100 * off:.0f} %"


def symptom_test(code: Any) -> None:
    """Ask for w' D w = 1, which is a matter of length."""
    K, n_source = _problem()
    _, D = _matrices(K, n_source, 100.0)
    W = code(K, n_source, 3, 100.0)
    assert np.allclose(np.einsum("ij,ij->j", W, D @ W), 1)


PATIENT = Patient(
    name="wrong_eigensolver",
    story="A student writes TCA from its paper: the leading eigenvectors of (μKLK + I)⁻¹KHK. "
    "numpy.linalg.eigh answers at once and without a warning.",
    symptom="The means of the two domains never meet in the new space, however large μ is.",
    promise="code(K, n_source, k, mu) returns coefficients W of shape (n, k) that maximize the "
    "variance w'KHKw at a given w'(μKLK + I)w; K is the kernel matrix, source rows first.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("μ is too small", "at 100 times the μ the means are as far apart"),
        Cause("the kernel's bandwidth is off", "the kernel matrix is neither I nor all ones"),
        Cause("the smallest eigenvalues were taken", "the order of the eigenvalues is descending"),
    ),
    cure="eigh reads one triangle and takes the matrix for symmetric; (μKLK + I)⁻¹KHK is not. "
    "scipy.linalg.eigh(V, D) solves the generalized problem.",
    chapter="05",
    healthy={
        "scales its columns to length 1": general_solver,
        "has the opposite signs": other_signs,
    },
    hidden={"has columns of the right length": orthonormal},
    symptom_test=symptom_test,
)
