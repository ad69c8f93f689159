"""Instances: kernel mean matching against a reference QP solver and skada; KLIEP; EM."""

import time
import warnings

import numpy as np

from tests.benchmarks._harness import Row, median_seconds
from tlbook.distances import gaussian_kernel, median_bandwidth
from tlbook.instances import KLIEP, KMM, em_prior
from tlbook.instances._qp import solve_box_slab

N, B, EPS = 500, 10.0, 0.1


def _pair(n: int = N, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)), 0.7 * rng.normal(size=(n, d)) + 0.5 / np.sqrt(d)


def cvxopt_weights(K: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    """The same program by cvxopt, at its default tolerances."""
    import cvxopt

    n = len(kappa)
    G = np.vstack([-np.eye(n), np.eye(n), np.ones((1, n)), -np.ones((1, n))])
    h = np.r_[np.zeros(n), np.full(n, B), n * (1 + EPS), -n * (1 - EPS)]
    parts = map(cvxopt.matrix, (K, -kappa, G, h))
    found = cvxopt.solvers.qp(*parts, options={"show_progress": False})
    return np.array(found["x"]).ravel()


def skada_weights(K: np.ndarray, kappa: np.ndarray, solver: str) -> np.ndarray:
    """The same program by the solvers of skada's KMM ("frank-wolfe", its default, drops B)."""
    from skada.utils import qp_solve

    n = len(kappa)
    A = np.stack([np.ones(n), -np.ones(n)])
    b = np.array([n * (1 + EPS), -n * (1 - EPS)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return qp_solve(K, -kappa, A, b, lb=np.zeros(n), ub=np.full(n, B), tol=1e-6, solver=solver)[
            0
        ]


def _kmm_rows(repeats: int) -> list[Row]:
    Xs, Xt = _pair()
    sigma = median_bandwidth(Xs, Xt)
    K = gaussian_kernel(Xs, bandwidth=sigma)
    kappa = gaussian_kernel(Xs, Xt, bandwidth=sigma).mean(1) * N

    def ours() -> np.ndarray:
        return solve_box_slab(K / N, kappa / N, B, N * (1 - EPS), N * (1 + EPS)).w

    def objective(w: np.ndarray) -> float:
        return float(0.5 * w @ K @ w - kappa @ w)

    answers = {"cvxopt": cvxopt_weights(K, kappa), "skada": skada_weights(K, kappa, "frank-wolfe")}
    best = objective(ours())
    excess = (best - objective(answers["cvxopt"])) / abs(best)
    seconds = median_seconds(
        {
            "ours": ours,
            "whole": lambda: KMM(sigma, B=B, eps=EPS).fit(Xs, Xt),
            "cvxopt": lambda: cvxopt_weights(K, kappa),
            "skada": lambda: skada_weights(K, kappa, "frank-wolfe"),
        },
        repeats,
    )
    start = time.process_time()
    skada_weights(K, kappa, "scipy")  # once: it takes a minute or so
    slow = time.process_time() - start
    what = f"KMM {N}+{N}"
    return [
        Row(f"{what}: solver", seconds["ours"], "s", note="tolerance 1e-12"),
        Row(f"{what}: kernels and solver", seconds["whole"], "s"),
        Row("  faster than cvxopt", seconds["cvxopt"] / seconds["ours"], "x", 1.0),
        Row(
            "  objective above cvxopt's, relative",
            excess,
            "",
            1e-6,
            at_least=False,
            note="below 0: lower",
        ),
        Row(
            "  skada's default: seconds",
            seconds["skada"],
            "s",
            note=f"largest weight {answers['skada'].max():.0f} for B = {B:.0f}",
        ),
        Row("  faster than skada's SciPy solver", slow / seconds["ours"], "x"),
    ]


def _other_rows(repeats: int) -> list[Row]:
    Xs, Xt = _pair(2000)
    posteriors = np.random.default_rng(0).dirichlet(np.full(10, 0.2), size=2000)
    seconds = median_seconds(
        {
            "KMM": lambda: KMM(B=B, eps=EPS).fit(Xs, Xt),
            "KLIEP": lambda: KLIEP().fit(Xs, Xt),
            "EM": lambda: em_prior(posteriors, np.full(10, 0.1)),
        },
        1 if repeats < 7 else 3,
    )
    return [
        Row("KMM 2,000+2,000", seconds["KMM"], "s"),
        Row("KLIEP 2,000+2,000, nine bandwidths, five folds", seconds["KLIEP"], "s"),
        Row("EM, 2,000 rows, ten classes, to 1e-6", seconds["EM"], "s"),
    ]


def run(quick: bool = False) -> list[Row]:
    """Return the rows of this benchmark."""
    repeats = 3 if quick else 7
    return [*_kmm_rows(repeats), *_other_rows(repeats)]
