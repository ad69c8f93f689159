"""A study runs its cases, in one process or several, and writes them in front of the numbers."""

import pandas as pd
import pytest

from tlbook.course.studies import Study, best, confirming, grid, words
from tlbook.course.studies.jobs import sampled


def product(a, b):
    return {"value": a * b}


def two_rows(a, settings):
    return [{"k": k, "value": a * k * settings["lr"]} for k in (1, 2)]


@pytest.mark.slow
def test_every_case_becomes_a_row_in_order_also_in_two_processes():
    study = Study(product, grid(a=(1, 2, 3), b=(10, 20)))
    frame = study.run()
    assert frame.to_dict("list") == {
        "a": [1, 1, 2, 2, 3, 3],
        "b": [10, 20] * 3,
        "value": [10, 20, 20, 40, 30, 60],
    }
    pd.testing.assert_frame_equal(study.run(jobs=2), frame)


def test_a_trial_may_give_several_rows_and_settings_stand_in_words():
    cases = grid(a=(1, 3), settings=({"lr": 0.5}, {"lr": 2, "steps": 9}))
    frame = Study(two_rows, lambda: cases).run()
    assert list(frame.columns) == ["a", "settings", "k", "value"] and len(frame) == 8
    assert frame.settings.tolist()[::2] == ["lr=0.5", "lr=2, steps=9"] * 2
    assert frame.value.tolist() == [0.5, 1, 2, 4, 1.5, 3, 6, 12]


def test_the_sum_of_two_studies_runs_both():
    both = Study(product, grid(a=(1,), b=(2,))) + Study(two_rows, [{"a": 1, "settings": {"lr": 1}}])
    frame = (both + Study(product, grid(a=(5,), b=(6,)))).run()
    assert frame.value.tolist() == [2, 1, 2, 30]


def asks(a):
    return {"confirming": confirming()}


@pytest.mark.slow
def test_a_trial_knows_in_every_process_that_a_sample_is_drawn():
    study = Study(asks, grid(a=range(4)))
    for jobs in (1, 2):
        assert not study.run(jobs=jobs).confirming.any()
        with sampled(3, seed=0) as drawn:
            assert study.run(jobs=jobs).confirming.tolist() == [True] * 3
        assert drawn.run == 3 and not confirming()


def test_words_and_best():
    assert words({}) == "none" and words({"lr": 0.1, "on": True}) == "lr=0.1, on=True"
    frame = pd.DataFrame(
        {
            "method": ["b", "b", "b", "a", "a"],
            "settings": ["x", "y", "y", "x", "y"],
            "accuracy": [0.5, 0.9, 0.3, 0.2, 0.2],
        }
    )
    assert best(frame) == {"b": "y", "a": "x"}  # means 0.5 and 0.6; of equal ones the first
