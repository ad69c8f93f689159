"""The stored studies of chapter 15: what was chosen by which rule, and what stands behind it."""

import inspect

import numpy as np
import pytest

from tlbook.course.ch15_bert_practice import tables as results
from tlbook.course.ch15_bert_practice.methods import CHOICE, METHODS
from tlbook.course.ch15_bert_practice.studies import bert_finetuning, bert_sweep
from tlbook.course.results import stored
from tlbook.text.recipes import HEAD_C


@pytest.mark.parametrize("mode", results.ARMS)
def test_the_choice_is_the_smallest_within_one_standard_error(mode):
    mean = results.rates(mode)
    best = mean.max()
    slack = np.sqrt(best * (1 - best) / results.HELD_OUT)
    assert mean[results.chosen(mode)] >= best - slack
    assert all(mean[value] < best - slack for value in mean.index if value < results.chosen(mode))


def test_all_arms_have_the_head_that_was_chosen():
    assert results.chosen("frozen") == HEAD_C
    assert 150 * len(bert_sweep.SEEDS) == results.HELD_OUT


def test_the_final_seeds_are_not_those_of_the_choice():
    assert set(bert_sweep.SEEDS).isdisjoint(bert_finetuning.SEEDS)
    assert set(stored.load("bert_sweep").seed) == set(bert_sweep.SEEDS)
    assert "accuracy" not in stored.load("bert_sweep"), "the sweep scores no target text"


@pytest.mark.parametrize("mode", results.ARMS)
def test_every_arm_is_a_method_that_keeps_its_choice(mode):
    names = list(inspect.signature(METHODS[mode]).parameters)
    assert names[:3] == ["task", "seed", CHOICE[mode]] and set(METHODS) == set(results.ARMS)


@pytest.mark.parametrize("mode", results.ARMS)
def test_an_arm_is_the_stored_rows_in_the_order_of_the_seeds(mode):
    stored_rows = stored.load("bert_finetuning")
    for value in results.tried(mode):
        rows = stored_rows[(stored_rows["mode"] == mode) & (stored_rows.value == value)]
        rows = rows.sort_values("seed")
        assert tuple(rows.seed) == bert_finetuning.SEEDS
        assert np.array_equal(results.arm(mode, value=value), rows.accuracy)


def test_lora_learns_less_than_two_percent():
    lora, full = (results.arm(mode, "share", 3e-4) for mode in ("lora", "full"))
    assert lora.max() < 0.02 < full.min()


def test_the_sweep_is_the_mean_over_its_seeds():
    rows = stored.load("bert_sweep").query("mode == 'full' and top == 2 and value == 0.0001")
    assert results.sweep().loc[2, 1e-4] == pytest.approx(rows.validation.mean())


@pytest.mark.slow  # the features of all texts
def test_a_job_of_the_sweep_again():
    rows = stored.load("bert_sweep").query("mode == 'frozen' and value == 0.03 and seed == 100")
    again = bert_sweep.trial("frozen", 0, 0.03, 100)
    assert abs(again["validation"] - rows.validation.item()) <= 1.5 / 150


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: results.chosen("half"), "mode: got 'half'"),
        (lambda: results.tried("half"), "mode: got 'half'"),
        (lambda: results.arm("half"), "mode: got 'half'"),
        (lambda: results.arm("full", "loss"), "column: got 'loss'"),
        (lambda: results.arm("full", value=0.5), "value: got 0.5"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
