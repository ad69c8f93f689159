"""Printed digits made like the handwritten ones; the real digits; splits and seeds."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

import tlbook.data
from tlbook.data import fonts_to_handwriting as module
from tlbook.data.handwriting import stratified_split


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def task(folder):
    return tlbook.data.load("fonts-to-handwriting", seed=0, n_source=1000)


def test_shapes_ranges_and_sizes(task):
    assert task.source.X.shape == (800, 1, 8, 8)
    assert task.validation.X.shape == (200, 1, 8, 8)
    assert task.target.X.shape == (1000, 1, 8, 8)
    assert task.target.y is None
    for X in (task.source.X, task.validation.X, task.target.X):
        assert X.dtype == np.float32
        assert X.min() == 0 and X.max() == 1
        # 17 gray levels, as in the real data: counts of ink in blocks of 4 × 4.
        assert np.array_equal(X * 16, np.round(X * 16))
    assert np.bincount(task.source.y).tolist() == [80] * 10
    assert np.bincount(task.validation.y).tolist() == [20] * 10


def test_handwriting_is_scikit_learns(task):
    domain = tlbook.data.load("handwriting")
    digits = load_digits()
    assert domain.X.shape == (1797, 1, 8, 8)
    assert np.array_equal(domain.X[:, 0] * 16, digits.images)
    assert np.array_equal(domain.y, digits.target)
    assert domain.classes == tuple("0123456789")


def test_target_parts_are_disjoint_rows_of_the_real_digits():
    y = load_digits().target
    for seed in range(3):
        train, test = stratified_split(y, 1000, "fonts-to-handwriting", seed)
        assert sorted(np.concatenate([train, test])) == list(range(1797))
        assert len(test) == 797


def test_source_and_validation_share_no_row(monkeypatch):
    rows = stratified_split(np.arange(1000) % 10, 800, "fonts-to-handwriting source", 0)
    assert not set(rows[0]) & set(rows[1])


def test_labels_match_the_pictures(task):
    from sklearn.neighbors import KNeighborsClassifier

    near = KNeighborsClassifier(1).fit(task.source.X.reshape(800, -1), task.source.y)
    assert near.score(task.validation.X.reshape(200, -1), task.validation.y) > 0.95
    # … and they are the same ten digits as the handwritten ones, though the domain has changed.
    score = task.score(lambda X: near.predict(X.reshape(len(X), -1)))
    assert 0.5 < score < 0.9


def test_seed_decides_alone():
    draw = module.font_digits.__wrapped__
    first, again, other = draw(200, 0), draw(200, 0), draw(200, 1)
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_bitmaps_fill_their_longer_side_and_are_centered():
    strokes = torch.zeros(3, 64, 64)
    strokes[0, 10:50, 20:30] = 1  # tall
    strokes[1, 30:40, 2:62] = 1  # wide
    strokes[2, 16:48, 16:48] = 1  # square, of the size already
    bitmaps = module.to_bitmaps(strokes)
    assert bitmaps.shape == (3, 32, 32)
    assert set(bitmaps.unique().tolist()) == {0.0, 1.0}
    tall, wide, square = bitmaps.bool()
    assert tall.any(1).all() and tall.any(0).sum() == 8
    assert tall.any(0).nonzero().ravel().tolist() == list(range(12, 20))
    assert wide.any(0).all() and abs(int(wide.any(1).sum()) - 5) <= 1
    assert square.all()


def test_no_glyph_is_torn():
    # Ten printed digits are made of one piece each; blur and threshold must not tear hairlines.
    from scipy.ndimage import label

    images, labels = [], np.repeat(np.arange(10), 42)
    for block in module.draw_blocks(
        labels, "0123456789", module.FONTS, 64, module.WARP, module.generator("test", 0),
        pixels=44, blur=1.5, softness=0.01,
    ):  # fmt: skip
        images += list(module.to_bitmaps(block).numpy())
    whole = [label(image, np.ones((3, 3)))[1] == 1 for image, y in zip(images, labels, strict=True)
             if y != 0]  # a zero may have a dot inside  # fmt: skip
    assert np.mean(whole) > 0.99


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_source": 49}, "n_source: got 49, want an integer of at least 50"),
        ({"n_source": 99.5}, "n_source: got 99.5"),
        ({"n_source": True}, "n_source: got True"),
        ({"shift": 1}, "got shift, want one of n_source"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        tlbook.data.load("fonts-to-handwriting", **options)
