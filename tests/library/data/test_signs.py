"""Signs: classes, halves of the photographs, contrast, splits, seeds."""

import numpy as np
import pytest

import tlbook.data
from tlbook.data import fonts, signs
from tlbook.data.handwriting import handwriting_arrays
from tlbook.data.random import generator

N = 213  # three of each letter: enough for everything below


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def task(folder):
    return tlbook.data.load("signs", seed=0, n_source=N)


@pytest.fixture(scope="module")
def letters(folder):
    return tlbook.data.load("signs-letters", seed=0, n_source=N)


def test_classes_are_split_without_rest():
    assert len(signs.HELD_OUT) == 10
    assert len(signs.SOURCE_LETTERS) == 71
    assert set(signs.HELD_OUT) | set(signs.SOURCE_LETTERS) == set(fonts.LETTERS)
    assert not set(signs.HELD_OUT) & set(signs.SOURCE_LETTERS)
    kinds = [fonts.CAPITALS, fonts.SMALL, fonts.GREEK]
    assert all(set(signs.HELD_OUT) & set(kind) for kind in kinds)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["signs", "signs-letters"])
def test_shapes_ranges_and_sizes(name, request):
    one = request.getfixturevalue("task" if name == "signs" else "letters")
    assert one.name == name
    assert one.source.X.shape == (N, 3, 24, 24)
    assert one.validation.X.shape == (2000, 3, 24, 24)
    assert one.target.X.shape == (1000, 3, 24, 24)
    assert one.target.y is None
    assert len(one.classes) == 10
    assert one.source.classes == tuple(signs.SOURCE_LETTERS)
    for X in (one.source.X, one.validation.X, one.target.X):
        assert X.dtype == np.float32
        assert X.min() >= 0 and X.max() <= 1
        assert X.std(axis=(1, 2, 3)).min() > 0
    assert np.bincount(one.source.y, minlength=71).tolist() == [3] * 71
    assert set(one.validation.y) == set(range(71))


def test_both_tasks_have_the_same_source(task, letters):
    assert np.array_equal(task.source.X, letters.source.X)
    assert np.array_equal(task.source.y, letters.source.y)
    assert task.classes == tuple("0123456789")
    assert letters.classes == tuple(signs.HELD_OUT)


def test_test_part_is_the_rest_of_the_digits_in_proportion():
    y = handwriting_arrays()[1]
    first, second = signs.stratified_split(y, 1000, "signs", 0)
    assert len(first) == 1000 and len(second) == 797
    assert sorted(np.concatenate([first, second])) == list(range(1797))
    share = np.bincount(y) / len(y)
    assert np.abs(np.bincount(y[first]) / 1000 - share).max() < 0.002
    other = signs.stratified_split(y, 1000, "signs", 1)[0]
    assert not np.array_equal(first, other)


def test_no_target_image_is_in_both_parts_and_no_validation_image_in_the_source(task):
    images, _ = signs.digit_signs(0)
    assert len(np.unique(images.reshape(1797, -1), axis=0)) == 1797
    seen = {image.tobytes() for image in task.source.X}
    assert not any(image.tobytes() in seen for image in task.validation.X)


def test_same_seed_same_bits_other_seed_other_bits(task):
    letter = signs.letter_signs.__wrapped__
    first = letter(signs.SOURCE_LETTERS, N, "left", "source", 0)
    assert np.array_equal(task.source.X, first[0].astype(np.float32) / 255)
    assert np.array_equal(task.source.y, first[1])
    assert not np.array_equal(first[0], letter(signs.SOURCE_LETTERS, N, "left", "source", 1)[0])
    digit = signs.digit_signs.__wrapped__
    again, other = digit(0), digit(1)
    assert np.array_equal(again[0], signs.digit_signs(0)[0])
    assert (again[0] != other[0]).reshape(1797, -1).any(1).mean() > 0.99
    assert np.array_equal(again[1], other[1])


@pytest.mark.slow
def test_target_crops_are_from_the_right_and_source_crops_from_the_left():
    left, right = signs.photograph_halves("left"), signs.photograph_halves("right")
    assert [half.shape for half in (*left, *right)] == [(213, 160, 3)] * 4
    for half, photos in (("left", left), ("right", right)):
        crops = signs.random_crops(30, half, generator("test", 0))
        windows = [
            np.lib.stride_tricks.sliding_window_view(photo, (24, 24, 3))[..., 0, :, :, :]
            for photo in photos
        ]
        for crop in crops[:10]:
            assert any((w == crop).all(axis=(-3, -2, -1)).any() for w in windows)


def test_paint_keeps_the_ground_outside_the_glyph_and_covers_it_inside():
    strokes = np.zeros((50, 20, 20), np.uint8)
    ground = signs.paint(strokes, "left", generator("test", 0))
    strokes[:, 5:15, 5:15] = 255
    signs_ = signs.paint(strokes, "left", generator("test", 0))
    changed = (ground != signs_).any(1)
    assert (changed.sum((1, 2)) <= 100).all()
    assert changed.sum((1, 2)).mean() > 95
    # Opacity 0.75: a quarter of the ground shines through.
    for before, after, where in zip(ground, signs_, changed, strict=True):
        spread = before[:, where].astype(float).std(1)
        assert np.abs(after[:, where].astype(float).std(1) - 0.25 * spread).max() < 1


def test_signs_can_be_seen():
    rng = generator("test", 0)
    ground = signs.random_crops(2000, "right", rng)
    color = signs.visible_colors(ground, rng)
    distance = np.linalg.norm(ground - color[:, None, None], axis=-1).reshape(2000, -1)
    near = (distance < 0.4).mean(1)
    assert np.quantile(near, 0.95) < 0.35
    assert color.min() >= 0 and color.max() <= 1


def test_pixels_alone_are_nearly_hopeless_and_strokes_alone_are_not(task):
    # What the course relies on: the difficulty lies in colors and ground, not in the digits.
    from sklearn.linear_model import LogisticRegression

    X, y = task.label(20, seed=0)
    flat = LogisticRegression(C=0.01, max_iter=1000).fit(X.reshape(len(X), -1), y)
    pixels = task.score(lambda Z: flat.predict(Z.reshape(len(Z), -1)))
    assert pixels < 0.4
    digits, labels = handwriting_arrays()
    clean = LogisticRegression(max_iter=300).fit(digits[:200].reshape(200, -1), labels[:200])
    assert clean.score(digits[1000:].reshape(797, -1), labels[1000:]) > 0.8


@pytest.mark.parametrize("name", ["signs", "signs-letters"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_source": 70}, "n_source: got 70, want at least 71"),
        ({"n_source": "many"}, "n_source: got 'many'"),
        ({"seed": -2}, "seed: got -2"),
        ({"n_images": 5}, "got n_images, want one of n_source"),
    ],
)
def test_bad_options_are_named(name, options, message):
    with pytest.raises(ValueError, match=message):
        tlbook.data.load(name, **options)


def test_nothing_is_rendered_before_it_is_asked_for(monkeypatch):
    def fail(*args):
        raise AssertionError("rendered")

    monkeypatch.setattr(signs, "letter_signs", fail)
    monkeypatch.setattr(signs, "digit_signs", fail)
    lazy = tlbook.data.load("signs", seed=5)
    assert "not rendered" in repr(lazy.source)
    with pytest.raises(AssertionError, match="rendered"):
        _ = lazy.source.X
