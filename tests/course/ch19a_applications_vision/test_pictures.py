"""Boxes on pictures, and masks as colors."""

import numpy as np
import pytest

from tlbook.course.ch19a_applications_vision.pictures import MASK_COLORS, boxes_on, colored
from tlbook.domains import Boxes

PICTURES = np.zeros((2, 3, 16, 24), np.float32)
TRUTH = [Boxes([[2, 3, 8, 12]], [7]), Boxes([], [])]


def test_each_class_has_its_color():
    masks = np.arange(4).reshape(1, 2, 2)
    shown = colored(masks)
    assert shown.shape == (1, 3, 2, 2)
    assert np.array_equal(shown[0].reshape(3, 4).T, MASK_COLORS)
    assert len(np.unique(MASK_COLORS, axis=0)) == 4


@pytest.mark.parametrize("masks", [np.full((1, 2, 2), 4), np.full((1, 2, 2), 0.5)])
def test_a_mask_of_something_else(masks):
    with pytest.raises(ValueError, match="want integers from 0 to 3"):
        colored(masks)


def test_truth_and_sure_answers_are_framed():
    found = [Boxes([[2, 3, 8, 11], [1, 1, 4, 4]], [7, 2], [0.8, 0.1]), Boxes([], [], [])]
    fig = boxes_on(PICTURES, TRUTH, found, title="One digit")
    assert [len(ax.patches) for ax in fig.axes] == [2, 0]  # the unsure answer is left out
    assert [text.get_text() for text in fig.axes[0].texts] == ["7: 0.80"]
    assert boxes_on(PICTURES, TRUTH, title="One digit").axes[0].texts[0].get_text() == "7"


def test_one_boxes_per_picture():
    with pytest.raises(ValueError, match="truth: got 1, want 2"):
        boxes_on(PICTURES, TRUTH[:1], title="One digit")
    with pytest.raises(ValueError, match="found: got 1, want 2"):
        boxes_on(PICTURES, TRUTH, TRUTH[:1], title="One digit")
