"""The five methods of chapter 01, and the promise that their settings were chosen elsewhere."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch01_why_transfer import methods as few_labels
from tlbook.course.ch01_why_transfer.studies import signs_learning_curves, signs_tuning
from tlbook.course.ch06_finetuning import methods as recipes
from tlbook.course.results import stored
from tlbook.course.studies import best, words


@pytest.fixture(scope="module")
def task():
    return data.load("signs", seed=5, n_source=71)


@pytest.mark.slow
@pytest.mark.parametrize("name", few_labels.METHODS)
def test_every_method_answers_and_repeats_itself(task, name):
    steps = {"steps": 3} if "steps" in few_labels.SETTINGS[name] else {}
    method = few_labels.METHODS[name]
    first, second = (method(task, 0, k=1, **steps)(task.target.X[:50]) for _ in range(2))
    assert first.shape == (50,) and set(first) <= set(range(10))
    assert np.array_equal(first, second)


@pytest.mark.slow
def test_letters_help_digits(task):
    probe = task.score(few_labels.probe(task, 0, k=1))
    control = task.score(few_labels.random_features(task, 0, k=1))
    assert probe > control + 0.15


def test_settings_are_the_winners_of_the_stored_search():
    winners = best(stored.load("signs_tuning"))
    for name, settings in few_labels.SETTINGS.items():
        searched = {k: v for k, v in settings.items() if k in signs_tuning.GRID[name][0]}
        assert winners[name] == words(searched), name


def test_every_setting_is_searched_but_the_probe_that_fine_tuning_starts_from():
    fixed = {
        (name, key, value)
        for name, settings in few_labels.SETTINGS.items()
        for key, value in settings.items()
        if key not in signs_tuning.GRID[name][0]
    }
    assert fixed == {("fine-tuning", "C", recipes.START_C)}


@pytest.mark.slow
def test_the_search_never_touches_signs_or_the_seeds_of_the_chapter():
    assert not set(signs_tuning.SEEDS) & set(signs_learning_curves.SEEDS)
    row = signs_tuning.trial("linear probe", {"C": 0.1}, budget=1, seed=100)
    kept = stored.load("signs_tuning").query(
        "method == 'linear probe' and settings == 'C=0.1' and seed == 100 and budget == 1"
    )
    assert row["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.02)


def test_a_point_of_the_stored_curves_can_be_repeated():
    row = signs_learning_curves.trial("linear probe", budget=5, seed=1)
    kept = stored.load("signs_learning_curves").query(
        "method == 'linear probe' and seed == 1 and budget == 5"
    )
    assert row["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.02)
    assert len(row["answers"]) == len(kept.answers.item()) == 798


def test_unknown_settings_are_named(task):
    with pytest.raises(ValueError, match="augment: got 'wild'"):
        few_labels.scratch(task, 0, k=1, augment="wild")
    with pytest.raises(TypeError, match="width"):
        few_labels.probe(task, 0, k=1, width=3)
