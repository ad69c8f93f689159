"""Scores of sources against closed forms, other libraries, and their known defects."""

import numpy as np
import ot
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import BayesianRidge

from tlbook.sources import (
    cka,
    h_score,
    leep,
    logme,
    nearest_neighbor_score,
    nleep,
    otdd,
    probe_score,
    transrate,
)
from tlbook.sources.kinship import bures


def rows(n, d, k=3, apart=1.0, seed=0):
    """Features with k classes around the corners of a simplex, and their labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    F = rng.normal(size=(n, d))
    F[:, :k] += apart * np.eye(k)[y]
    return F, y


def evidence(F, target):
    """Evidence per row by scikit-learn's own iteration, without hyperpriors."""
    model = BayesianRidge(
        fit_intercept=False, compute_score=True, max_iter=100_000, tol=1e-13,
        alpha_1=0, alpha_2=0, lambda_1=0, lambda_2=0,
    )  # fmt: skip
    return model.fit(F, target).scores_[-1] / len(F)


@pytest.mark.parametrize(("n", "d"), [(200, 20), (60, 60), (60, 200), (40, 900)])
def test_logme_is_the_evidence_of_bayesian_ridge_on_both_sides(n, d):
    F, y = rows(n, d, apart=2.0)
    known = np.mean([evidence(F, (y == c).astype(float)) for c in range(3)])
    assert logme(F, y) == pytest.approx(known, abs=1e-6)


@pytest.mark.slow
def test_logme_is_the_gaussian_density_of_the_labels_at_its_best_parameters():
    """The optimum is an optimum: no (α, β) of a fine grid explains the labels better."""
    from scipy.stats import multivariate_normal

    F, y = rows(30, 8, k=2)
    best = -np.inf
    for log_s in np.linspace(-8, 6, 57):
        for log_noise in np.linspace(-6, 3, 37):
            cov = np.exp(log_noise) * (np.eye(30) + np.exp(log_s) * F @ F.T)
            values = [multivariate_normal(cov=cov).logpdf((y == c) * 1.0) / 30 for c in (0, 1)]
            best = values if np.isscalar(best) else np.maximum(best, values)
    assert logme(F, y) >= np.mean(best) - 1e-12
    assert logme(F, y) == pytest.approx(np.mean(best), abs=0.01)


def test_columns_of_noise_do_not_raise_logme_where_rows_are_few():
    """The published code leaves a term of the determinant out where n < d; see issue 23 there."""
    F, y = rows(100, 16, k=10, apart=2.0)
    noise = np.random.default_rng(1).normal(size=(100, 800))
    scores = [logme(np.hstack([F, noise[:, :extra]]), y) for extra in (0, 50, 200, 800)]
    assert max(scores) == scores[0]
    assert max(scores) - min(scores) < 0.5


def test_logme_of_rotated_or_rescaled_features_is_the_same_and_zeros_are_allowed():
    F, y = rows(50, 10)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(10, 10)))[0]
    assert logme(1e4 * F @ rotation, y) == pytest.approx(logme(F, y), abs=1e-8)
    assert np.isfinite(logme(np.zeros((50, 4)), y))
    assert logme(np.eye(3)[y], y) > 5  # features that are the labels


def test_leep_by_hand():
    P = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    # joint table: class a from the rows 1 and 2, class b from row 3, each divided by 3
    a, b = np.array([1.4, 0.6]) / 3, np.array([0.1, 0.9]) / 3
    given_a, given_b = a / (a + b), b / (a + b)
    by_hand = np.mean([np.log(given_a @ P[0]), np.log(given_a @ P[1]), np.log(given_b @ P[2])])
    assert leep(P, ["a", "a", "b"]) == pytest.approx(by_hand, abs=1e-12)


def test_leep_lies_between_no_clue_and_certainty_and_ignores_unused_classes():
    rng = np.random.default_rng(0)
    y = np.arange(40) % 4
    P = rng.dirichlet(np.ones(6), size=40)
    assert -np.log(4) - 1e-9 <= leep(P, y) <= 0
    assert leep(np.full((40, 5), 0.2), y) == pytest.approx(-np.log(4))
    assert leep(np.hstack([P, np.zeros((40, 3))]), y) == pytest.approx(leep(P, y))


