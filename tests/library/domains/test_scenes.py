"""Scenes and Boxes: parts, messages, and that a method for domains takes them."""

import numpy as np
import pytest

from tlbook.domains import Boxes, Domain, Scenes

X = np.zeros((3, 3, 8, 10), np.float32)
MASKS = np.arange(240).reshape(3, 8, 10) % 2


def scenes(**options):
    return Scenes("yard", X, **{"classes": ("cat", "dog"), **options})


def test_a_part_keeps_everything():
    boxes = [Boxes([[0, 0, 1, 1]] * k, [1] * k) for k in range(3)]
    whole = scenes(masks=MASKS, boxes=boxes, numbers={"angle": [1.0, 2.0, 3.0]})
    assert isinstance(whole, Domain) and whole.y is None and len(whole) == 3
    for rows in (slice(1, 3), [1, 2], np.array([False, True, True])):
        part = whole[rows]
        assert np.array_equal(part.masks, MASKS[1:]) and [len(b) for b in part.boxes] == [1, 2]
        assert part.numbers["angle"].tolist() == [2, 3] and part.classes == whole.classes


def test_boxes_are_arrays():
    boxes = Boxes([(1, 2, 3, 4)], [0], [0.5])
    assert boxes.corners.dtype == float and boxes.labels.dtype == np.int64
    assert boxes.scores.tolist() == [0.5] and len(Boxes([], [])) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Boxes([[0, 0, 0, 1]], [0]), "corners: got a box without area"),
        (lambda: Boxes([[0, 0, 1]], [0]), r"corners: got shape \(1, 3\)"),
        (lambda: Boxes([[0, 0, 1, 1]], [0, 1]), "labels: got 2 labels, want 1"),
        (lambda: Boxes([[0, 0, 1, 1]], [-1]), "labels: got"),
        (lambda: Boxes([[0, 0, 1, 1]], [0], [0.1, 0.2]), "scores: got 2, want 1"),
        (lambda: scenes(masks=MASKS[:, :4]), "masks: got shape"),
        (lambda: scenes(masks=2 * MASKS), "masks: got values beyond 0 … 1"),
        (lambda: scenes(boxes=[Boxes([], [])]), "boxes: got 1, want 3"),
        (lambda: scenes(boxes=[Boxes([[0, 0, 1, 1]], [2])] * 3), "boxes: got the label 2"),
        (lambda: scenes(boxes=[[], [], []]), "boxes: got list, want Boxes"),
        (lambda: scenes(numbers={"angle": [1.0]}), r"numbers\['angle'\]: got 1, want 3"),
        (lambda: Scenes("yard", X[0], classes=()), r"X: got shape \(3, 8, 10\)"),
        (lambda: scenes()[5:], "rows: got"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
