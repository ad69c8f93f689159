"""Roads: rendered scenes seen from a car by day, at night and in fog.

Each picture has a mask (sky, ground, road, marking) and the steering angle of a driver who aims at
the lane's center 8 m ahead. Everything is drawn from geometry (``road_view``): no photograph, no
license to ask for, and the truth of every pixel is known.
"""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_choice, check_positive, check_size
from tlbook.data.applied.road_view import (
    CLASSES,
    WEATHERS,
    Pose,
    draw_looks,
    draw_road,
    steering_angle,
)
from tlbook.data.cache import cached
from tlbook.data.random import check_seed, generator
from tlbook.domains.scenes import Scenes

PARTS = ("train", "test")
OFFSET, HEADING, CURVATURE = 0.8, 0.08, 0.015
"""Largest absolute values: meters, radians, 1 / meters."""


def draw_poses(n: int, rng: np.random.Generator) -> Pose:
    """Draw places of the car, uniform within the largest values."""
    offset, heading, curvature = (
        rng.uniform(-largest, largest, n) for largest in (OFFSET, HEADING, CURVATURE)
    )
    return Pose(offset, heading, curvature, rng.uniform(0, 60, n))


@cached
def road_arrays(
    n: int, weather: str, part: str, size: tuple[int, int], seed: int
) -> tuple[np.ndarray, ...]:
    """Return pictures and masks (uint8), then offset, heading, curvature and steering."""
    rng = generator(f"roads {weather} {part}", seed)
    pose, look = draw_poses(n, rng), draw_looks(n, weather, rng)
    pictures, masks = draw_road(pose, look, size, rng)
    return pictures, masks, pose.offset, pose.heading, pose.curvature, steering_angle(pose)


def load_roads(
    seed: int = 0,
    *,
    weather: str = "day",
    n: int = 400,
    part: str = "train",
    size: tuple[int, int] = (48, 64),
) -> Scenes:
    """Return a road seen from a car, with masks and steering angles.

    Parameters
    ----------
    seed : int
        Which sample is drawn.
    weather : {"day", "night", "fog"}
        By day a tree's shadow lies on the road, at night only the headlights give light, in fog
        one sees 6 to 16 m.
    n : int
        Number of pictures.
    part : {"train", "test"}
        Two samples that share no picture.
    size : (height, width)
        Pixels, each at least 16.

    Returns
    -------
    Scenes
        ``X`` (n, 3, height, width) float32 in [0, 1]; ``masks`` (n, height, width) with the classes
        sky, ground, road, marking; ``numbers`` with ``steering`` in degrees (to the right is
        positive), ``offset`` in meters, ``heading`` in radians and ``curvature`` in 1 / meters.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> from tlbook import data
    >>> night = data.load("roads", weather="night", n=3)
    >>> night
    Scenes('roads, night', X (3, 3, 48, 64), masks, steering, offset, heading, curvature)
    >>> night.classes
    ('sky', 'ground', 'road', 'marking')
    """
    check_seed(seed)
    check_positive(n, "n", integer=True)
    check_choice(weather, "weather", WEATHERS)
    check_choice(part, "part", PARTS)
    pixels = check_size(size, least=16)
    pictures, masks, *numbers = road_arrays(n, weather, part, pixels, seed)
    names = ("offset", "heading", "curvature", "steering")
    values = dict(zip(names, numbers, strict=True))
    return Scenes(
        f"roads, {weather}",
        pictures.astype(np.float32) / 255,
        classes=CLASSES,
        masks=masks,
        numbers={"steering": values.pop("steering"), **values},
    )
