"""Criteria without target labels: closed forms, brute force, and what each of them cannot see."""

import itertools

import numpy as np
import pytest
from scipy.special import rel_entr, softmax
from scipy.stats import entropy

from tlbook import selection


def answers(n=60, k=4, seed=0, sharp=2.0):
    return softmax(sharp * np.random.default_rng(seed).normal(size=(n, k)), axis=1)


# -- risks on the source --------------------------------------------------------------------------


def test_source_risk_counts_mistakes():
    P = np.eye(3)[[0, 1, 2, 0]]
    assert selection.source_risk([0, 1, 2, 1], P) == 0.25
    assert selection.losses([0, 1, 2, 1], P).tolist() == [0, 0, 0, 1]


def test_log_loss_tells_networks_apart_that_make_no_mistake():
    sure, unsure = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.6, 0.4], [0.4, 0.6]])
    assert selection.source_risk([0, 1], sure) == selection.source_risk([0, 1], unsure) == 0
    want = -(np.log(0.9) + np.log(0.8)) / 2
    assert selection.source_risk([0, 1], sure, "log") == pytest.approx(want)
    assert selection.source_risk([0, 1], unsure, "log") > want
    assert np.isfinite(selection.losses([1], [[1.0, 0.0]], "log")).all()


def test_dev_is_the_fitted_line_read_at_one():
    rng = np.random.default_rng(1)
    losses, weights = rng.random(50), rng.exponential(1.3, 50)
    slope, offset = np.polyfit(weights, weights * losses, 1)
    assert selection.dev_risk(losses, weights) == pytest.approx(slope + offset)


def test_dev_with_equal_weights_is_the_mean_loss_and_with_constant_loss_that_constant():
    losses = np.random.default_rng(0).random(20)
    assert selection.dev_risk(losses, np.ones(20)) == pytest.approx(losses.mean())
    weights = np.random.default_rng(1).exponential(3.0, 20)
    assert selection.dev_risk(np.full(20, 0.7), weights) == pytest.approx(0.7)


def test_dev_is_right_on_average_and_scatters_less_than_plain_weighting():
    """Source N(0, 1), target N(1, 1), loss [x > 0]: the target's risk is Φ(1) = 0.8413."""
    rng = np.random.default_rng(2)
    plain, dev = [], []
    for _ in range(400):
        x = rng.normal(size=400)
        weights, losses = np.exp(x - 0.5), (x > 0).astype(float)
        plain.append(np.mean(weights * losses))
        dev.append(selection.dev_risk(losses, weights))
    assert np.mean(dev) == pytest.approx(0.8413, abs=0.01)
    assert np.std(dev) < 0.6 * np.std(plain)


def test_validation_weights_find_the_ratio_of_two_gaussians():
    rng = np.random.default_rng(3)
    source, target = rng.normal(size=(3000, 1)), rng.normal(1, 1, size=(3000, 1))
    held = rng.normal(size=(500, 1))
    found = selection.validation_weights(source, target, held)
    want = np.exp(held[:, 0] - 0.5)
    assert np.corrcoef(np.log(found), np.log(want))[0, 1] > 0.99
    assert np.median(np.abs(np.log(found) - np.log(want))) < 0.2
    losses = (held[:, 0] > 0).astype(float)
    assert selection.dev_risk(losses, found) == pytest.approx(0.84, abs=0.1)


# -- scores on the target -------------------------------------------------------------------------


def test_entropy_score_is_minus_the_mean_entropy():
    P = answers()
    assert selection.entropy_score(P) == pytest.approx(-np.mean(entropy(P, axis=1)))
    assert selection.entropy_score(np.eye(4)) == 0
    assert selection.entropy_score(np.full((5, 4), 0.25)) == pytest.approx(-np.log(4))


def test_information_score_is_the_mean_divergence_from_the_mean_answer():
    P = answers()
    divergence = rel_entr(P, P.mean(axis=0)).sum(axis=1).mean()
    assert selection.information_score(P) == pytest.approx(divergence)
    assert selection.information_score(np.eye(4)) == pytest.approx(np.log(4))
    assert selection.information_score(np.tile([0.1, 0.9], (7, 1))) == pytest.approx(0, abs=1e-12)


def test_neighborhood_density_equals_the_double_loop(monkeypatch):
    P, tau = answers(n=23), 0.1
    unit = P / np.linalg.norm(P, axis=1, keepdims=True)
    want = []
    for i in range(len(P)):
        others = [j for j in range(len(P)) if j != i]
        want.append(entropy(softmax([unit[i] @ unit[j] / tau for j in others])))
    assert selection.neighborhood_density(P, tau) == pytest.approx(np.mean(want))
    monkeypatch.setattr(selection.confidence, "BLOCK", 5)
    assert selection.neighborhood_density(P, tau) == pytest.approx(np.mean(want))


def test_neighborhood_density_of_a_constant_answer_is_the_largest_there_is():
    constant = np.tile([0.7, 0.2, 0.1], (40, 1))
    assert selection.neighborhood_density(constant) == pytest.approx(np.log(39))
    assert selection.neighborhood_density(answers(40, 3)) < np.log(39)


