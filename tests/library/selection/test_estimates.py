"""Accuracy without labels: exact where the assumption holds, wrong where it does not."""

import numpy as np
import pytest

from tlbook.selection import agreement_on_the_line, confidence_drop, thresholded_confidence


def logistic(n, spread, seed, flip=False):
    """A calibrated model of two classes: probabilities and labels drawn from them."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-spread * rng.normal(size=n)))
    y = (rng.random(n) < (1 - p if flip else p)).astype(int)
    return np.stack([1 - p, p], axis=1), y


def accuracy(P, y):
    return float((P.argmax(axis=1) == y).mean())


@pytest.mark.parametrize("confidence", ["entropy", "largest"])
def test_on_the_source_itself_the_threshold_gives_its_accuracy(confidence):
    P, y = logistic(501, 2, 0)
    assert thresholded_confidence(P, y, P, confidence) == pytest.approx(accuracy(P, y))
    assert confidence_drop(P, y, P) == pytest.approx(accuracy(P, y))


def test_a_calibrated_model_is_estimated_right_under_covariate_shift():
    P, y = logistic(20_000, 3, 0)
    Q, truth = logistic(20_000, 1, 1)  # nearer to the border: less sure, and rightly so
    assert accuracy(P, y) - accuracy(Q, truth) > 0.1
    assert confidence_drop(P, y, Q) == pytest.approx(accuracy(Q, truth), abs=0.015)
    # The threshold calls every unsure row wrong: too low by more than ten points, as its docstring
    # says; of the same model where it is more sure it is too high.
    assert thresholded_confidence(P, y, Q) < accuracy(Q, truth) - 0.1
    assert thresholded_confidence(Q, truth, P) > accuracy(P, y)


def test_a_new_meaning_of_the_labels_is_not_seen():
    P, y = logistic(5000, 3, 0)
    Q, truth = logistic(5000, 3, 1, flip=True)
    assert accuracy(Q, truth) < 0.3
    assert confidence_drop(P, y, Q) > 0.75
    assert thresholded_confidence(P, y, Q) > 0.75


def test_a_model_without_a_mistake_is_called_right_everywhere():
    P = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert thresholded_confidence(P, [0, 1], [[0.55, 0.45]]) == 1


def families(shares, n, k, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, size=n)
    guess = [rng.integers(0, k, size=n) for _ in shares]
    return y, [np.where(rng.random(n) < s, y, g) for s, g in zip(shares, guess, strict=True)]


def test_the_line_fits_independent_mistakes_and_finds_most_of_the_drop_only():
    """Two classes, models sign(signal + noise): the line of the agreements is not the other one."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, size=60_000)

    def answers(signal, seed):
        noise = np.random.default_rng(seed).normal(size=y.shape)
        return ((2 * y - 1) * signal + noise > 0).astype(int)

    signals = np.array([0.4, 0.8, 1.2, 1.6])
    source = [answers(s, i) for i, s in enumerate(signals)]
    target = [answers(0.5 * s, 10 + i) for i, s in enumerate(signals)]
    estimate = agreement_on_the_line(source, y, target)
    truth = np.array([(t == y).mean() for t in target])
    before = np.array([(s == y).mean() for s in source])
    assert estimate.r_squared > 0.95
    assert np.all(estimate.accuracies < truth)
    assert np.all(truth - estimate.accuracies > 0.02)
    assert np.all(truth - estimate.accuracies < 0.7 * (before - truth))


def test_no_shift_gives_the_identity():
    y, answers = families((0.3, 0.5, 0.7, 0.9), 3000, 10, 0)
    same = agreement_on_the_line(answers, y, answers)
    assert same.slope == pytest.approx(1)
    assert same.intercept == pytest.approx(0, abs=1e-9)
    assert same.r_squared == pytest.approx(1)
    assert same.accuracies == pytest.approx([(a == y).mean() for a in answers])


def test_a_shared_mistake_is_taken_for_accuracy():
    y, answers = families((0.3, 0.5, 0.7, 0.9), 3000, 10, 0)
    wrong = [(a + 1) % 10 for a in answers]  # all agree as before, and all are wrong
    assert agreement_on_the_line(answers, y, wrong).accuracies[-1] > 0.85
    assert (wrong[-1] == y).mean() < 0.05


def test_bad_input_is_named():
    P, y = logistic(20, 1, 0)
    with pytest.raises(ValueError, match=r"^target: got 3 classes, want 2"):
        confidence_drop(P, y, np.full((4, 3), 1 / 3))
    with pytest.raises(ValueError, match=r"^confidence: got 'margin'"):
        thresholded_confidence(P, y, P, "margin")
    with pytest.raises(ValueError, match=r"^y: got 19 labels"):
        thresholded_confidence(P, y[:-1], P)
    with pytest.raises(ValueError, match=r"^source: got 2 rows, want at least 3"):
        agreement_on_the_line(np.ones((2, 5)), np.ones(5), np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"^source: got models that all agree equally"):
        agreement_on_the_line(np.ones((3, 5)), np.ones(5), np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"^target: got 4 models, want 3"):
        agreement_on_the_line(np.ones((3, 5)), np.ones(5), np.ones((4, 5)))
    with pytest.raises(ValueError, match=r"^y: got 4 labels, want 5"):
        agreement_on_the_line(np.ones((3, 5)), np.ones(4), np.ones((3, 5)))
