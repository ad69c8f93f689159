"""Scenes with digits: boxes around ink, parts that share no digit, seeds."""

import numpy as np
import pytest

import tlbook.data
from tlbook.data.applied import signs_scenes
from tlbook.vision import iou


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_numbers_sizes_and_places():
    scenes = tlbook.data.load("signs-scenes", n=40)
    assert scenes.X.shape == (40, 3, 96, 96) and 0 <= scenes.X.min() < scenes.X.max() <= 1
    counts = np.bincount([len(boxes) for boxes in scenes.boxes], minlength=4)
    assert counts.tolist() == [10, 10, 10, 10]
    corners = np.concatenate([boxes.corners for boxes in scenes.boxes])
    assert corners.min() >= 0 and corners.max() <= 96
    sides = corners[:, 2:] - corners[:, :2]
    assert sides.max() <= 24 and sides[:, 1].min() >= 12
    for boxes in scenes.boxes:
        overlap = iou(boxes.corners, boxes.corners) - np.eye(len(boxes))
        assert np.allclose(overlap, 0)


def test_ink_lies_in_its_box():
    """The same scene without its digits differs from it inside the boxes, and nowhere else."""
    size = (64, 64)
    painted, corners, _, numbers = signs_scenes.scene_arrays.__wrapped__(12, "train", size, 1, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signs_scenes, "OPACITY", 0.0)
        plain = signs_scenes.scene_arrays.__wrapped__(12, "train", size, 1, 3)[0]
    changed = np.abs(painted.astype(int) - plain).max(axis=1) > 30
    for (left, top, right, bottom), number in zip(corners.astype(int), numbers, strict=True):
        inside = np.zeros(size, bool)
        inside[top:bottom, left:right] = True
        ink = changed[number]
        assert ink[inside].mean() > 0.15 and ink[~inside].sum() <= 0.1 * ink.sum()
    empty = np.setdiff1d(np.arange(12), numbers)
    assert len(empty) == 6 and not changed[empty].any()


def test_seeds_and_parts():
    def load(**options):
        return tlbook.data.load("signs-scenes", **{"n": 4, **options}).X

    assert np.array_equal(load(), load())
    assert not any(np.array_equal(load(), load(**o)) for o in ({"seed": 1}, {"part": "test"}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n: got 0"),
        ({"part": "all"}, "part: got 'all'"),
        ({"size": (24, 96)}, r"size: got \(24, 96\), want \(height, width\)"),
        ({"size": (96, 200)}, "want at most 160 pixels"),
        ({"most": 0}, "most: got 0"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        tlbook.data.load("signs-scenes", **options)
