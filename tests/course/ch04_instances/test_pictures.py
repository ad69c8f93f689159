"""The chapter's pictures show what they are given; the exercise's number is found again."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.linear_model import LinearRegression

from tlbook import data
from tlbook.course.ch04_instances import exercises, pictures
from tlbook.course.ch04_instances.widget import weighted_regression


def test_the_weighted_line_turns():
    task = data.load("toy", seed=0, kind="regression", n=150, shift=1.0)
    x, y = task.source.X[:, 0], task.source.y
    p, q = norm(0.5, 0.5), norm(0.0, 0.3)
    fig = pictures.ratio_and_lines(x, y, q.pdf(x) / p.pdf(x), p, q)
    lines = {line.get_label(): line.get_ydata() for line in fig.axes[1].lines}
    assert lines["plain line"][-1] > lines["plain line"][0]
    assert lines["weighted line"][-1] < lines["weighted line"][0]


def test_the_bars_are_bias_and_variance():
    table = pd.DataFrame({"squared bias": [0.2, 0.1], "variance": [0.05, 0.3]}, ["a", "b c"])
    fig = pictures.bias_and_variance({"one": table, "two": table}, "The finding")
    tops = [text.get_text() for text in fig.axes[0].texts]
    assert tops == ["0.25", "0.40"] and len(fig.axes) == 2


def test_the_strip_has_the_four_states():
    fig = weighted_regression.answers()
    assert [ax.get_title().split("\n")[0] for ax in fig.axes] == list(weighted_regression.ANSWERS)


@pytest.mark.parametrize("shift", [exercises.LAST_HELPFUL, exercises.LAST_HELPFUL + exercises.STEP])
def test_the_last_shift_at_which_the_true_weights_help(shift):
    gains = []
    for seed in range(48):
        task = data.load("toy", seed=seed, kind="regression", n=150, shift=shift)
        X, y = task.source.X, task.source.y
        w = norm.pdf(X[:, 0], 0.5 - 0.5 * shift, 0.3) / norm.pdf(X[:, 0], 0.5, 0.5)
        plain, weighted = (LinearRegression().fit(X, y, v) for v in (None, w))
        gains.append(task.score(plain.predict) - task.score(weighted.predict))
    assert (np.mean(gains) > 0) == (shift == exercises.LAST_HELPFUL)
