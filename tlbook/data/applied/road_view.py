r"""The view from a car on a road, drawn from geometry: camera, road, weather.

A pinhole camera at the height h looks along the car. A pixel in row v below the horizon v_0 and in
column u sees the ground at the distance z and at x to the right of the car's axis:

.. math:: z = \frac{f h}{v - v_0}, \qquad x = z\,\frac{u - u_0}{f}

The car stands ``offset`` to the right of its lane's center and points by ``heading`` to the right
of the road; the road bends by ``curvature`` to the right. Then the same point lies at

.. math:: s = x + z \psi - \tfrac12 \kappa z^2 + (e + \text{lane} / 2)

to the right of the road's center line, and s alone says whether it is marking, road or ground.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice

CLASSES = ("sky", "ground", "road", "marking")
SKY, GROUND, ROAD, MARKING = range(4)
WEATHERS = ("day", "night", "fog")

LANE = 3.5  # meters; one lane for each direction, the car belongs into the right one
LINE = 0.3  # meters: breadth of a marking
EDGE = 3.35  # meters: from the center line to the middle of the line at the edge
DASH, PERIOD = 3.0, 7.5  # meters of the broken center line
HEIGHT = 1.3  # meters of the camera over the road
FOCAL = 0.62  # focal length in widths of the picture
HORIZON = 0.38  # of the picture's height, from above
AHEAD = 8.0  # meters: the driver aims at the lane's center so far ahead
WHEELBASE = 2.7  # meters
LARGEST = 0.12  # 1 / meters: the smallest circle of the car has a radius of 8 m
GRAIN = np.array([0.15, 1.0, 0.35, 0.35], np.float32)  # texture of sky, ground, road, marking
BLOCK = 64  # pictures drawn at a time


@dataclass(frozen=True)
class Pose:
    """Where the car stands: arrays of shape (n,), in meters, radians and 1 / meters."""

    offset: np.ndarray
    heading: np.ndarray
    curvature: np.ndarray
    traveled: np.ndarray  # along the road: moves the dashes

    def __len__(self) -> int:
        return len(self.offset)


@dataclass(frozen=True)
class Look:
    """What the scene looks like besides the pose: arrays with one row per picture."""

    sky: np.ndarray  # (n, 3) colors
    ground: np.ndarray
    road: np.ndarray
    marking: np.ndarray
    grain: np.ndarray  # (n,) strength of the ground's texture
    tilt: np.ndarray  # (n,) of the camera, in heights of the picture
    shadow: np.ndarray  # (n,) place in meters of a tree's shadow on the road; 0 for none
    ambient: np.ndarray  # (n,) light from everywhere
    beam: np.ndarray  # (n,) reach in meters of the headlights; 0 by day
    reach: np.ndarray  # (n,) sight in meters, infinite without fog
    haze: np.ndarray  # (n, 3) color of the fog
    noise: np.ndarray  # (n,) of the camera

    def __getitem__(self, rows: Any) -> Look:
        return Look(*(getattr(self, field.name)[rows] for field in fields(self)))


def draw_looks(n: int, weather: str, rng: np.random.Generator) -> Look:
    """Draw colors, light and sight of ``n`` scenes in one weather."""
    check_choice(weather, "weather", WEATHERS)

    def between(low: Any, high: Any, *shape: int) -> np.ndarray:
        return rng.uniform(low, high, (n, *shape)).astype(np.float32)

    gray = between(0.28, 0.5, 1)
    colors = {
        "sky": np.clip(np.array([0.5, 0.68, 0.92], np.float32) + between(-0.12, 0.08, 3), 0, 1),
        "ground": np.array([0.33, 0.42, 0.2], np.float32) + between(-0.13, 0.16, 3),
        "road": gray + between(-0.02, 0.02, 3),
        "marking": between(0.8, 1.0, 1) * np.ones(3, np.float32),
        "grain": between(0.04, 0.14),
        "tilt": between(-0.04, 0.04),
    }
    place = between(3, 60)
    night, fog = weather == "night", weather == "fog"
    return Look(
        **colors,
        shadow=place if weather == "day" else np.zeros(n, np.float32),
        ambient=between(0.06, 0.14) if night else between(0.8, 1.05),
        beam=between(7, 14) if night else np.zeros(n, np.float32),
        reach=between(6, 16) if fog else np.full(n, np.inf, np.float32),
        haze=between(0.62, 0.8, 1) * np.ones(3, np.float32),
        noise=between(0.03, 0.05) if night else between(0.01, 0.02),
    )


def draw_road(
    pose: Pose, look: Look, size: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw what the camera sees, at twice the size and averaged down.

    Parameters
    ----------
    pose, look
        Of n scenes.
    size : (height, width)
        Pixels of a picture.
    rng : numpy Generator
        Of the texture and of the camera's noise.

    Returns
    -------
    pictures : array of shape (n, 3, height, width), uint8
    masks : array of shape (n, height, width), uint8
        The class that covers most of the pixel; a marking counts from half of it on.
    """
    pictures = np.empty((len(pose), 3, *size), np.uint8)
    masks = np.empty((len(pose), *size), np.uint8)
    for start in range(0, len(pose), BLOCK):
        rows = slice(start, start + BLOCK)
        block = Pose(*(getattr(pose, field.name)[rows] for field in fields(pose)))
        pictures[rows], masks[rows] = _draw_block(block, look[rows], size, rng)
    return pictures, masks


