"""The tests for a shift: their level where there is none, and what they find."""

import numpy as np
import pytest

from tests.library.diagnosis.worlds import clusters
from tlbook.diagnosis.detection import aggregated_mmd, classifier_test, holm, two_sample


def test_a_moved_sample_is_found_and_its_feature_named():
    X, _ = clusters(150, 0)
    Y, _ = clusters(150, 1)
    found = two_sample(X, Y + [0, 0, 1.5, 0], permutations=99)
    assert found.found and found.auc > 0.6
    assert found.p_features.argmin() == 2 and found.effects[2] > 1
    assert not two_sample(X, Y, permutations=99).found


def test_each_test_sees_a_change_of_spread_that_means_cannot_show():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(150, 3)), 2 * rng.normal(size=(150, 3))
    assert classifier_test(X, Y)[1] < 0.01
    assert aggregated_mmd(X, Y, 199) == pytest.approx(1 / 200)
    assert two_sample(X, Y, 99).p_features.max() < 0.05


@pytest.mark.slow
def test_the_level_holds_without_a_shift():
    """80 draws at level 0.05: eight alarms or more come with probability 0.05 at most."""
    alarms = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        alarms += two_sample(rng.normal(size=(60, 3)), rng.normal(size=(50, 3)), 99, seed).found
    assert alarms <= 8


def test_holm_agrees_with_a_worked_example():
    assert holm(np.array([0.005, 0.03, 0.04, 0.6])) == pytest.approx([0.02, 0.09, 0.09, 0.6])
    assert holm(np.array([0.9])) == pytest.approx([0.9])
    assert holm(np.array([0.6, 0.7])).max() <= 1


def test_the_answers_of_a_model_are_one_test_more():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(60, 2)), rng.normal(size=(50, 2))
    three = two_sample(X, Y, 99)
    four = two_sample(X, Y, 99, p_answers=0.001)
    assert (three.tests, four.tests) == (3, 4) and not three.found
    assert four.p_value == pytest.approx(0.004) and four.found
    assert two_sample(X, Y, 99, p_answers=1.0).p_value == pytest.approx(
        min(1, 4 / 3 * three.p_value)
    )
