"""The chapter's widget: what it shows is what the study stored."""

import numpy as np
import pytest

from tlbook.course import widgets
from tlbook.course.ch06_finetuning.methods import N_BLOCKS
from tlbook.course.ch06_finetuning.studies import finetuning_bench
from tlbook.course.ch06_finetuning.widget import freeze_bench
from tlbook.course.results import stored

EXPERIMENT = widgets.get("freeze_bench")


def result(**params):
    return freeze_bench.compute(**EXPERIMENT.parameters(**params))


def test_controls_are_the_arms_of_the_study():
    assert tuple(freeze_bench.FROZEN.values()) == finetuning_bench.FROZEN
    assert freeze_bench.RATES == finetuning_bench.RATES
    assert freeze_bench.BUDGETS == finetuning_bench.BUDGETS
    assert (freeze_bench.SEED,) == finetuning_bench.SEEDS
    assert freeze_bench.N_BLOCKS == N_BLOCKS


@pytest.mark.parametrize("budget", freeze_bench.BUDGETS)
def test_accuracy_graded_from_the_answers_is_the_stored_one(budget):
    shown = result(frozen="first 4 blocks", lr=1e-2, budget=budget, keep_statistics=True)
    kept = stored.load("finetuning_bench").query(
        "frozen == 4 and lr == 0.01 and batchnorm == 'frozen' and budget == @budget"
    )
    assert shown.accuracy == pytest.approx(100 * kept.accuracy.item(), abs=1e-3)
    assert shown.curve[freeze_bench.BUDGETS.index(budget)] == pytest.approx(
        shown.accuracy, abs=0.01
    )
    assert (shown.truth != shown.predicted).all()


def test_a_network_that_is_really_frozen_moves_nothing_and_forgets_nothing():
    shown = result(frozen="all 6: head only", keep_statistics=True)
    assert shown.drift == pytest.approx(np.zeros(N_BLOCKS), abs=1e-6)
    assert shown.letters == pytest.approx(shown.letters_before, abs=1e-6)
    moving = result(frozen="all 6: head only")
    assert moving.drift.min() > 0.01 and moving.letters < moving.letters_before


def test_the_story_of_the_chapter():
    """One label: all free and a usual rate loses to the probe; twenty: it wins."""
    assert result().accuracy < result().probe[0] - 8
    assert result(budget=20).accuracy > result().probe[-1]


def test_the_answers_are_a_strip_of_four_states():
    fig = freeze_bench.answers()
    assert [ax.get_title() for ax in fig.axes] == list(freeze_bench.ANSWERS)


def test_what_is_not_stored_is_named():
    with pytest.raises(ValueError, match="not stored"):
        freeze_bench.compute(frozen="first 3 blocks")
