"""The chapter's widget: what it shows is what the study stored."""

import numpy as np
import pytest

from tlbook.course import widgets
from tlbook.course.ch12_keras_practice.methods import METHODS
from tlbook.course.ch12_keras_practice.studies import keras_cut
from tlbook.course.ch12_keras_practice.widget import base_cutter
from tlbook.course.results import stored

EXPERIMENT = widgets.get("base_cutter")


def result(**params):
    return base_cutter.compute(**EXPERIMENT.parameters(**params))


def test_controls_are_the_arms_of_the_study():
    assert tuple(base_cutter.CUTS.values()) == keras_cut.CUTS
    assert tuple(base_cutter.ARMS.values()) == tuple(METHODS)
    assert base_cutter.BUDGETS == keras_cut.BUDGETS
    assert base_cutter.SEED == keras_cut.SHOWN and base_cutter.WHOLE == keras_cut.WHOLE
    assert len(base_cutter.TICKS) == len(base_cutter.CUTS)


@pytest.mark.parametrize("arm", base_cutter.ARMS)
def test_accuracies_are_the_stored_ones(arm):
    shown = result(kept="up to block 12", arm=arm, budget=20)
    rows = stored.load("keras_cut").query("cut == 14 and budget == 20")
    kept = 100 * rows[rows.arm == base_cutter.ARMS[arm]].sort_values("seed").accuracy.to_numpy()
    assert shown.accuracy == pytest.approx(kept)
    assert shown.by_cut[shown.arm][:, 2] == pytest.approx(kept)
    assert shown.by_budget[shown.arm][:, base_cutter.BUDGETS.index(20)] == pytest.approx(kept)


def test_answers_graded_again_give_the_stored_accuracy():
    from tlbook.data.signs import load_signs

    rows = stored.load("keras_cut").query("seed == 0 and budget == 5")
    for row in rows.itertuples():
        answers = np.array([int(c) for c in row.answers[1:]])
        score = load_signs(seed=0).score(lambda _, answers=answers: answers)
        assert score == pytest.approx(row.accuracy, abs=1e-5)


def test_the_pictures_are_mistakes():
    shown = result()
    assert (shown.truth != shown.predicted).all() and len(shown.images) == len(shown.truth)


def test_above_the_whole_base_nothing_is_left_to_train():
    both = [result(kept="the whole base", arm=arm).accuracy for arm in base_cutter.ARMS]
    assert both[0] == pytest.approx(both[1])


def test_what_is_not_stored_is_named():
    with pytest.raises(ValueError, match="not stored"):
        base_cutter.compute(kept="up to block 3")
