"""IoU, average precision and mean IoU: by hand, and against torchvision and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, jaccard_score
from torchvision.ops import box_iou

from tlbook.domains import Boxes
from tlbook.vision import average_precision, iou, mean_iou


def random_boxes(n, rng):
    low = rng.uniform(0, 40, (n, 2))
    return np.hstack([low, low + rng.uniform(1, 20, (n, 2))])


def test_iou_is_torchvisions():
    rng = np.random.default_rng(0)
    a, b = random_boxes(30, rng), random_boxes(20, rng)
    assert np.allclose(iou(a, b), box_iou(torch.tensor(a), torch.tensor(b)).numpy())
    assert iou([], b).shape == (0, 20)


def test_iou_by_hand():
    # 2 × 2 and 2 × 2, shifted by one: 2 of 6 squares are shared
    assert iou([[0, 0, 2, 2]], [[0, 1, 2, 3]])[0, 0] == pytest.approx(1 / 3)
    assert iou([[0, 0, 2, 2]], [[2, 0, 4, 2]])[0, 0] == 0  # they touch


FAR = [100, 100, 110, 110]
A, B, C = [0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]


@pytest.mark.parametrize(
    ("corners", "scores", "want"),
    [
        # right, right, right
        ([A, B, C], [0.9, 0.8, 0.7], 1.0),
        # wrong, right, right: precisions 0, 1/2, 2/3; the envelope lifts 1/2 to 2/3
        ([FAR, A, B], [0.9, 0.8, 0.7], (2 / 3 + 2 / 3) / 3),
        # right, wrong, right: 1, then 2/3
        ([A, FAR, B], [0.9, 0.8, 0.7], (1 + 2 / 3) / 3),
        # the same object twice: the second answer is a false alarm
        ([A, A, B], [0.9, 0.8, 0.7], (1 + 2 / 3) / 3),
        # half of the box: IoU 0.5 is right, a little less is not
        ([[0, 0, 5, 10]], [0.9], 1 / 3),
        ([[0, 0, 4.9, 10]], [0.9], 0.0),
        ([], [], 0.0),
    ],
)
def test_average_precision_by_hand(corners, scores, want):
    found = [Boxes(corners, np.zeros(len(corners), int), scores)]
    truth = [Boxes([A, B, C], [0, 0, 0])]
    assert average_precision(found, truth, 1)[0] == pytest.approx(want)


def test_the_best_free_object_is_taken():
    # Both answers overlap the left object most; the second still gets the right one.
    truth = [Boxes([[0, 0, 10, 10], [4, 0, 14, 10]], [0, 0])]
    found = [Boxes([[0, 0, 10, 10], [1, 0, 11, 10]], [0, 0], [0.9, 0.8])]
    assert average_precision(found, truth, 1)[0] == pytest.approx(1.0)


def test_classes_and_pictures_are_kept_apart():
    truth = [Boxes([A], [0]), Boxes([A], [1]), Boxes([], [])]
    found = [
        Boxes([A], [1], [0.9]),  # the place is right, the class is not
        Boxes([A], [1], [0.8]),
        Boxes([A], [0], [0.7]),  # nothing is there
    ]
    each = average_precision(found, truth, 3)
    assert each[0] == 0 and each[1] == pytest.approx(0.5) and np.isnan(each[2])


@pytest.mark.parametrize("seed", range(5))
def test_without_the_envelope_it_is_scikit_learns(seed):
    """One answer for each of many pictures: right where its picture holds the object."""
    rng = np.random.default_rng(seed)
    right, scores = rng.random(60) < 0.4, rng.random(60)
    missed = 7
    truth = [Boxes([A], [0]) if r else Boxes([], []) for r in right]
    truth += [Boxes([A], [0])] * missed
    found = [Boxes([A], [0], [s]) for s in scores] + [Boxes([], [], [])] * missed
    share = right.sum() / (right.sum() + missed)  # what scikit-learn cannot know of
    want = average_precision_score(right, scores) * share
    assert average_precision(found, truth, 1, envelope=False)[0] == pytest.approx(want)
    assert average_precision(found, truth, 1)[0] >= want - 1e-12


def test_mean_iou_by_hand_and_by_scikit_learn():
    mean, each = mean_iou([[0, 0, 1, 1]], [[0, 1, 1, 1]], 3)
    assert each[:2] == pytest.approx([1 / 2, 2 / 3]) and np.isnan(each[2])
    assert mean == pytest.approx(7 / 12)
    rng = np.random.default_rng(0)
    y, yhat = rng.integers(4, size=(2, 5, 6, 7))
    want = jaccard_score(y.ravel(), yhat.ravel(), average=None)
    assert np.allclose(mean_iou(y, yhat, 4)[1], want)


def test_pixels_that_nobody_named_do_not_count():
    y, yhat = [[0, 255, 1, 1]], [[0, 1, 1, 0]]
    mean, each = mean_iou(y, yhat, 2, ignore=255)
    assert each == pytest.approx([1 / 2, 1 / 2]) and mean == pytest.approx(1 / 2)
    assert mean_iou([[0, 1]], [[0, 1]], 2, ignore=255)[0] == 1


GOOD = [Boxes([A], [0], [0.5])]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iou([[0, 0, 0, 1]], [A]), "a: got a box without area"),
        (lambda: iou([A], [[1, 2, 3]]), r"b: got shape \(1, 3\)"),
        (lambda: average_precision(GOOD, [], 1), "found: got 1 pictures, want 0"),
        (lambda: average_precision([Boxes([A], [0])], GOOD, 1), "found: got Boxes without scores"),
        (lambda: average_precision(GOOD, [Boxes([A], [3])], 2), "truth: got the label 3"),
        (lambda: average_precision(GOOD, [[A]], 1), "truth: got list, want a Boxes"),
        (lambda: average_precision(GOOD, GOOD, 1, threshold=0), "threshold: got 0"),
        (lambda: average_precision(GOOD, GOOD, 0), "classes: got 0"),
        (lambda: mean_iou([[0]], [[0, 1]], 2), "yhat: got shape"),
        (lambda: mean_iou([[0, 2]], [[0, 1]], 2), "y: got values beyond 0 … 1"),
        (lambda: mean_iou([[0, 1]], [[0.0, 1.0]], 2), "yhat: got values beyond"),
        (lambda: mean_iou([[255]], [[0]], 2), "y: got values beyond 0 … 1"),
        (lambda: mean_iou([[255]], [[0]], 2, ignore=255), "y: got 255 in each pixel"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
