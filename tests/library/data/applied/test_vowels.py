"""Vowels: means as published, speakers apart, options, bad input."""

import numpy as np
import pytest

from tlbook import data
from tlbook.data.applied.vowels import FORMANT, GROUPS, MEANS, PITCH, SPEAKER, TOKEN, WORDS


def test_the_table_is_the_published_one():
    """A few rows by heart, and what holds for every row of it."""
    assert MEANS["men"][0] == (136, 270, 2290, 3010)
    assert MEANS["women"][4] == (212, 850, 1220, 2810)
    assert MEANS["children"][9] == (261, 560, 1820, 2160)
    table = np.array([MEANS[group] for group in GROUPS])
    assert table.shape == (3, 10, 4)
    assert (np.diff(table, axis=2) > 0).all()  # F0 < F1 < F2 < F3
    assert (np.diff(table, axis=0) > 0).all()  # men < women < children, but for one number


def test_drawn_vowels_have_the_published_means_and_the_assumed_spread():
    task = data.load("vowels", speakers=600)
    rows, y = np.log(task.source.X[:, :4]), task.source.y
    for vowel in range(10):
        mean = rows[y == vowel].mean(axis=0)
        assert mean == pytest.approx(np.log(MEANS["men"][vowel]), abs=0.02)
    spread = np.array([rows[y == vowel].std(axis=0) for vowel in range(10)]).mean(axis=0)
    formants = np.sqrt(SPEAKER**2 + FORMANT**2 + np.array(TOKEN[1:]) ** 2)
    assert spread[1:] == pytest.approx(formants, rel=0.05)
    assert spread[0] == pytest.approx(np.hypot(PITCH, TOKEN[0]), rel=0.05)


@pytest.mark.parametrize("target", ["women", "children", "everyone"])
def test_no_speaker_is_in_two_parts_and_says_each_vowel_twice(target):
    task = data.load("vowels", target=target, speakers=6)
    assert task.classes == WORDS
    speakers = [set(X[:, 4]) for X in (task.source.X, task.validation.X, task.target.X)]
    task.score(lambda X: speakers.append(set(X[:, 4])) or np.zeros(len(X), int))
    assert [len(s) for s in speakers] == [6, 2, 6, 6]
    assert len(set.union(*speakers)) == 20
    first = task.source.X[:, 4] == 0
    assert np.bincount(task.source.y[first]).tolist() == [2] * 10


def test_fewer_vowels_of_ones_own_or_alike():
    task = data.load("vowels", target="children", heard=3)
    assert len(task.target.X) == 30 * 3 * 2 and len(task.source.X) == 600
    _, y = task.label(3)
    assert len(np.unique(y)) == 10
    alike = data.load("vowels", target="children", heard=3, alike=True)
    assert len(np.unique(alike.label(3)[1])) == 3


@pytest.mark.parametrize(
    "options, message",
    [
        ({"target": "men"}, "target: got 'men'"),
        ({"speakers": 2}, "speakers: got 2, want at least 3"),
        ({"heard": 0}, "heard: got 0"),
        ({"heard": 11}, "heard: got 11"),
        ({"alike": "no"}, "alike: got 'no'"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        data.load("vowels", **options)
