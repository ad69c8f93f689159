"""Calibration error with its bias, and the temperature that mends confidence."""

import numpy as np
import pytest
from scipy.special import softmax

from tlbook.trust import calibration_error, temperature


def logits(n, seed, k=3):
    rng = np.random.default_rng(seed)
    z = 2 * rng.normal(size=(n, k))
    return z, (z + rng.gumbel(size=z.shape)).argmax(axis=1)


def test_error_by_hand_for_two_bins():
    P = [[0.6, 0.4], [0.7, 0.3], [0.9, 0.1], [1.0, 0.0]]
    found = calibration_error(P, [0, 1, 0, 0], bins=2)
    assert found.confidence == pytest.approx([0.65, 0.95])
    assert found.accuracy == pytest.approx([0.5, 1.0])
    assert found.error.mean == pytest.approx(0.5 * 0.15 + 0.5 * 0.05)


@pytest.mark.slow
def test_a_perfect_model_scores_what_chance_gives_and_that_shrinks_with_rows():
    z, y = logits(20_000, 0)
    few, many = (calibration_error(softmax(z[:n], axis=1), y[:n]) for n in (300, 20_000))
    assert few.by_chance > 3 * many.by_chance
    assert many.error.mean < 2 * many.by_chance
    assert few.by_chance > 0.02


def test_too_sure_a_model_is_found_and_a_temperature_mends_it():
    z, y = logits(6000, 1)
    sharp = 3 * z
    before = calibration_error(softmax(sharp, axis=1), y)
    T = temperature(sharp, y)
    after = calibration_error(softmax(sharp / T, axis=1), y)
    assert pytest.approx(3, rel=0.1) == T
    assert before.error.low > 5 * before.by_chance
    assert after.error.mean < 2 * after.by_chance
    assert before.error.low < before.error.mean < before.error.high


def test_temperature_is_the_stationary_point_and_ignores_a_constant_per_row():
    z, y = logits(500, 2)
    T = temperature(z, y)
    P = softmax(z / T, axis=1)
    # d/d(1/T) of the mean log loss: expected logit less observed logit
    slope = ((P * z).sum(axis=1) - z[np.arange(500), y]).mean()
    assert abs(slope) < 1e-3
    assert temperature(z + np.arange(500)[:, None], y) == pytest.approx(T, rel=1e-4)
    assert temperature(np.log(softmax(z, axis=1)), y) == pytest.approx(T, rel=1e-4)


def test_temperature_equals_scikit_learn():
    """One feature: the best scale of a logistic regression without intercept or penalty."""
    from sklearn.linear_model import LogisticRegression

    z, y = logits(800, 3, k=2)
    model = LogisticRegression(C=1e8, fit_intercept=False, tol=1e-10)
    scale = model.fit(z[:, 1:] - z[:, :1], y).coef_[0, 0]
    assert temperature(z, y) == pytest.approx(1 / scale, rel=1e-3)


def test_rows_that_are_all_right_are_trusted_and_bad_input_is_named():
    assert temperature([[5.0, 0.0], [0.0, 5.0]], [0, 1]) < 0.2
    z, y = logits(10, 0)
    with pytest.raises(ValueError, match=r"^bins: got 11, want at most 10"):
        calibration_error(softmax(z, axis=1), y, bins=11)
    with pytest.raises(ValueError, match=r"^posteriors: got rows that are not prob"):
        calibration_error(z, y)
    with pytest.raises(ValueError, match=r"^y: got labels that are no column"):
        temperature(z, y + 3)
    with pytest.raises(ValueError, match=r"^logits: got 1 column"):
        temperature(z[:, :1], y)