def steering_angle(pose: Pose) -> np.ndarray:
    r"""Return the steering angle of a driver who aims at the lane's center 8 m ahead, in degrees.

    .. math:: u = \kappa - \frac{2 e}{L^2} - \frac{2 \psi}{L}, \qquad \delta = \arctan(2.7\,u)

    the circle through the car and that point (pure pursuit, small angles).
    """
    u = pose.curvature - 2 * pose.offset / AHEAD**2 - 2 * pose.heading / AHEAD
    return np.degrees(np.arctan(WHEELBASE * np.clip(u, -LARGEST, LARGEST))).astype(np.float32)


def curvature_of(steering: Any) -> np.ndarray:
    """Return the curvature that the car drives at this steering angle, in 1 / meters."""
    angle = check_array(steering, "steering", ndim=1)
    return np.clip(np.tan(np.radians(angle)) / WHEELBASE, -LARGEST, LARGEST)


def _draw_block(
    pose: Pose, look: Look, size: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n, (height, width) = len(pose), (2 * size[0], 2 * size[1])
    f = FOCAL * width
    below = np.arange(height) + 0.5 - height * (HORIZON + look.tilt[:, None])  # (n, h) rows
    z = np.where(below > 0, f * HEIGHT / np.maximum(below, 0.25), 1e4).astype(np.float32)
    x = z[:, :, None] * ((np.arange(width) + 0.5 - width / 2) / f).astype(np.float32)  # (n, h, w)

    e, psi, kappa, traveled = (
        getattr(pose, field.name).astype(np.float32)[:, None] for field in fields(pose)
    )
    s = x + (e + LANE / 2 + z * psi - 0.5 * kappa * z**2)[:, :, None]  # (n, h, w)
    far = np.abs(s)
    dashed = (z + traveled) % PERIOD < DASH  # (n, h)
    line = (np.abs(far - EDGE) < LINE / 2) | ((far < LINE / 2) & dashed[:, :, None])
    sky = np.broadcast_to(below[:, :, None] <= 0, s.shape)
    road = (far < LANE) & ~sky
    kinds = np.stack([sky, ~sky & ~road, road & ~line, road & line], axis=1)  # (n, 4, h, w)
    kinds = kinds.astype(np.float32)

    color = np.stack([look.sky, look.ground, look.road, look.marking], axis=1)  # (n, 4, 3)
    grain = rng.normal(size=(n, 1, *size)).astype(np.float32).repeat(2, 2).repeat(2, 3)
    strength = np.einsum("nkhw,k->nhw", kinds, GRAIN)[:, None]
    picture = np.einsum("nkhw,nkc->nchw", kinds, color)
    picture += grain * strength * look.grain[:, None, None, None]
    picture *= _light(z, x, traveled, look)[:, None]
    clear = np.exp(-z / look.reach[:, None])[:, None, :, None]  # what the fog lets through
    picture = clear * picture + (1 - clear) * look.haze[:, :, None, None]
    small = _halved(picture)
    small += rng.normal(size=small.shape).astype(np.float32) * look.noise[:, None, None, None]
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8), _majority(_halved(kinds))


def _light(z: np.ndarray, x: np.ndarray, traveled: np.ndarray, look: Look) -> np.ndarray:
    """Return the light on each point, (n, h, w): of the day with a tree's shadow, or headlights."""
    beam = look.beam[:, None]
    lit = np.where(beam > 0, np.exp(-z / np.maximum(beam, 1)), 0)  # (n, h)
    cone = np.exp(-((x / (1.5 + 0.3 * z[:, :, None])) ** 2))
    near = np.abs((z + traveled - look.shadow[:, None]) % 60 - 1.5) < 1.5
    shadow = np.where(near & (look.shadow[:, None] > 0) & (z < 200), 0.6, 1.0)
    return (look.ambient[:, None] * shadow)[:, :, None] + lit[:, :, None] * cone


def _halved(stack: np.ndarray) -> np.ndarray:
    n, channels, height, width = stack.shape
    return stack.reshape(n, channels, height // 2, 2, width // 2, 2).mean(axis=(3, 5))


def _majority(covered: np.ndarray) -> np.ndarray:
    """Return the class of each pixel from the covered shares (n, 4, h, w), as uint8."""
    rest = covered.copy()
    rest[:, ROAD] += rest[:, MARKING]  # a line too thin to see is road
    kind = rest[:, :MARKING].argmax(axis=1)
    return np.where(covered[:, MARKING] >= 0.5, MARKING, kind).astype(np.uint8)
