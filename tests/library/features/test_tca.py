"""TCA: the eigenproblem, against a dense reference; its gap; where skada differs."""

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.svm import SVC

from tlbook.features import PCA, TCA, AdaptedClassifier


def kernel_matrix(X, kernel, gamma):
    if kernel == "linear":
        X = X - X.mean(0)
        return X @ X.T
    return np.exp(-gamma * ((X[:, None] - X[None]) ** 2).sum(-1))


def problem(model, Xs, Xt, gamma):
    """The two matrices of the problem, K H K and I + mu K L K, from their definitions."""
    n, m = len(Xs), len(Xt)
    K = kernel_matrix(np.concatenate([Xs, Xt]), model.kernel, gamma)
    e = np.r_[np.full(n, 1 / n), np.full(m, -1 / m)]
    H = np.eye(n + m) - 1 / (n + m)
    mu = model.mu / (np.trace(K) / (n + m)) ** 2
    return K, K @ H @ K, np.eye(n + m) + mu * K @ np.outer(e, e) @ K


def gaussians(n=40, m=30, d=3, shift=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(m, d)) * 1.2 + shift


CASES = {
    "dense": (TCA(3, gamma=0.2, mu=1), (40, 30, 3)),
    "Lanczos": (TCA(4, gamma=0.05, mu=10), (150, 180, 6)),
    "many components": (TCA(60, gamma=0.5, mu=1), (150, 120, 4)),
    "no penalty": (TCA(3, gamma=0.2, mu=0), (40, 30, 3)),
    "linear, few features": (TCA(3, kernel="linear", mu=0.1), (150, 180, 6)),
    "linear, many features": (TCA(3, kernel="linear", mu=1e-3), (40, 30, 90)),
    "linear, Lanczos": (TCA(3, kernel="linear", mu=1e-3), (130, 120, 230)),
    "all of the linear ones": (TCA(4, kernel="linear", mu=1), (20, 30, 4)),
}


@pytest.mark.parametrize("case", CASES)
def test_solves_the_generalized_eigenproblem(case):
    model, (n, m, d) = CASES[case]
    Xs, Xt = gaussians(n, m, d)
    K, S, M = problem(model.fit(Xs, Xt), Xs, Xt, model.gamma)
    W, values = model.coefficients_, model.eigenvalues_
    k = model.n_components
    residual = np.linalg.norm(S @ W - M @ W * values, axis=0) / np.linalg.norm(S @ W, axis=0)
    assert residual.max() < 1e-8
    np.testing.assert_allclose(W.T @ M @ W, np.eye(k), atol=1e-9)
    np.testing.assert_allclose(W.T @ S @ W, np.diag(values), atol=1e-9 * values[0])
    assert (np.diff(values) <= 0).all()
    best = eigh(S, M, subset_by_index=(n + m - k, n + m - 1), eigvals_only=True)[::-1]
    np.testing.assert_allclose(values, best, atol=1e-9 * best[0])
    assert np.trace(W.T @ S @ W) == pytest.approx(best.sum(), rel=1e-6)
    projected = np.concatenate([model.transform_source(Xs), model.transform_target(Xt)])
    np.testing.assert_allclose(projected, K @ W, atol=1e-9 * np.abs(K @ W).max())
    assert (projected.max(0) >= -projected.min(0)).all()  # the convention of the signs


def standardized_gap(Zs, Zt):
    return np.abs(Zs.mean(0) - Zt.mean(0)) / np.sqrt((Zs.var(0) + Zt.var(0)) / 2)


def residual(K, n, mu, W, values=None):
    """Relative residual of the eigenproblem, by products only; best values where none are given."""
    v = K[:, :n].mean(1) - K[:, n:].mean(1)
    KW = K @ W
    SW = K @ (KW - KW.mean(0))
    MW = W + mu * np.outer(v, v @ W)
    if values is None:
        values = (W * SW).sum(0) / (W * MW).sum(0)
    return np.linalg.norm(SW - MW * values, axis=0) / np.linalg.norm(SW, axis=0)


def fast_kernel(X, kernel, gamma):
    X = X - X.mean(0)
    K = X @ X.T
    if kernel == "linear":
        return K
    squared = (X**2).sum(1)
    return np.exp(gamma * (2 * K - squared - squared[:, None]))


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
@pytest.mark.parametrize("d", [5, 20])
def test_the_means_of_1000_and_1000_gaussians_meet(kernel, d):
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(1000, d)), rng.normal(1, 1, size=(1000, d))
    assert standardized_gap(Xs, Xt).min() > 0.9
    model = TCA(2, kernel=kernel, gamma=1 / d, mu=10)
    Zs, Zt = model.fit_transform(Xs, Xt)
    assert standardized_gap(Zs, Zt).max() < 0.02
    K = fast_kernel(np.concatenate([Xs, Xt]), kernel, 1 / d)
    mu = 10 / model.scale_**2
    assert residual(K, 1000, mu, model.coefficients_, model.eigenvalues_).max() < 1e-8


