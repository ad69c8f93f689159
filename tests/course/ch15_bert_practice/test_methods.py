"""The stored studies of chapter 15: what was chosen by which rule, and what stands behind it."""

import inspect

import numpy as np
import pytest

from tlbook.course.ch15_bert_practice import tables as results
from tlbook.course.ch15_bert_practice.methods import CHOICE, METHODS
from tlbook.course.ch15_bert_practice.studies import bert_finetuning, bert_sweep
from tlbook.course.results import stored


@pytest.mark.parametrize("mode", results.ARMS)
def test_the_choice_has_the_best_validation_accuracy(mode):
    rows = stored.load("bert_sweep")
    blocks = 0 if mode == "frozen" else 6
    rows = rows[(rows["mode"] == mode) & (rows.top == blocks)]
    best = {v: part.validation.mean() for v, part in rows.groupby("value")}
    assert best[results.chosen(mode)] == pytest.approx(max(best.values()))
    assert all(v >= results.chosen(mode) for v in best if best[v] >= max(best.values()) - 1e-9)


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
    rows = stored.load("bert_finetuning")
    rows = rows[rows["mode"] == mode].sort_values("seed")
    assert tuple(rows.seed) == bert_finetuning.SEEDS
    assert np.array_equal(results.arm(mode), rows.accuracy)
    assert np.allclose(rows.value, results.chosen(mode))


def test_lora_learns_less_than_two_percent():
    assert results.arm("lora", "share").max() < 0.02 < results.arm("full", "share").min()


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
        (lambda: results.arm("half"), "mode: got 'half'"),
        (lambda: results.arm("full", "loss"), "column: got 'loss'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
