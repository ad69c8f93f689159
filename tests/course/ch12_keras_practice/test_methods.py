"""Chapter 12's methods: a cut base with a probe, or trained above the cut."""

import numpy as np
import pytest

from tlbook.course.ch12_keras_practice import methods
from tlbook.course.ch12_keras_practice.keras_models.twin import mobilesigns
from tlbook.course.ch12_keras_practice.settings import BUDGETS, GRID, chosen
from tlbook.course.results import stored
from tlbook.data.signs import load_signs
from tlbook.finetuning import cached_features, linear_probe


@pytest.mark.slow
def test_on_the_whole_base_the_probe_is_the_linear_probe_of_its_features():
    task = load_signs(seed=5)
    X, y = task.label(2, 5)
    plain = linear_probe(lambda rows: cached_features(mobilesigns(), rows), X, y, C=0.01)
    new = task.target.X[:100]
    assert (methods.probe(task, 5, 2, C=0.01)(new) == plain(new)).all()


def test_the_whole_base_is_the_last_cut():
    assert len(mobilesigns().stages) == methods.WHOLE


@pytest.mark.parametrize(("arm", "cut"), [("probe", 14), ("fine-tune", 7)])
def test_the_chosen_setting_is_the_best_of_the_nearest_budget(arm, cut):
    frame = stored.load("keras_tuning").query("arm == @arm and cut == @cut")
    for budget, near in zip((1, 2, 5, 10, 20, 50), (1, 5, 5, 20, 20, 20), strict=True):
        mean = frame[frame.budget == near].groupby("setting").accuracy.mean()
        assert near in BUDGETS and set(np.round(mean.index, 8)) == set(GRID[arm])
        assert chosen(arm, cut, budget) == mean.idxmax()


def test_bad_steps_and_cuts_are_named():
    task = load_signs(seed=5)
    with pytest.raises(ValueError, match="steps: got 0"):
        methods.fine_tuning(task, 5, 1, cut=17, steps=0)
    with pytest.raises(ValueError, match="cut: got 20"):
        methods.fine_tuning(task, 5, 1, cut=20)
