"""The two arms of the label-shift experiment differ in the class mix and in nothing else."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch11_alignment.cases import RARE, label_shift_task, true_mix


@pytest.fixture(scope="module")
def arms():
    return {shifted: label_shift_task(3, shifted) for shifted in (False, True)}


def test_both_arms_have_the_same_source_and_the_same_numbers_of_target_rows(arms):
    whole = data.load("fonts-to-handwriting", seed=3)
    for task in arms.values():
        assert np.array_equal(task.source.X, whole.source.X)
        assert np.array_equal(task.validation.y, whole.validation.y)
    assert arms[True].target.X.shape == arms[False].target.X.shape
    assert 520 < len(arms[True].target.X) < 580


def test_target_rows_come_from_the_whole_task_and_keep_its_parts_apart(arms):
    whole = data.load("fonts-to-handwriting", seed=3)
    unlabeled = {row.tobytes() for row in whole.target.X}
    for task in arms.values():
        assert {row.tobytes() for row in task.target.X} <= unlabeled
        tested = []
        task.score(lambda X, kept=tested: kept.append(X) or np.zeros(len(X), dtype=int))
        # A few of the 1,797 pictures occur twice.
        assert np.mean([row.tobytes() in unlabeled for row in tested[0]]) < 0.02
        assert 400 < len(tested[0]) < 470


def test_the_mixes_are_what_they_are_said_to_be(arms):
    shifted, matched = true_mix(3), true_mix(3, shifted=False)
    assert shifted.sum() == pytest.approx(1) and matched.sum() == pytest.approx(1)
    assert shifted[list(RARE)].sum() == pytest.approx(50 / 550, abs=0.03)
    assert matched.min() > 0.06 and matched.max() < 0.14
    confusion = arms[True].report(lambda X: np.zeros(len(X), dtype=int)).confusion
    tested = confusion.sum(axis=1) / confusion.sum()
    assert tested[list(RARE)].sum() == pytest.approx(40 / 440, abs=0.04)


def test_arms_repeat_themselves_and_differ_between_seeds(arms):
    again = label_shift_task(3, True)
    assert np.array_equal(again.target.X, arms[True].target.X)
    other = label_shift_task(4, True)
    assert other.target.X.shape != again.target.X.shape or not np.array_equal(
        other.target.X, again.target.X
    )