def test_skadas_components_do_not_solve_the_problem():
    """It hands inv(M) S, which is not symmetric, to a solver for symmetric matrices."""
    from skada import TransferComponentAnalysisAdapter

    n, d = 300, 20
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(n, d)), rng.normal(1, 1, size=(n, d))
    X = np.concatenate([Xs, Xt])
    K = fast_kernel(X, "rbf", 1 / d)
    domain = np.r_[np.ones(n), -np.ones(n)]
    theirs = TransferComponentAnalysisAdapter(n_components=2, mu=10).fit(X, sample_domain=domain)
    ours = TCA(2, gamma=1 / d, mu=10).fit(Xs, Xt)
    assert residual(K, n, 10, ours.coefficients_).max() < 1e-8
    assert residual(K, n, 10, theirs.eigvects_).min() > 0.1
    gap = standardized_gap(*np.split(K @ ours.coefficients_, 2)).max()
    assert standardized_gap(*np.split(K @ theirs.eigvects_, 2)).max() > 10 * gap


def test_without_a_shift_the_linear_kernel_gives_the_principal_components():
    X = gaussians()[0]
    tca, pca = TCA(3, kernel="linear", mu=5), PCA(3)
    ours, theirs = tca.fit_transform(X, X)[0], pca.fit_transform(X, X)[0]
    # W has length 1, so the principal scores come out times their own length.
    theirs = theirs * np.sqrt(79 * pca.explained_variance_)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-8)


def test_a_larger_weight_brings_the_means_nearer():
    Xs, Xt = gaussians(100, 100)
    gaps = []
    for mu in (0, 0.1, 10, 1000):
        Zs, Zt = TCA(2, mu=mu).fit_transform(Xs, Xt)
        gaps.append(np.linalg.norm(Zs.mean(0) - Zt.mean(0)))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 0.1 * gaps[0]


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_the_unit_of_the_features_does_not_matter(kernel):
    Xs, Xt = gaussians(60, 50, 4)
    one, other = (
        np.concatenate(TCA(kernel=kernel, mu=3).fit_transform(c * Xs, c * Xt)) for c in (1, 100)
    )
    assert one.shape[1] == 4  # by default as many components as features
    np.testing.assert_allclose(one / one.std(0), other / other.std(0), atol=1e-7)


def test_the_median_heuristic_is_that_of_the_distances():
    from tlbook.distances import median_bandwidth

    Xs, Xt = gaussians()
    model = TCA(2).fit(Xs, Xt)
    assert model.gamma_ == pytest.approx(1 / (2 * median_bandwidth(Xs, Xt) ** 2))


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_the_origin_does_not_matter(kernel):
    Xs, Xt = gaussians()
    here = TCA(2, kernel=kernel, gamma=0.2).fit_transform(Xs, Xt)[0]
    far = TCA(2, kernel=kernel, gamma=0.2).fit_transform(Xs + 1e4, Xt + 1e4)[0]
    np.testing.assert_allclose(far, here, atol=1e-6 * np.abs(here).max())


@pytest.mark.parametrize("n", [20, 150])
@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_constant_rows_and_duplicates_give_numbers(kernel, n):
    Xs, Xt = np.ones((n, 3)), np.ones((n, 3))
    for Z in TCA(2, kernel=kernel, gamma=1.0).fit_transform(Xs, Xt):
        assert np.isfinite(Z).all() and np.ptp(Z, axis=0).max() < 1e-8
    twice = np.repeat(gaussians(n // 2)[0], 2, axis=0)
    Zs, _ = TCA(2, kernel=kernel, gamma=0.2).fit_transform(twice, twice[:10] + 1)
    np.testing.assert_allclose(Zs[::2], Zs[1::2], atol=1e-9)


def nuisance_shift(seed, n=300):
    """Two classes along one axis; the target is far away along two others."""
    rng = np.random.default_rng(seed)

    def draw(move):
        y = np.arange(n) % 2
        X = rng.normal(size=(n, 6))
        X[:, 0] += 4 * y - 2
        X[:, 1:3] += move
        return X, y

    return *draw(0), *draw(4)


def test_adaptation_beats_none_where_the_shift_lies_beside_the_classes():
    accuracies = []
    for seed in range(100, 104):
        Xs, ys, Xt, yt = nuisance_shift(seed)
        accuracies.append(
            [
                AdaptedClassifier(adapter, SVC(), Xt).fit(Xs, ys).score(Xt, yt, rows="target")
                for adapter in (None, PCA(2), TCA(2), TCA(2, kernel="linear"))
            ]
        )
    none, pca, rbf, linear = np.mean(accuracies, axis=0)
    assert rbf > none + 0.1 and linear > none + 0.1
    assert rbf > pca + 0.1
    assert min(rbf, linear) > 0.95
