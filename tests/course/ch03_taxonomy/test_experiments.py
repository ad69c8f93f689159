"""The experiments of chapter 03 as they stand in the notebook: what the exercise's numbers are."""

import json
from pathlib import Path

import numpy as np
import pytest

from tlbook.course.ch03_taxonomy import exercises
from tlbook.evaluation import paired_test

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "03_taxonomy.ipynb"


def groups():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = {"np": np}
    exec(next(source for source in sources if "def groups(" in source), names)
    return names["groups"]


@pytest.mark.slow
def test_the_answer_of_exercise_4_is_what_the_notebook_computes():
    run, gains = groups(), {}
    for shared in (3, 2):
        rand = [run(seed, shared) for seed in range(16)]
        gains[shared] = paired_test(
            [r["source's components"] for r in rand], [r["own components"] for r in rand]
        )
    assert gains[3].effect == pytest.approx(exercises.ALL_SHARED, abs=0.05)
    assert gains[2].effect == pytest.approx(exercises.TWO_SHARED, abs=0.05)
    assert gains[2].low < 0 < gains[2].high


def test_tiny_differences_of_the_mean_are_accepted_and_the_sign_of_the_interval_counts():
    for mean in (0.0, 0.05, 0.12):
        assert exercises.q4.judge((mean, True)).status == "correct"
    assert exercises.q4.judge((-0.3, True)).status == "wrong"
    assert exercises.q4.judge(0.05).status == "wrong"
