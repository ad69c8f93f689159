"""The scores beside torchmetrics: its numbers are kept here, and asked again where it is installed.

To ask again: ``pip install torchmetrics pycocotools``, then run this file.
"""

import numpy as np
import pytest
import torch

from tlbook.domains import Boxes
from tlbook.vision import average_precision, mean_iou

CLASSES, PICTURES = 3, 240
# torchmetrics 1.9.0 with pycocotools 2.0.11: MeanAveragePrecision of each threshold by class, and
# MulticlassJaccardIndex with and without the pixels of 255.
PRECISION = {
    0.5: (0.422241, 0.405637, 0.426960),
    0.75: (0.133052, 0.102713, 0.106361),
}
JACCARD = {
    None: (0.662487, 0.646465, 0.636269),
    255: (0.660998, 0.638393, 0.638761),
}


def scene(rng):
    """Return true boxes in a crowd, and answers: near ones, doubles, wrong classes, nothing."""
    k = rng.integers(0, 9)
    low = rng.uniform(0, 60, (k, 2))
    corners = np.hstack([low, low + rng.uniform(8, 30, (k, 2))])
    labels = rng.integers(CLASSES, size=k)
    rows = rng.integers(k, size=2 * k) if k else np.zeros(0, int)
    answers = corners[rows] + rng.normal(0, 2.0, (len(rows), 4))
    answers[:, 2:] = np.maximum(answers[:, 2:], answers[:, :2] + 1)
    kept = rng.random(len(rows)) < 0.8
    told = np.where(kept, labels[rows], rng.integers(CLASSES, size=len(rows)))
    stray = rng.uniform(0, 60, (2, 2))
    answers = np.vstack([answers, np.hstack([stray, stray + 15])])
    told = np.append(told, rng.integers(CLASSES, size=2))
    return Boxes(corners, labels), Boxes(answers, told, rng.random(len(told)))


def scenes():
    rng = np.random.default_rng(7)
    truth, found = zip(*(scene(rng) for _ in range(PICTURES)), strict=True)
    return list(truth), list(found)


def masks(ignore):
    rng = np.random.default_rng(8)
    y = rng.integers(CLASSES, size=(4, 20, 30))
    yhat = np.where(rng.random(y.shape) < 0.7, y, rng.integers(CLASSES, size=y.shape))
    return (np.where(rng.random(y.shape) < 0.1, 255, y) if ignore else y), yhat


@pytest.mark.parametrize("threshold", PRECISION)
def test_average_precision_is_that_of_torchmetrics(threshold):
    """COCO reads the curve at 101 recalls, this is its area: 0.3 points at most lie between."""
    truth, found = scenes()
    ours = average_precision(found, truth, CLASSES, threshold=threshold)
    assert np.abs(ours - PRECISION[threshold]).max() < 0.003
    plain = average_precision(found, truth, CLASSES, threshold=threshold, envelope=False)
    assert np.abs(plain - PRECISION[threshold]).max() > 0.003  # it can tell


@pytest.mark.parametrize("ignore", JACCARD)
def test_mean_iou_is_that_of_torchmetrics(ignore):
    mean, each = mean_iou(*masks(ignore), CLASSES, ignore=ignore)
    assert each == pytest.approx(JACCARD[ignore], abs=1e-6)
    assert mean == pytest.approx(np.mean(JACCARD[ignore]), abs=1e-6)


@pytest.mark.slow
def test_the_numbers_kept_are_those_of_torchmetrics():
    detection = pytest.importorskip("torchmetrics.detection", exc_type=ImportError)
    pytest.importorskip("pycocotools", exc_type=ImportError)
    jaccard = pytest.importorskip("torchmetrics.classification").MulticlassJaccardIndex

    def as_dict(boxes):
        keys = {"boxes": boxes.corners, "labels": boxes.labels, "scores": boxes.scores}
        return {k: torch.as_tensor(v) for k, v in keys.items() if v is not None}

    truth, found = scenes()
    for threshold, kept in PRECISION.items():
        metric = detection.MeanAveragePrecision(iou_thresholds=[threshold], class_metrics=True)
        metric.update([as_dict(f) for f in found], [as_dict(t) for t in truth])
        assert metric.compute()["map_per_class"].numpy() == pytest.approx(kept, abs=1e-5)
    for ignore, kept in JACCARD.items():
        y, yhat = (torch.as_tensor(mask) for mask in masks(ignore))
        told = jaccard(CLASSES, average=None, ignore_index=ignore)(yhat, y).numpy()
        assert told == pytest.approx(kept, abs=1e-5)
