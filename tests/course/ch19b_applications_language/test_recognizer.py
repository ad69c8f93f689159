"""The recognizer that listens: copies as asked, and what carries men over to children."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch19b_applications_language import recognizer
from tlbook.course.ch19b_applications_language.recognizer import COPIES, METHODS, spoken


def test_augmentation_changes_what_it_says(monkeypatch):
    seen = []
    monkeypatch.setattr(recognizer, "pictures", lambda rows, seed: seen.append(rows))
    X = np.array([[120.0, 500, 1500, 2500, 0], [130.0, 600, 1400, 2600, 1]])
    for pitch, length in ((False, False), (True, False), (False, True)):
        spoken(X, np.random.default_rng(0), pitch=pitch, length=length)
    plain, high, short = (rows[:, :4] / np.tile(X[:, :4], (COPIES, 1)) for rows in seen)
    assert plain == pytest.approx(1)
    assert high[:, 1:] == pytest.approx(1) and high[:, 0].std() > 0.1
    assert short[:, 0] == pytest.approx(1) and short[:, 1].std() > 0.05
    assert short[:, 1] == pytest.approx(short[:, 3])  # one factor for all formants


@pytest.mark.slow
def test_other_lengths_carry_men_to_children_and_other_pitches_do_not():
    task = data.load("vowels", seed=1000, target="children")
    right = {name: task.score(METHODS[name](task, 1000)) for name in
             ("men", "men, other pitches", "men, other lengths")}  # fmt: skip
    assert right["men, other lengths"] > right["men"] + 0.2
    assert right["men, other pitches"] < right["men, other lengths"] - 0.2
