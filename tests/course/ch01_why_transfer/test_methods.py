"""The five methods of chapter 01, and the promise that their settings were chosen elsewhere."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch01_why_transfer import methods as few_labels
from tlbook.course.ch01_why_transfer.studies import signs_learning_curves, signs_tuning
from tlbook.course.results import stored


@pytest.fixture(scope="module")
def task():
    return data.load("signs", seed=5, n_source=71)


@pytest.mark.parametrize("name", few_labels.FUNCTIONS)
def test_every_method_answers_and_repeats_itself(task, name):
    X, y = task.label(1, seed=0)
    steps = {"steps": 3} if "steps" in few_labels.SETTINGS[name] else {}
    method = few_labels.method(name, **steps)
    first, second = (method(X, y, 0)(task.target.X[:50]) for _ in range(2))
    assert first.shape == (50,) and set(first) <= set(range(10))
    assert np.array_equal(first, second)


def test_letters_help_digits(task):
    X, y = task.label(1, seed=0)
    probe = task.score(few_labels.method("linear probe")(X, y, 0))
    control = task.score(few_labels.method("random features")(X, y, 0))
    assert probe > control + 0.15


def test_settings_are_the_winners_of_the_stored_search():
    winners = signs_tuning.best(stored.load("signs_tuning"))
    for name, settings in few_labels.SETTINGS.items():
        searched = {k: v for k, v in settings.items() if k in signs_tuning.GRID[name]}
        text = ", ".join(f"{k}={v}" for k, v in searched.items())
        assert winners[name] == text, name


def test_fine_tuning_starts_from_the_probe_of_the_search():
    assert few_labels.SETTINGS["fine-tuning"]["C"] == signs_tuning.START_C


def test_the_search_never_touches_signs_or_the_seeds_of_the_chapter():
    assert not set(signs_tuning.SEEDS) & set(signs_learning_curves.SEEDS)
    row = signs_tuning.trial("linear probe", {"C": 0.1}, seed=100, budget=1)
    kept = stored.load("signs_tuning").query(
        "method == 'linear probe' and settings == 'C=0.1' and seed == 100 and budget == 1"
    )
    assert row["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.02)


def test_a_point_of_the_stored_curves_can_be_repeated():
    row = signs_learning_curves.trial("linear probe", seed=1, budget=5)
    kept = stored.load("signs_learning_curves").query(
        "method == 'linear probe' and seed == 1 and budget == 5"
    )
    assert row["accuracy"] == pytest.approx(kept.accuracy.item(), abs=0.02)
    assert len(row["answers"]) == len(kept.answers.item()) == 798


def test_unknown_method_is_named():
    with pytest.raises(ValueError, match="osmosis"):
        few_labels.method("osmosis")
