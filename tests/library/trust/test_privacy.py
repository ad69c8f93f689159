"""Budgets against other accountants, noise against its formula, statements against audits."""

import importlib

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import Ridge

from tlbook.trust import PrivateRidge, audit_epsilon, epsilon_of, gaussian_epsilon, rho_of


def test_conversion_is_that_of_renyi_accountants():
    opacus = importlib.import_module("opacus.accountants.analysis.rdp")
    orders = 1 + np.geomspace(1e-3, 1e4, 20_000)
    for rho in (0.001, 0.1, 2.0):
        known, _ = opacus.get_privacy_spent(orders=orders, rdp=rho * orders, delta=1e-5)
        assert epsilon_of(rho, 1e-5) == pytest.approx(known, rel=1e-4)


def test_exact_epsilon_lies_below_the_conversion_and_below_the_older_bound():
    for rho in (1e-4, 0.01, 0.5, 5.0):
        exact, tight = gaussian_epsilon(rho, 1e-6), epsilon_of(rho, 1e-6)
        older = rho + 2 * np.sqrt(rho * np.log(1e6))
        assert 0 <= exact < tight < older
        assert rho_of(tight, 1e-6) == pytest.approx(rho, rel=1e-6)


def test_exact_epsilon_by_integrating_the_privacy_loss():
    rho, delta = 0.3, 1e-3
    mu, epsilon = np.sqrt(2 * rho), gaussian_epsilon(rho, delta)
    x = np.linspace(-12, 12 + mu, 400_001)
    excess = norm.pdf(x, loc=mu) - np.exp(epsilon) * norm.pdf(x)
    assert np.trapezoid(np.maximum(excess, 0), x) == pytest.approx(delta, rel=1e-4)


def rows(n, d=5, k=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    X = np.zeros((n, d))
    X[:, :k] = 0.6 * np.eye(k)[y]
    return X + 0.1 * rng.normal(size=(n, d)), y


def test_without_noise_it_is_ridge():
    X, y = rows(200)
    found = PrivateRidge(epsilon=np.inf, bound=10.0, ridge=0.7).fit(X, y)
    design = np.hstack([X, np.full((200, 1), 5.0)])
    known = Ridge(alpha=0.7, fit_intercept=False).fit(design, np.eye(3)[y])
    assert found.coef_ == pytest.approx(known.coef_.T, abs=1e-9)
    assert found.rho_ == np.inf


def test_accuracy_falls_with_the_budget_and_rows_pay_for_noise():
    X, y = rows(1500)

    def mean(n, epsilon):
        fits = [PrivateRidge(epsilon, seed=s).fit(X[:n], y[:n]) for s in range(12)]
        return np.mean([fit.score(X, y) for fit in fits])

    assert mean(1500, 0.01) < 0.6 < 0.95 < mean(1500, 10.0)
    assert mean(100, 1.0) < mean(1500, 1.0)


def test_one_row_moves_the_sums_by_no_more_than_the_noise_was_made_for():
    X, y = rows(50)
    X[0] *= 100  # an outlier is shortened
    model = PrivateRidge(epsilon=np.inf, bound=2.0)
    design = model._rows(X)
    assert np.linalg.norm(design, axis=1).max() <= 2.0 + 1e-12
    outer = np.outer(design[0], design[0])
    assert np.linalg.norm(np.triu(outer)) <= 4.0 + 1e-12
    assert np.linalg.norm(np.outer(design[0], np.eye(3)[y[0]])) <= 2.0 + 1e-12


def worst_case(epsilon, runs, seed, delta=1e-5):
    """The outputs' best test: the noisy sums with and without a row, read along that row."""
    sigma = 1 / np.sqrt(2 * rho_of(epsilon, delta))
    noise = sigma * np.random.default_rng(seed).normal(size=(2, runs))
    return noise[0] + 1, noise[1]


@pytest.mark.slow
def test_audits_stay_below_the_statement_in_95_of_100():
    below = 0
    for seed in range(100):
        found = audit_epsilon(*worst_case(1.0, 2000, seed), delta=1e-5)
        below += found.epsilon <= 1.0
    assert below >= 95


def test_audits_find_a_broken_mechanism():
    """Half of the noise that the statement needs: shown at once."""
    inside, outside = worst_case(1.0, 4000, 0)
    shown = audit_epsilon(1 + (inside - 1) / 8, outside / 8, delta=1e-5)
    assert shown.epsilon > 1.0


@pytest.mark.slow
def test_the_class_itself_passes_its_audit():
    """Released through PrivateRidge: a canary row, read back from the noisy normal equations."""
    X, y = rows(20)
    canary = np.array([[0.0, 0.0, 0.0, 0.0, 3.0]])
    epsilon, runs = 2.0, 300
    inside, outside = [], []
    for seed in range(runs):
        for out, data, labels, s in (
            (inside, np.vstack([X, canary]), np.append(y, 0), seed),
            (outside, X, y, 10_000 + seed),
        ):
            fit = PrivateRidge(epsilon, classes=[0, 1, 2], ridge=1.0, seed=s).fit(data, labels)
            out.append(fit.decision_function(canary)[0, 0])
    assert audit_epsilon(inside, outside, delta=1e-5).epsilon <= epsilon


def test_bad_input_is_named():
    X, y = rows(30)
    for call, message in (
        (lambda: epsilon_of(-1, 0.1), r"^rho: got -1"),
        (lambda: epsilon_of(1, 0), r"^delta: got 0"),
        (lambda: rho_of(0, 0.1), r"^epsilon: got 0"),
        (lambda: gaussian_epsilon(1, 2), r"^delta: got 2"),
        (lambda: PrivateRidge(epsilon=-1).fit(X, y), r"^epsilon: got -1"),
        (lambda: PrivateRidge(bound=0).fit(X, y), r"^bound: got 0"),
        (lambda: PrivateRidge(classes=[0, 1]).fit(X, y), r"^y: got a label that is none of"),
        (lambda: PrivateRidge().fit(X, y[1:]), r"^y: got 29 labels, want 30"),
        (lambda: PrivateRidge().fit(X, y).predict(X[:, 1:]), r"^X: got 4 features, want 5"),
        (lambda: audit_epsilon(np.ones(9), np.ones(20)), r"^with_row: got 9 rows"),
        (lambda: audit_epsilon(np.ones(20), np.ones(20), delta=1), r"^delta: got 1"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
