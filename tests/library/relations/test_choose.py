"""Held-out labels: right relations gain, wrong ones lose, and the bad rows are named."""

import numpy as np
import pytest

from tlbook.relations import held_out_gain, permuted, relation_probe


def world(seed, k=2, spread=2.0, d=12):
    """Return prototypes of 7 known classes, profiles of 4 new ones, and k labels of each."""
    rng = np.random.default_rng(seed)
    known, profiles = 2 * rng.normal(size=(7, d)), np.eye(7)[:4] * 0.8 + 0.2 / 7
    y = rng.permutation(np.repeat(np.arange(4), k))
    return known, profiles, (profiles @ known)[y] + spread * rng.normal(size=(len(y), d)), y


def test_right_relations_gain_and_wrong_ones_lose():
    right, wrong = [], []
    for seed in range(10):
        known, profiles, Z, y = world(seed)
        right.append(held_out_gain(Z, y, profiles, known).gain)
        wrong.append(held_out_gain(Z, y, permuted(profiles, seed), known).gain)
    assert np.mean(right) > 0.1
    assert np.mean(wrong) < -0.1
    assert np.mean(np.array(right) > 0) >= 0.8
    assert np.mean(np.array(wrong) < 0) >= 0.8


def test_the_swapped_rows_have_the_lowest_gain():
    found = np.zeros(4)
    for seed in range(10):
        known, profiles, Z, y = world(seed, k=4, spread=1.0)
        swapped = profiles[[1, 0, 2, 3]]
        found += held_out_gain(Z, y, swapped, known).by_class
    assert set(np.argsort(found)[:2]) == {0, 1}


def test_no_strength_is_no_gain():
    known, profiles, Z, y = world(0)
    result = held_out_gain(Z, y, profiles, known, strength=0.0)
    assert result.gain == 0 and not result.helps
    assert result.right_with == result.right_without
    assert "leave it out" in str(result)


def test_it_is_leave_one_per_class_out_by_hand():
    known, profiles, Z, y = world(3)
    first = np.array([np.flatnonzero(y == c)[0] for c in range(4)])
    total = 0.0
    for out in (first, np.setdiff1d(np.arange(8), first)):
        kept = np.setdiff1d(np.arange(8), out)
        for sign, strength in ((1, 1.0), (-1, 0.0)):
            p = relation_probe(Z[kept], y[kept], profiles, known, strength=strength)
            total += sign * np.log(p.probabilities(Z[out])[np.arange(4), y[out]] + 1e-12).sum()
    assert held_out_gain(Z, y, profiles, known).gain == pytest.approx(total / 8)


@pytest.mark.parametrize(
    ("k", "drop", "message"),
    [(1, 0, r"y: got 1 label\(s\) of class 0, want at least 2"), (2, 1, "y: got 7 labels, want 8")],
)
def test_bad_input_gets_a_clear_message(k, drop, message):
    known, profiles, Z, y = world(0, k)
    with pytest.raises(ValueError, match=message):
        held_out_gain(Z, y[drop:], profiles, known)
