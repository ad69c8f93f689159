"""The pictures of chapter 01, and the numbers of its changed experiment."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch01_why_transfer import exercises, methods, pictures
from tlbook.course.ch01_why_transfer.widget import budget_bench
from tlbook.course.results import stored


def test_the_readings_are_those_of_the_table():
    curves = stored.load("signs_learning_curves")
    fig = pictures.three_readings(curves)
    mean = 100 * curves.groupby(["method", "budget"]).accuracy.mean()
    start = mean["fine-tuning", 1] - mean["scratch", 1]
    words = [text.get_text() for text in fig.axes[0].texts]
    assert f"start: {start:+.0f} points" in words
    assert "8 points per doubling" in words and "13 points per doubling" in words


def test_the_promises_have_a_panel_each():
    assert len(pictures.promises().axes) == 3


def test_the_probe_finds_every_digit_more_often_than_scratch_does():
    found = {
        name: np.mean([budget_bench.compute(name, 5, seed).recall for seed in range(3)], axis=0)
        for name in ("scratch", "linear probe")
    }
    assert np.all(found["linear probe"] > found["scratch"])
    assert {int(np.argmin(recall)) for recall in found.values()} == {8}
    assert len(budget_bench.answers().axes) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "wanted"),
    [(1, exercises.ONE_LABEL), (2, exercises.TWO_LABELS), (5, exercises.FIVE_LABELS)],
)
def test_the_accuracies_of_the_changed_experiment(k, wanted):
    task = data.load("signs", n_source=142)
    runs = [task.score(methods.probe(task, s, k)) for s in range(3)]
    assert np.mean(runs) == pytest.approx(wanted, abs=0.03)