def test_nleep_rises_with_the_classes_apart_and_with_too_many_clusters_for_noise():
    far, y = rows(150, 4, apart=8)
    near, _ = rows(150, 4, apart=0)
    assert nleep(far, y) > nleep(near, y) + 0.3
    assert nleep(near, y, clusters=75) > nleep(near, y, clusters=15)  # the docstring's warning
    assert nleep(1000 * far, y) == pytest.approx(nleep(far, y), abs=1e-6)


def test_h_score_is_the_sum_of_the_discriminants_shares():
    """tr(Σ⁻¹Σ_b) = Σ λ/(1 + λ) with λ the eigenvalues of Σ_w⁻¹Σ_b, as in discriminant analysis."""
    F, y = rows(90, 5, apart=1.5)
    lda = LinearDiscriminantAnalysis(solver="eigen").fit(F, y)
    means = lda.means_ - F.mean(axis=0)
    between = means.T @ (means * lda.priors_[:, None])
    within = np.cov((F - lda.means_[y]).T, bias=True)
    lam = np.linalg.eigvals(np.linalg.solve(within, between)).real
    assert h_score(F, y, shrink=False) == pytest.approx((lam / (1 + lam)).sum(), abs=1e-9)
    assert 0 <= h_score(F, y) <= h_score(F, y, shrink=False) <= 2


def test_plain_h_score_of_noise_is_at_its_maximum_with_few_rows_and_the_shrunk_one_is_not():
    noise = np.random.default_rng(0).normal(size=(30, 60))
    y = np.arange(30) % 3
    assert h_score(noise, y, shrink=False) == pytest.approx(2, abs=1e-9)
    assert h_score(noise, y) < 0.5


def test_transrate_is_the_log_determinant_of_its_formula():
    F, y = rows(60, 4, apart=2)
    Z = F - F.mean(axis=0)
    Z = Z / np.sqrt((Z**2).sum() / len(Z))

    def rate(A):
        return 0.5 * np.linalg.slogdet(np.eye(4) + A.T @ A / (len(A) * 1e-4))[1]

    assert transrate(F, y) == pytest.approx(rate(Z) - np.mean([rate(Z[y == c]) for c in range(3)]))
    assert transrate(100 * F, y) == pytest.approx(transrate(F, y))


def test_transrate_does_not_see_two_equally_frequent_classes():
    noise = np.random.default_rng(0).normal(size=(400, 3))
    y = np.arange(400) % 2
    assert transrate(noise + 20 * y[:, None], y) < 0.05
    assert probe_score(noise + 20 * y[:, None], y) == 1


def test_trial_scores_are_high_for_classes_apart_and_at_chance_for_noise():
    far, y = rows(150, 3, apart=10)
    noise, _ = rows(150, 3, apart=0)
    for score in (probe_score, nearest_neighbor_score):
        assert score(far, y) > 0.95
        assert abs(score(noise, y) - 1 / 3) < 0.13
        assert score(far, y, seed=1) == score(far, y, seed=1)


def test_cka_is_the_normalized_product_of_centered_gram_matrices():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 30))
    H = np.eye(20) - 1 / 20
    K, L = H @ X @ X.T @ H, H @ Y @ Y.T @ H
    by_gram = (K * L).sum() / np.sqrt((K * K).sum() * (L * L).sum())
    assert cka(X, Y) == pytest.approx(by_gram, abs=1e-12)
    assert cka(X, Y) == pytest.approx(cka(Y, X), abs=1e-12)
    rotation = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    assert cka(3 * X @ rotation + 1, Y) == pytest.approx(cka(X, Y), abs=1e-12)


def test_debiased_cka_of_noise_is_zero_on_average_where_the_plain_one_is_large():
    values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X, Y = rng.normal(size=(20, 200)), rng.normal(size=(20, 200))
        values.append((cka(X, Y), cka(X, Y, debiased=True)))
    plain, debiased = np.mean(values, axis=0)
    assert plain > 0.8
    assert abs(debiased) < 4 * np.std([v[1] for v in values]) / np.sqrt(60)
    assert cka(X, X, debiased=True) == pytest.approx(1)


