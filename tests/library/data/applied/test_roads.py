"""Roads: geometry, weather, the driver's angle, seeds."""

from dataclasses import replace

import numpy as np
import pytest

import tlbook.data
from tlbook.data.applied.road_view import (
    LANE,
    MARKING,
    ROAD,
    SKY,
    WEATHERS,
    Pose,
    curvature_of,
    draw_looks,
    draw_road,
    steering_angle,
)

SIZE = (48, 64)


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def masks(offset=0.0, heading=0.0, curvature=0.0, traveled=0.0, size=SIZE):
    pose = Pose(*(np.array([float(v)]) for v in (offset, heading, curvature, traveled)))
    look = draw_looks(1, "day", np.random.default_rng(0))
    level = replace(look, tilt=np.zeros(1, np.float32))
    return draw_road(pose, level, size, np.random.default_rng(0))[1][0]


def test_pictures_masks_and_numbers_fit():
    day = tlbook.data.load("roads", n=30)
    assert day.X.shape == (30, 3, *SIZE) and day.X.dtype == np.float32
    assert 0 <= day.X.min() < day.X.max() <= 1
    assert day.masks.shape == (30, *SIZE) and set(np.unique(day.masks)) == {0, 1, 2, 3}
    assert set(day.numbers) == {"steering", "offset", "heading", "curvature"}
    pose = Pose(*(day.numbers[k] for k in ("offset", "heading", "curvature")), np.zeros(30))
    assert np.allclose(steering_angle(pose), day.numbers["steering"])


def test_the_edge_line_lies_where_the_camera_sees_it():
    """On a straight road: the mean of the line's columns is the projection of its place."""
    for offset, heading in ((0.0, 0.0), (0.6, 0.0), (0.0, 0.05)):
        found = masks(offset, heading, size=(96, 128))
        row = 80
        z = 0.62 * 128 * 1.3 / (row + 0.5 - 0.38 * 96)
        x = 3.35 - (offset + LANE / 2) - z * heading  # of the right line, from the car's axis
        column = 64 + 0.62 * 128 * x / z
        seen = np.flatnonzero(found[row] == MARKING)
        seen = seen[seen > 64]
        assert seen.mean() + 0.5 == pytest.approx(column, abs=0.8)


def test_what_is_where():
    straight = masks()
    assert (straight[:17] == SKY).all() and not (straight[20:] == SKY).any()
    assert straight[40, 32] == ROAD
    # To the right, or turned to the right: more of the road lies to the left of the picture.
    places = np.arange(64)

    def middle(mask):
        return places[mask[24] >= ROAD].mean()

    assert middle(masks(offset=1.0)) < middle(straight) < middle(masks(offset=-1.0))
    assert middle(masks(heading=0.1)) < middle(straight) < middle(masks(heading=-0.1))
    assert middle(masks(curvature=-0.02)) < middle(straight) < middle(masks(curvature=0.02))


def test_dashes_move_toward_the_car():
    first, same, moved = masks(), masks(traveled=7.5), masks(traveled=3.7)
    assert np.array_equal(first, same) and not np.array_equal(first, moved)


def test_the_angle_brings_the_car_back():
    one = np.ones(1)
    for offset, heading in ((0.5, 0), (0, 0.1)):
        pose = Pose(offset * one, heading * one, 0 * one, 0 * one)
        assert steering_angle(pose)[0] < 0  # to the left
    bend = Pose(0 * one, 0 * one, 0.01 * one, 0 * one)
    assert curvature_of(steering_angle(bend)) == pytest.approx(0.01)
    far = Pose(50 * one, 0 * one, 0 * one, 0 * one)
    assert curvature_of(steering_angle(far))[0] == pytest.approx(-0.12)


def test_weather_is_what_it_is_called():
    light = {w: tlbook.data.load("roads", weather=w, n=40) for w in WEATHERS}
    mean = {w: d.X.mean() for w, d in light.items()}
    assert mean["night"] < 0.2 < mean["day"] < mean["fog"]
    contrast = {w: d.X[:, :, 14:26].std(axis=(2, 3)).mean() for w, d in light.items()}
    assert contrast["fog"] < 0.5 * contrast["day"]


def test_seeds_and_parts():
    def load(**options):
        return tlbook.data.load("roads", **{"n": 5, **options}).X

    assert np.array_equal(load(), load())
    others = [load(seed=1), load(part="test"), load(weather="fog")]
    assert not any(np.array_equal(load(), other) for other in others)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weather": "rain"}, "weather: got 'rain', want one of 'day', 'night', 'fog'"),
        ({"n": 0}, "n: got 0"),
        ({"part": "validation"}, "part: got"),
        ({"size": 48}, r"size: got 48, want \(height, width\), integers of at least 16"),
        ({"size": (48, 8)}, "size: got"),
        ({"size": (48, True)}, "size: got"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        tlbook.data.load("roads", **options)
    with pytest.raises(ValueError, match="steering: got"):
        curvature_of([[1.0]])
