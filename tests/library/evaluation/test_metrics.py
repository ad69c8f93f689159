"""Metrics: small cases by hand, scikit-learn as a second source, every message."""

import numpy as np
import pytest
from sklearn import metrics

from tlbook.evaluation import (
    accuracy,
    confusion_matrix,
    per_class_recall,
    transfer_loss,
    transfer_ratio,
)

Y = np.array([0, 0, 0, 1, 1, 2])
YHAT = np.array([0, 1, 0, 1, 0, 1])


def test_by_hand():
    assert accuracy(Y, YHAT) == 0.5
    assert confusion_matrix(Y, YHAT).tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert per_class_recall(Y, YHAT).tolist() == [2 / 3, 0.5, 0]


def test_agrees_with_sklearn():
    rng = np.random.default_rng(0)
    y, yhat = rng.integers(0, 5, size=(2, 300))
    assert accuracy(y, yhat) == pytest.approx(metrics.accuracy_score(y, yhat))
    assert per_class_recall(y, yhat) == pytest.approx(metrics.recall_score(y, yhat, average=None))


def test_recall_of_an_absent_class_is_nan_without_a_warning(recwarn):
    recall = per_class_recall([0, 0], [0, 1], labels=[0, 1])
    assert recall[0] == 0.5 and np.isnan(recall[1])
    assert not recwarn.list


def test_names_as_labels():
    assert accuracy(["cat", "dog"], ["cat", "cat"]) == 0.5


@pytest.mark.parametrize(
    ("y", "yhat", "message"),
    [
        ([], [], "y: got 0 labels"),
        ([0, 1], [0], "yhat: got 1 labels, want 2"),
        ([[0, 1]], [0, 1], "y: got shape"),
        ([0, 1], [0.0, np.nan], "yhat: got labels that are NaN"),
    ],
)
def test_bad_input(y, yhat, message):
    with pytest.raises(ValueError, match=message):
        accuracy(y, yhat)


def test_labels_must_cover_what_occurs():
    with pytest.raises(ValueError, match=r"labels: got no entry for \[2\]"):
        confusion_matrix(Y, YHAT, labels=[0, 1])


def test_transfer_ratio_is_a_mean_of_ratios():
    # two targets, one easy and one hard: ratio 3 and 1, so Q = 2 (not 0.5 / 0.45)
    assert transfer_ratio([0.15, 0.4], [0.05, 0.4]) == pytest.approx(2.0)
    assert transfer_loss([0.15, 0.4], [0.05, 0.4]) == pytest.approx([0.10, 0.0])
    assert transfer_ratio(0.2, 0.2) == 1.0
    assert transfer_ratio([0.2, 0.4], 0.2) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("transfer", "baseline", "message"),
    [
        ([0.1], [0.0], "in_domain_error: got 0"),
        ([12.0], [0.1], "transfer_error: got values from 12 to 12"),
        ([0.1, 0.2, 0.3], [0.1, 0.2], "in_domain_error: got 2 values, want 3"),
        ([], [0.1], "transfer_error: got no values"),
        ([np.nan], [0.1], "transfer_error: got 1 values that are NaN"),
    ],
)
def test_transfer_ratio_bad_input(transfer, baseline, message):
    with pytest.raises(ValueError, match=message):
        transfer_ratio(transfer, baseline)