def test_bures_of_commuting_gaussians_and_against_pot():
    assert bures(np.zeros(2), np.diag([4.0, 9.0]), np.ones(2), np.diag([1.0, 1.0])) == (
        pytest.approx(2 + (2 - 1) ** 2 + (3 - 1) ** 2)
    )
    rng = np.random.default_rng(0)
    A, B = (np.cov(rng.normal(size=(3, 12))) for _ in range(2))
    known = ot.gaussian.bures_wasserstein_distance(np.zeros(3), np.ones(3), A, B)
    assert bures(np.zeros(3), A, np.ones(3), B) == pytest.approx(float(known) ** 2, abs=1e-9)


def test_otdd_by_the_linear_program():
    from scipy.optimize import linprog

    (Xs, ys), (Xt, yt) = rows(8, 2, k=2, apart=3), rows(6, 2, k=2, apart=1, seed=5)
    floor = 1e-6 * np.concatenate([Xs, Xt]).var(axis=0).mean() * np.eye(2)
    costs = np.empty((8, 6))
    for i in range(8):
        for j in range(6):
            one, other = Xs[ys == ys[i]], Xt[yt == yt[j]]
            classes = ot.gaussian.bures_wasserstein_distance(
                one.mean(0), other.mean(0), np.cov(one.T) + floor, np.cov(other.T) + floor
            )
            costs[i, j] = ((Xs[i] - Xt[j]) ** 2).sum() + classes**2
    rows_fixed = np.kron(np.eye(8), np.ones(6))
    columns_fixed = np.kron(np.ones(8), np.eye(6))
    masses = np.concatenate([np.full(8, 1 / 8), np.full(6, 1 / 6)])
    solved = linprog(costs.ravel(), A_eq=np.vstack([rows_fixed, columns_fixed]), b_eq=masses)
    assert otdd(Xs, ys, Xt, yt) == pytest.approx(np.sqrt(solved.fun), abs=1e-6)


def test_otdd_ignores_names_is_symmetric_and_zero_only_for_equal_clouds():
    X, y = rows(40, 3, k=2, apart=4)
    names = np.array(["cat", "dog"])[y]
    assert otdd(X, names, X, 1 - y) == pytest.approx(0, abs=1e-6)
    Z, z = rows(30, 3, k=3, apart=1, seed=7)
    assert otdd(X, y, Z, z) == pytest.approx(otdd(Z, z, X, y), abs=1e-9)
    assert otdd(X, y, 2 * X, y) > 1


@pytest.mark.parametrize("score", [logme, h_score, nleep, transrate, probe_score])
def test_scores_say_what_is_wrong_with_their_input(score):
    F, y = rows(20, 3)
    with pytest.raises(ValueError, match=r"^y: got 19 labels, want 20"):
        score(F, y[:-1])
    with pytest.raises(ValueError, match=r"^y: got 1 class"):
        score(F, np.zeros(20))
    with pytest.raises(ValueError, match=r"^features: got 1 values that are NaN"):
        score(np.where(np.arange(60).reshape(20, 3) == 7, np.nan, F), y)


def test_other_bad_input_is_named():
    F, y = rows(20, 3)
    with pytest.raises(ValueError, match=r"^posteriors: got rows that are not probabilities"):
        leep(F, y)
    with pytest.raises(ValueError, match=r"^y: got 1 row\(s\) of class 9, want at least 5"):
        probe_score(F, np.where(np.arange(20) == 0, 9, y))
    with pytest.raises(ValueError, match=r"^clusters: got 21, want 2 … 20"):
        nleep(F, y, clusters=21)
    with pytest.raises(ValueError, match=r"^Y: got 19 rows, want 20"):
        cka(F, F[1:])
    with pytest.raises(ValueError, match=r"^X: got equal rows"):
        cka(np.ones((5, 2)), np.arange(10).reshape(5, 2))
    with pytest.raises(ValueError, match=r"^yt: got 1 row\(s\) of class 0"):
        otdd(F, y, F[:4], [0, 1, 1, 1])
    for score in (nleep, transrate):
        with pytest.raises(ValueError, match=r"^features: got equal rows"):
            score(np.ones((20, 3)), y)
