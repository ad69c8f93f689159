"""KMM that ignores its bound: a few source rows take all of the weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def _kernel(A: Any, B: Any) -> Any:
    return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / 2)


def sick(Xs: Any, Xt: Any, B: float) -> Any:
    """Return a weight for each source row."""
    n = len(Xs)
    K = _kernel(Xs, Xs) + 1e-3 * np.eye(n)
    kappa = n * _kernel(Xs, Xt).mean(axis=1)
    w = np.linalg.solve(K, kappa)
    return np.maximum(w, 0)


def cured(Xs: Any, Xt: Any, B: float) -> Any:
    """Return the weights in [0, B], by projected gradient descent."""
    n = len(Xs)
    K = _kernel(Xs, Xs) + 1e-3 * np.eye(n)
    kappa = n * _kernel(Xs, Xt).mean(axis=1)
    w, rate = np.ones(n), 1 / np.linalg.norm(K, 2)
    for _ in range(2000):
        w = np.clip(w - rate * (K @ w - kappa), 0, B)
    return w


def of_the_library(Xs: Any, Xt: Any, B: float) -> Any:
    """Return the weights of the library's KMM, whose mean is near 1."""
    from tlbook.instances import KMM

    return KMM(bandwidth=1.0, B=B).fit(Xs, Xt).weights_


def by_least_squares(Xs: Any, Xt: Any, B: float) -> Any:
    """Return the solution of the same bounded problem from SciPy."""
    from scipy.optimize import lsq_linear

    n = len(Xs)
    R = np.linalg.cholesky(_kernel(Xs, Xs) + 1e-3 * np.eye(n)).T
    kappa = n * _kernel(Xs, Xt).mean(axis=1)
    return lsq_linear(R, np.linalg.solve(R.T, kappa), (0, B)).x


def cut_then_scaled(Xs: Any, Xt: Any, B: float) -> Any:
    """Return weights that were cut at B and then raised to a mean of 1, beyond it."""
    w = np.minimum(sick(Xs, Xt, B), B)
    return w / w.mean()


def _far() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 1)), 2.5 + 0.5 * rng.normal(size=(60, 1))


def test(code: Any) -> None:
    """Ask for weights in [0, B], where the target lies at the edge of the source."""
    Xs, Xt = _far()
    for B in (2.0, 5.0):
        w = np.asarray(code(Xs, Xt, B))
        assert w.min() > -1e-9, "a weight is negative"
        assert w.max() <= B * (1 + 1e-6), f"a weight is {w.max():.3g}, the bound is {B:g}"


def symptom_test(code: Any) -> None:
    """Ask whether the weights are worth ten rows or more."""
    w = np.asarray(code(*_far(), 2.0))
    rows = w.sum() ** 2 / (w**2).sum()
    assert rows >= 10, f"the weights are worth {rows:.1f} rows"


PATIENT = Patient(
    name="kmm_without_bound",
    story="A hospital reweights its patients to look like those of another one. The classifier "
    "with weights is worse than without, and it changes with every draw of the rows.",
    symptom="The weights are worth very few rows: a handful of patients decides everything.",
    promise="code(Xs, Xt, B) returns a weight in [0, B] for each source row (kernel mean matching, "
    "Gaussian kernel of width 1).",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the supports hardly overlap", "with the bound, the same rows keep it"),
        Cause("the bandwidth is too small", "it is near the median distance of two rows"),
        Cause("duplicates among the source rows", "no row occurs twice"),
    ),
    cure="Solve the quadratic program with 0 ≤ w ≤ B; clipping its free solution afterwards is "
    "another point, and scaling it afterwards breaks the bound.",
    chapter="04",
    healthy={
        "is the library's, with a mean near 1": of_the_library,
        "comes from SciPy's bounded least squares": by_least_squares,
    },
    hidden={"was cut at the bound first and scaled beyond it afterwards": cut_then_scaled},
    symptom_test=symptom_test,
)
