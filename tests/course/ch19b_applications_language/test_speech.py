"""Normalizations of vowels: what each removes exactly, and where it stops."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch19b_applications_language import speech
from tlbook.data.applied.vowels import MEANS


def rows(scale=1.0, speaker=0, vowels=range(10)):
    means = np.array(MEANS["men"], float)[list(vowels)]
    out = np.column_stack([means, np.full(len(means), speaker)])
    out[:, 1:4] *= scale
    return out


def test_one_length_and_lobanov_remove_a_common_factor_exactly():
    X = np.concatenate([rows(1.0, 0), rows(1.3, 1)])
    for see in (speech.one_length, speech.lobanov):
        Z = see(X)
        assert Z[:10] == pytest.approx(Z[10:], abs=1e-6)
    assert np.abs(speech.logs(X)[:10] - speech.logs(X)[10:]).min() > 0.2


def test_with_three_vowels_the_mean_says_which_they_were():
    few = (0, 1, 2)
    X = np.concatenate([rows(1.0, 0), rows(1.0, 1, few)])
    for see in (speech.one_length, speech.lobanov):
        assert np.abs(see(X)[10:] - see(X)[:3]).max() > 0.1


@pytest.fixture(scope="module")
def children():
    return data.load("vowels", seed=1001, target="children")


def test_the_likeliest_length_finds_a_speakers_factor(children):
    """Men whose formants are all multiplied: the answers stay what they were."""
    predict = speech.likeliest_length(children, 0)
    X, y = children.validation.X.copy(), children.validation.y
    plain = np.mean(predict(X) == y)
    X[:, 1:4] *= 1.25
    assert np.mean(predict(X) == y) == pytest.approx(plain, abs=0.03)
    assert np.mean(speech.source_only(children, 0)(X) == y) < plain - 0.1


def test_order_on_children(children):
    score = {name: children.score(speech.METHODS[name](children, 0)) for name in
             ("source only, logarithms", "CORAL", "one length", "likeliest length")}  # fmt: skip
    assert (
        score["source only, logarithms"]
        < 0.8
        < min(score["CORAL"], score["one length"], score["likeliest length"])
    )


def test_the_speakers_number_is_not_looked_at(children):
    predict = speech.source_only(children, 0)
    X = children.validation.X.copy()
    before = predict(X)
    X[:, 4] = np.random.default_rng(0).permutation(X[:, 4])
    assert np.array_equal(predict(X), before)
