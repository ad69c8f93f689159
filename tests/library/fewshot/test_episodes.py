"""Episodes are disjoint, balanced and seeded; centroids and caches do what their formulas say."""

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from tlbook.evaluation import t_interval
from tlbook.fewshot import (
    episode_accuracies,
    episodes,
    harmonic_mean,
    nearest_centroid,
    split_classes,
    tip_adapter,
)

Y = np.repeat(np.array(list("abcdefgh")), 20)


def test_episodes_have_the_asked_numbers_and_no_row_twice():
    for e in episodes(Y, ways=4, shots=3, queries=6, n=50, seed=1):
        assert len(np.unique(e.classes)) == 4
        assert len(np.unique(np.concatenate([e.support, e.query]))) == 4 * 9
        assert np.array_equal(Y[e.support], e.classes[e.support_y])
        assert np.array_equal(Y[e.query], e.classes[e.query_y])
        assert np.bincount(e.support_y).tolist() == [3] * 4


def test_the_seed_decides_and_all_classes_come_about_equally_often():
    one, same, other = (episodes(Y, n=400, seed=s) for s in (0, 0, 1))
    assert all(np.array_equal(a.query, b.query) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.query, b.query) for a, b in zip(one, other, strict=True))
    counts = np.unique(np.concatenate([e.classes for e in one]), return_counts=True)[1]
    assert counts.min() > 0.8 * 400 * 5 / 8


def test_classes_are_split_without_overlap_and_small_classes_are_left_out():
    groups = split_classes(Y, [4, 2, 2], seed=3)
    assert [len(g) for g in groups] == [4, 2, 2]
    assert len(np.unique(np.concatenate(groups))) == 8
    short = np.append(Y, ["z"] * 5)
    assert not any("z" in e.classes for e in episodes(short, n=200))
    with pytest.raises(ValueError, match=r"^ways: got 9, want 2 … 8"):
        episodes(short, ways=9)
    with pytest.raises(ValueError, match=r"^sizes: got \[8, 1\], want at most 8"):
        split_classes(Y, [8, 1])
    with pytest.raises(ValueError, match=r"^drawn: got no episodes"):
        episode_accuracies(nearest_centroid, np.zeros((3, 2)), [])


@pytest.mark.slow
def test_the_interval_over_600_episodes_holds_the_long_run_mean():
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(20), 40)
    X = 1.5 * np.eye(20)[y] + rng.normal(size=(800, 20))
    truth = episode_accuracies(nearest_centroid, X, episodes(y, n=6000, seed=99)).mean()
    inside = 0
    for seed in range(20):
        found = t_interval(episode_accuracies(nearest_centroid, X, episodes(y, n=600, seed=seed)))
        inside += found.low <= truth <= found.high
    assert inside >= 16


def test_centroids_equal_scikit_learn():
    rng = np.random.default_rng(0)
    X, y, new = rng.normal(size=(30, 5)), np.arange(30) % 3, rng.normal(size=(40, 5))
    known = NearestCentroid().fit(X, y)
    assert np.array_equal(nearest_centroid(X, y)(new), known.predict(new))
    m = X.mean(axis=0)

    def place(Z):
        return (Z - m) / np.linalg.norm(Z - m, axis=1, keepdims=True)

    known = NearestCentroid().fit(place(X), y)
    found = nearest_centroid(X, y, center=m, unit=True)(new)
    assert np.array_equal(found, known.predict(place(new)))


def test_centering_and_unit_length_undo_a_common_offset_and_contrast():
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(10), 40)
    X = np.eye(10)[y] + 0.25 * rng.normal(size=(400, 10))
    spoilt = 8 + X * rng.lognormal(sigma=1, size=(400, 1))  # every row has its own contrast
    drawn = episodes(y, n=200)
    plain = episode_accuracies(nearest_centroid, spoilt, drawn)
    mended = episode_accuracies(
        lambda Z, labels: nearest_centroid(Z, labels, center=np.full(10, 8.0), unit=True),
        spoilt,
        drawn,
    )
    assert t_interval(mended - plain).low > 0.05


def test_the_cache_runs_from_zero_shot_to_a_vote_of_neighbors():
    rng = np.random.default_rng(0)
    zero, new = rng.normal(size=(20, 3)), rng.normal(size=(20, 4))
    keys, labels = rng.normal(size=(9, 4)), np.arange(9) % 3
    assert np.array_equal(tip_adapter(zero, new, keys, labels, alpha=0.0), zero)
    cosine = (new / np.linalg.norm(new, axis=1, keepdims=True)) @ (
        keys / np.linalg.norm(keys, axis=1, keepdims=True)
    ).T
    by_hand = zero + 2 * np.stack(
        [np.exp(-3 * (1 - cosine[:, labels == c])).sum(axis=1) for c in range(3)], axis=1
    )
    assert tip_adapter(zero, new, keys, labels, 2, 3) == pytest.approx(by_hand)
    nearest = labels[cosine.argmax(axis=1)]
    found = tip_adapter(zero, new, keys, labels, alpha=1e200, beta=200).argmax(axis=1)
    assert np.array_equal(found, nearest)


def test_harmonic_mean_and_bad_input():
    assert harmonic_mean(0.6, 0.6) == pytest.approx(0.6)
    assert harmonic_mean(1, 0) == 0
    for call, message in (
        (lambda: harmonic_mean(1.2, 0.5), r"^seen: got 1.2"),
        (lambda: nearest_centroid(np.ones((2, 3)), [0]), r"^y: got 1 labels"),
        (lambda: nearest_centroid(np.ones((2, 3)), [0, 1], center=[1.0]), r"^center: got 1 values"),
        (lambda: nearest_centroid(np.ones((2, 3)), [0, 1])(np.ones((1, 2))), r"^new: got 2"),
        (
            lambda: tip_adapter([[1, 1]], np.ones((1, 3)), np.ones((2, 3)), [0, 2]),
            r"^labels",
        ),
        (lambda: tip_adapter([[1, 1]], np.ones((2, 3)), np.ones((1, 3)), [0]), r"^new: got"),
        (
            lambda: tip_adapter([[1, 1]], np.zeros((1, 3)), np.ones((1, 3)), [0]),
            r"^new: got a",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            call()
