"""The real cases: what they promise about their shift, sealed labels, repeatable."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from tlbook.course.ch04_instances.cases import TEXTURE, noisy_handwriting, two_clinics


def test_the_clinics_share_no_patient_and_differ_in_texture():
    task, wrong = two_clinics(0)
    assert task.source.X.shape[1] == 30 and not wrong.any()
    seen = {row.tobytes() for row in task.source.X}
    assert not seen & {row.tobytes() for row in task.target.X}
    gap = task.source.X[:, TEXTURE].mean() - task.target.X[:, TEXTURE].mean()
    assert gap > 0.5 and task.target.y is None
    again, _ = two_clinics(0)
    other, _ = two_clinics(1)
    assert np.array_equal(again.source.X, task.source.X)
    assert len(other.source) != len(task.source) or not np.array_equal(
        other.source.X, task.source.X
    )


def test_exchanged_rows_have_the_other_label_and_no_others():
    clean, _ = two_clinics(3)
    turned, wrong = two_clinics(3, exchanged=0.35)
    assert np.array_equal(clean.source.X, turned.source.X)
    assert np.array_equal(clean.source.y != turned.source.y, wrong)
    assert 0.25 < wrong.mean() < 0.45
    classes = load_breast_cancer().target_names
    assert list(classes) == ["malignant", "benign"] == list(clean.classes)


def test_the_noisy_digits_shift_their_labels_only():
    task = noisy_handwriting(0)
    assert task.source.X.shape == (600, 64)
    assert set(task.label(1, 0)[1]) == set(range(10))  # rare classes are still there
    assert abs(np.mean(task.source.y < 5) - 0.5) < 0.06
    assert task.score(lambda X: np.full(len(X), 0)) < 0.05  # nearly no zero is left
    still = noisy_handwriting(0, dial=0.0)
    assert np.array_equal(still.source.X, task.source.X) and len(still.target) > len(task.target)


def test_bad_arguments():
    with pytest.raises(ValueError, match="exchanged: got 2"):
        two_clinics(0, 2)
    with pytest.raises(ValueError, match="noise: got -1"):
        noisy_handwriting(0, noise=-1)
    with pytest.raises(ValueError, match="n: got 1700"):
        noisy_handwriting(0, n=1700)
