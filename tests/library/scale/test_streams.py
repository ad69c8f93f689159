"""Shards and what is computed on them: the same as on arrays, whatever the blocks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tlbook.distances import mmd2_random_features
from tlbook.features import CORAL
from tlbook.finetuning import linear_probe
from tlbook.scale import Call, Shards, spread, streams, write_shard
from tlbook.scale.shards import labels_of


def rows(seed, n=900, d=5, shift=0.0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n) + 4
    X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 2 * np.eye(3, d)[y - 4] + shift
    return X.astype(np.float32), y


def make(folder, X, y=None, size=250):
    for number, start in enumerate(range(0, len(X), size)):
        part = slice(start, start + size)
        write_shard(folder, number, X[part], None if y is None else y[part])
    return Shards(folder)


def test_shards_hold_the_rows_in_their_order(tmp_path):
    X, y = rows(0)
    shards = make(tmp_path, X, y)
    blocks = list(shards.blocks(64))
    assert (np.concatenate([Z for Z, _ in blocks]) == X).all()
    assert (np.concatenate([labels for _, labels in blocks]) == y).all()
    assert (shards.rows, shards.dim, shards.classes.tolist()) == (900, 5, [4, 5, 6])
    drawn = shards.sample(50, seed=1)
    assert len(np.unique(drawn, axis=0)) == 50
    assert all((X.astype(float) == row).all(axis=1).any() for row in drawn)
    assert len(shards.sample(5000)) == 900


def write_own(folder, number):
    X, y = rows(number, n=40)
    return str(write_shard(folder, number, X, y))


def test_many_workers_write_and_a_lost_one_leaves_nothing_half(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        calls = [
            Call(f"shard {k}", write_own, {"folder": str(tmp_path / "z"), "number": k})
            for k in range(8)
        ]
        assert not any(done.error for done in spread(calls, pool))
    (tmp_path / "z" / ".half-written").write_bytes(b"x")
    shards = Shards(tmp_path / "z")
    assert shards.rows == 320 and (next(shards.blocks(40))[0] == rows(0, n=40)[0]).all()
    write_shard(tmp_path / "z", 0, rows(9, n=10)[0])  # again, without labels
    assert Shards(tmp_path / "z").rows == 290
    assert not labels_of(shards.files[0]).exists()
    with pytest.raises(ValueError, match="has no labels"):
        _ = Shards(tmp_path / "z").classes


def test_moments_far_from_zero(tmp_path):
    X, _ = rows(1, shift=1000.0)
    found = streams.moments(make(tmp_path, X))
    np.testing.assert_allclose(found.mean, X.astype(float).mean(0), rtol=1e-12)
    np.testing.assert_allclose(
        found.scatter / len(X), np.cov(X.T.astype(float), bias=True), rtol=1e-9
    )


def test_coral_is_that_of_the_arrays(tmp_path):
    Xs, Xt = rows(2)[0], 3 * rows(3)[0] + 1
    both = (streams.moments(make(tmp_path / n, X)) for n, X in (("s", Xs), ("t", Xt)))
    found, wanted = streams.coral(*both), CORAL().fit(Xs, Xt)
    np.testing.assert_allclose(found.matrix_, wanted.matrix_, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        found.transform_source(Xs), wanted.transform_source(Xs), rtol=1e-3, atol=1e-3
    )


def test_mmd_is_that_of_the_arrays(tmp_path):
    Xs, Xt = rows(4)[0], rows(5, n=700)[0] + 0.5
    shards = make(tmp_path / "s", Xs), make(tmp_path / "t", Xt)
    wanted = mmd2_random_features(Xs.astype(float), Xt.astype(float), 2.0, n_features=64, seed=3)
    assert streams.mmd2(*shards, 2.0, n_features=64, seed=3) == pytest.approx(wanted, abs=1e-10)
    assert streams.mmd2(*shards) > 0.01
    assert abs(streams.mmd2(shards[0], shards[0])) < 0.01


def test_the_probe_is_that_of_the_arrays(tmp_path):
    X, y = rows(6)
    found = streams.linear_probe(make(tmp_path, X, y), iterations=500)
    wanted = linear_probe(np.asarray, X, y)
    test, truth = rows(6, n=901)
    assert (found(test) == wanted(test)).mean() > 0.995
    # Weights are known up to a constant over the classes.
    center = lambda W: W - W.mean(axis=0)  # noqa: E731
    np.testing.assert_allclose(center(found.weight), center(wanted.weight), rtol=0.02, atol=0.01)
    assert (found(test) == truth).mean() > 0.5


def test_bad_input(tmp_path):
    with pytest.raises(ValueError, match="without a shard"):
        Shards(tmp_path)
    for Z, y in ((np.full((2, 2), np.nan), None), (np.ones(3), None), (np.ones((3, 2)), [1, 2])):
        with pytest.raises(ValueError):
            write_shard(tmp_path, 0, Z, y)
    write_shard(tmp_path, 0, np.ones((3, 2)), [1, 1, 1])
    with pytest.raises(ValueError, match="got 1 class"):
        streams.linear_probe(Shards(tmp_path))
    write_shard(tmp_path, 1, np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"shards of \[2, 4\] features"):
        Shards(tmp_path)
