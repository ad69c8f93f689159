"""Translation between spaces: exact where it must be, the control at chance, bad input."""

import numpy as np
import pytest

from tlbook.course.ch19b_applications_language.words import learned_map, spaces, translation, unit


def test_a_rotation_is_found_exactly_and_least_squares_agrees_with_enough_anchors():
    rng = np.random.default_rng(0)
    A = unit(rng.normal(size=(80, 10)))
    Q, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    for kind in ("rotation", "least squares"):
        assert learned_map(A[:30], (A @ Q)[:30], kind) == pytest.approx(Q, abs=1e-8)
    W = learned_map(A[:5], rng.normal(size=(5, 10)), "rotation")
    assert pytest.approx(np.eye(10), abs=1e-8) == W.T @ W
    assert np.array_equal(learned_map(A, A, "none"), np.eye(10))


def test_positive_control_and_shuffled_anchors():
    good = translation("rotated copy", "rotation", 150, seed=1000)
    control = translation("rotated copy", "shuffled rotation", 150, seed=1000)
    assert good["first_ten"] > 0.9 > 0.2 > control["first_ten"]


def test_spaces_are_matched_unit_rows_that_the_seed_decides():
    A, B = spaces("two corpora", 1000)
    assert A.shape == B.shape and A.shape[1] == 50
    assert np.linalg.norm(A, axis=1) == pytest.approx(1)
    assert not np.array_equal(A, spaces("two corpora", 1001)[0])


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="pair: got 'French'"):
        spaces("French", 0)
    with pytest.raises(ValueError, match="kind: got 'magic'"):
        learned_map(np.eye(3), np.eye(3), "magic")
    with pytest.raises(ValueError, match="anchors: got 100000, want at most"):
        translation("rotated copy", "rotation", 100_000, seed=1000)