def test_neighborhood_density_counts_the_members_of_clean_clusters():
    P = np.repeat(np.eye(4), 25, axis=0)
    assert selection.neighborhood_density(P) == pytest.approx(np.log(24), abs=1e-4)


def test_confidence_scores_do_not_depend_on_the_order_of_rows():
    P = answers(31)
    turned = P[np.random.default_rng(0).permutation(31)]
    for criterion in (
        selection.entropy_score,
        selection.information_score,
        selection.neighborhood_density,
    ):
        assert criterion(turned) == pytest.approx(criterion(P))


# -- agreement ------------------------------------------------------------------------------------


def test_agreement_is_the_mean_over_pairs():
    given = np.random.default_rng(0).integers(0, 3, size=(4, 50))
    pairs = [np.mean(a == b) for a, b in itertools.combinations(given, 2)]
    assert selection.agreement(given) == pytest.approx(np.mean(pairs))
    each = selection.agreement_of_each(given)
    assert each[2] == pytest.approx(np.mean([np.mean(given[2] == given[i]) for i in (0, 1, 3)]))
    assert each.mean() == pytest.approx(selection.agreement(given))


def test_agreement_of_independent_mistakes_follows_from_the_accuracy():
    """Right with probability a, else a random other class: a² + (1 − a)² / (k − 1)."""
    rng = np.random.default_rng(4)
    truth, k = rng.integers(0, 10, 40_000), 10
    for a in (0.3, 0.6, 0.9):
        wrong = (truth + rng.integers(1, k, size=(2, len(truth)))) % k
        given = np.where(rng.random((2, len(truth))) < a, truth, wrong)
        want = a**2 + (1 - a) ** 2 / (k - 1)
        assert selection.agreement(given) == pytest.approx(want, abs=0.015)


def test_agreement_does_not_see_a_mistake_that_all_seeds_share():
    truth = np.arange(100) % 10
    shared = np.where(truth == 1, 7, truth)
    assert selection.agreement([shared, shared, shared]) == 1


def test_effective_classes_of_known_mixes():
    assert selection.effective_classes(np.arange(40) % 10, 10) == pytest.approx(10)
    assert selection.effective_classes(np.full(40, 3), 10) == pytest.approx(1)
    assert selection.effective_classes([0, 0, 1, 1], 10) == pytest.approx(2)


def test_a_constant_answer_has_collapsed_and_a_label_shift_has_not():
    assert selection.collapsed(np.full(100, 7), 10)
    assert not selection.collapsed(np.arange(100) % 10, 10)
    shifted = np.repeat(np.arange(10), [5] * 5 + [50] * 5)  # five classes at a tenth
    assert not selection.collapsed(shifted, 10)
    assert not selection.collapsed(np.full(100, 7), 10, least=0)


# -- bad input ------------------------------------------------------------------------------------

P3 = np.full((3, 2), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: selection.source_risk([0, 1], P3), "y: got 2 labels, want 3"),
        (lambda: selection.source_risk([0, 1, 5], P3), r"y: got labels \[5\]"),
        (lambda: selection.source_risk([0, np.nan, 1], P3), "y: got labels that are NaN"),
        (lambda: selection.source_risk([0, 1, 1], P3, "hinge"), "loss: got 'hinge'"),
        (lambda: selection.dev_risk([1, 0], [1.0, 2.0, 3.0]), "weights: got 3, want 2"),
        (lambda: selection.dev_risk([1, 0], [1.0, -2.0]), "weights: got negative"),
        (lambda: selection.dev_risk([1, np.nan], [1.0, 2.0]), "loss: got 1 values that are NaN"),
        (lambda: selection.dev_risk([1], [1.0]), "loss: got 1 rows, want at least 2"),
        (lambda: selection.entropy_score([[2.0, -1.0]]), "rows that are not probabilities"),
        (lambda: selection.entropy_score(np.ones((3, 1))), r"got 1 column\(s\)"),
        (lambda: selection.entropy_score(np.ones(3)), "2-dimensional"),
        (lambda: selection.information_score([[np.nan, 1.0]]), "NaN or infinite"),
        (lambda: selection.information_score(np.zeros((0, 2))), "got 0 rows"),
        (lambda: selection.neighborhood_density(P3[:1]), "got 1 rows, want at least 2"),
        (lambda: selection.neighborhood_density(P3, 0), "temperature: got 0"),
        (lambda: selection.agreement([[1, 2, 3]]), r"got 1 network\(s\), want at least 2"),
        (lambda: selection.agreement([1, 2, 3]), "2-dimensional"),
        (lambda: selection.agreement(np.zeros((2, 0))), "answers: got no rows"),
        (lambda: selection.collapsed([1, 12], 10), r"answers: got \[12\]"),
        (lambda: selection.collapsed([0, 0], 1), "n_classes: got 1"),
        (lambda: selection.collapsed([0, 1], 2, 1.5), "least: got 1.5"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
