"""The likelihood-ratio attack against its closed form, and the tail that counts."""

import numpy as np
import pytest
from scipy.stats import norm

from tlbook.trust import likelihood_ratio, logit_confidence, true_positive_rate


def test_confidence_is_the_logit_and_finite_where_a_model_is_certain():
    P = np.random.default_rng(0).dirichlet(np.ones(5), size=50)
    y = np.arange(50) % 5
    p = P[np.arange(50), y]
    assert logit_confidence(P, y) == pytest.approx(np.log(p / (1 - p)))
    assert np.isfinite(logit_confidence([[1.0, 0.0], [0.0, 1.0]], [0, 0])).all()
    tiny = 1e-9  # 1 − p in floats would have lost half of its digits
    assert logit_confidence([[1 - tiny, tiny]], [0])[0] == pytest.approx(-np.log(tiny), rel=1e-6)


def game(gap, n=4000, models=65, seed=0):
    rng = np.random.default_rng(seed)
    members = np.zeros((models, n), dtype=bool)
    for row in range(n):
        members[rng.permutation(models)[: models // 2], row] = True
    level = 3 * rng.normal(size=n)  # easy and hard rows
    return level + gap * members + rng.normal(size=(models, n)), members


def test_the_attack_reaches_the_best_test_of_two_normals():
    """Per row N(0, 1) against N(gap, 1): TPR at FPR a is Φ(gap − z₁₋ₐ), Neyman–Pearson."""
    for gap in (0.5, 1.5, 3.0):
        phi, members = game(gap)
        ratio = likelihood_ratio(phi[1:], members[1:], phi[0])
        best = norm.cdf(gap - norm.ppf(0.99))
        assert true_positive_rate(ratio, members[0]) == pytest.approx(best, abs=0.08)


def test_without_the_shadows_hard_rows_hide_the_members():
    phi, members = game(1.5)
    ratio = likelihood_ratio(phi[1:], members[1:], phi[0])
    assert true_positive_rate(phi[0], members[0]) < 0.1 < true_positive_rate(ratio, members[0])


def test_nothing_is_found_where_nothing_leaks():
    phi, members = game(0.0)
    ratio = likelihood_ratio(phi[1:], members[1:], phi[0])
    assert true_positive_rate(ratio, members[0]) < 0.03
    assert true_positive_rate(ratio, members[0], 0.5) == pytest.approx(0.5, abs=0.05)


def test_rate_equals_the_roc_curve_of_scikit_learn():
    from sklearn.metrics import roc_curve

    rng = np.random.default_rng(0)
    members = rng.random(500) < 0.4
    scores = rng.normal(size=500) + members
    fpr, tpr, _ = roc_curve(members, scores, drop_intermediate=False)
    for allowed in (0.0, 0.01, 0.1, 0.5, 1.0):
        known = tpr[fpr <= allowed + 1e-12].max()
        assert true_positive_rate(scores, members, allowed) == pytest.approx(known)
    assert true_positive_rate(np.zeros(500), members, 0.5) == 0  # ties cannot be told apart


def test_bad_input_is_named():
    phi, members = game(1.0, n=10, models=5)
    with pytest.raises(ValueError, match=r"^members: got int64 of shape"):
        likelihood_ratio(phi, members.astype(int), phi[0])
    with pytest.raises(ValueError, match=r"^members: got a row that is always"):
        likelihood_ratio(phi, np.ones_like(members), phi[0])
    with pytest.raises(ValueError, match=r"^observed: got 9 values, want 10"):
        likelihood_ratio(phi, members, phi[0, 1:])
    with pytest.raises(
        ValueError, match=r"^members: got bool of shape \(3,\), want bool with both"
    ):
        true_positive_rate([1, 2, 3], np.array([True] * 3))
