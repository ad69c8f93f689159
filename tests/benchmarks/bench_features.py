"""Features: TCA and CORAL against skada (and POT's linear map); one row against a fit; memory."""

from collections.abc import Callable

import numpy as np

from tests.benchmarks._harness import Row, median_seconds, peak_mib
from tlbook.features import CORAL, TCA

N_TCA, D_TCA, K_TCA = 1000, 20, 10
N_CORAL, D_CORAL = 2000, 512


def _gaussians(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)), rng.normal(size=(n, d)) + 1


def _correlated(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    Xs, Xt = _gaussians(n, d)
    mix = np.random.default_rng(1).normal(size=(d, d)) / np.sqrt(d)
    return Xs, Xt @ mix


def _stacked(Xs: np.ndarray, Xt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([Xs, Xt]), np.r_[np.ones(len(Xs)), -np.ones(len(Xt))]


def _tca() -> TCA:
    return TCA(K_TCA, gamma=1 / D_TCA, mu=10)


def _gap(Zs: np.ndarray, Zt: np.ndarray) -> float:
    gaps = np.abs(Zs.mean(0) - Zt.mean(0)) / np.sqrt((Zs.var(0) + Zt.var(0)) / 2)
    return float(gaps.max())


def memory_tca() -> Callable[[], object]:
    Xs, Xt = _gaussians(N_TCA, D_TCA)
    _tca().fit(Xs[:150], Xt[:150])
    return lambda: _tca().fit(Xs, Xt)


def memory_tca_skada() -> Callable[[], object]:
    from skada import TransferComponentAnalysisAdapter as Theirs

    X, domain = _stacked(*_gaussians(N_TCA, D_TCA))
    few = np.r_[:50, N_TCA : N_TCA + 50]
    Theirs(n_components=2).fit(X[few], sample_domain=domain[few])
    return lambda: Theirs(n_components=K_TCA, mu=10).fit(X, sample_domain=domain)


def _tca_rows(repeats: int) -> list[Row]:
    from skada import TransferComponentAnalysisAdapter as Theirs

    Xs, Xt = _gaussians(N_TCA, D_TCA)
    X, domain = _stacked(Xs, Xt)
    fitted = _tca().fit(Xs, Xt)
    theirs = Theirs(n_components=K_TCA, mu=10)
    Z = theirs.fit_transform(X, sample_domain=domain)
    slow = {"skada": lambda: theirs.fit(X, sample_domain=domain)}
    seconds = median_seconds({"tlbook": lambda: _tca().fit(Xs, Xt)} | slow, max(2, repeats // 2))
    row = median_seconds({"row": lambda: fitted.transform_target(Xt[:1])}, 31)["row"]
    gap = _gap(fitted.transform_source(Xs), fitted.transform_target(Xt))
    return [
        Row(f"TCA, {N_TCA:,} + {N_TCA:,}, d = {D_TCA}, {K_TCA} components", seconds["tlbook"], "s"),
        Row("  faster than skada", seconds["skada"] / seconds["tlbook"], "x", 10),
        Row("  standardized gap of the means, mu = 10", gap, "sd", 0.02, False),
        Row("  the same of skada", _gap(*np.split(Z, 2)), "sd", note="not an eigenvector"),
        Row("  one new row, of a fit", row / seconds["tlbook"], "x", 0.05, False),
        Row("  memory above the inputs", peak_mib(memory_tca), "MiB", 48, False, "K has 31 MiB"),
        Row("  memory of skada", peak_mib(memory_tca_skada), "MiB"),
    ]


def _coral_rows(repeats: int) -> list[Row]:
    from ot.da import LinearTransport
    from skada import CORALAdapter

    Xs, Xt = _correlated(N_CORAL, D_CORAL)
    X, domain = _stacked(Xs, Xt)
    # The same estimate on both sides, or the comparison means nothing.
    theirs = CORALAdapter(reg=0.1)
    Z = theirs.fit_transform(X, sample_domain=domain)[:N_CORAL]
    ours = CORAL(0.1).fit(Xs, Xt)
    np.testing.assert_allclose(ours.transform_source(Xs) - Xt.mean(0), Z, atol=1e-8)
    seconds = median_seconds(
        {
            "tlbook": lambda: CORAL(0.1).fit(Xs, Xt).transform_source(Xs),
            "skada": lambda: theirs.fit_transform(X, sample_domain=domain),
            "auto": lambda: CORAL("auto").fit(Xs, Xt).transform_source(Xs),
            "skada, auto": lambda: CORALAdapter().fit_transform(X, sample_domain=domain),
            "POT": lambda: LinearTransport(reg=0.1).fit(Xs=Xs, Xt=Xt).transform(Xs=Xs),
        },
        repeats,
    )
    row = median_seconds({"row": lambda: ours.transform_source(Xs[:1])}, 31)["row"]
    mapped = ours.matrix_.T @ ours.covariance_source_ @ ours.matrix_
    error = np.abs(mapped - ours.covariance_target_).max() / ours.covariance_target_.max()
    what = f"CORAL, {N_CORAL:,} + {N_CORAL:,}, d = {D_CORAL}"
    return [
        Row(f"{what}: fit and map", seconds["tlbook"], "s"),
        Row("  faster than skada", seconds["skada"] / seconds["tlbook"], "x", 1),
        Row("  faster than skada, Ledoit-Wolf", seconds["skada, auto"] / seconds["auto"], "x", 1),
        Row("  faster than POT's linear map", seconds["POT"] / seconds["tlbook"], "x"),
        Row("  difference of the shrunk covariances", float(error), "", 1e-6, False),
        Row("  one new row, of a fit", row / seconds["tlbook"], "x", 0.05, False),
    ]


def run(quick: bool = False) -> list[Row]:
    """All rows; about a minute, or half of it with ``quick``."""
    repeats = 3 if quick else 7
    return _tca_rows(repeats) + _coral_rows(repeats)
