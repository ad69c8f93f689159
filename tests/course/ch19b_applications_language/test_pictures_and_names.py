"""Names and shapes as vectors, and how answers are counted."""

import numpy as np
import pytest

from tlbook.course.ch19b_applications_language.letter_shapes import (
    SHAPES,
    WORDS,
    described,
    strokes,
)
from tlbook.course.ch19b_applications_language.pictures_and_names import (
    features,
    nearest,
    part_accuracy,
    retrieved,
    vectors,
)
from tlbook.data.applied.named_pictures import CHARACTERS, NAMES, NEW, PARTS


def test_every_letter_is_described_and_no_new_one_needs_a_new_word():
    assert set(SHAPES) == set(CHARACTERS)
    known = {word for c in CHARACTERS if c not in NEW for word in SHAPES[c]}
    assert {word for c in NEW for word in SHAPES[c]} <= known
    assert len({strokes(c).tobytes() for c in NEW}) == len(NEW)  # they can be told apart
    assert described("H").startswith("a letter with a vertical stroke on the left, ")
    assert strokes("H").sum() == 3 and len(strokes("H")) == len(WORDS)


@pytest.mark.parametrize("kind, width", [("one-hot names", 160), ("one-hot parts", 44)])
def test_vectors_without_an_encoder(kind, width):
    V = vectors(kind)
    assert V.shape == (160, width)
    assert len(np.unique(V, axis=0)) == 160


def test_features_of_three_layers_contain_those_of_the_last():
    X = np.random.default_rng(0).random((3, 3, 24, 24), dtype=np.float32)
    last, three = features(X, "last layer"), features(X, "three layers")
    assert last.shape == (3, 128)
    assert three[:, :128] == pytest.approx(last)
    assert not np.allclose(features(X, "untrained"), three)


def test_part_accuracy_nearest_and_retrieval_by_hand():
    place = {part: i for i, part in enumerate(PARTS)}
    truth = np.array([place["B", "bold", "upright"], place["q", "regular", "slanted"]])
    answer = np.array([place["B", "regular", "upright"], place["q", "regular", "slanted"]])
    found = part_accuracy(answer, truth)
    assert found == {"name": 0.5, "character": 1.0, "weight": 0.5, "slant": 1.0}
    S = np.zeros((2, len(NAMES)))
    S[0, truth[0]], S[1, truth[1]], S[1, 0] = 1.0, 0.5, 2.0
    assert nearest(S, truth).tolist() == truth.tolist()
    assert nearest(S, np.arange(160))[1] == 0
    assert retrieved(S, truth, truth) == 1.0
    assert retrieved(S, truth[::-1], truth) == 0.0
