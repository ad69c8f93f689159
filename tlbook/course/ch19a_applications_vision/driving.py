r"""Imitation on the rendered road: a driver to copy, a car that obeys, and what a copy sees.

The car moves with v = 10 m/s. Its state is the offset e from the lane's center and the heading ψ
against the road, both positive to the right, on a road of curvature κ:

.. math:: \dot e = v \sin\psi, \qquad \dot\psi = v\,(u - \kappa)

with u the curvature that the policy steers. The policy sees a picture of 24 × 32 pixels, nothing
else. A drive counts in meters until the car has left its lane (|e| > 1.75 m).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.data.applied.road_view import (
    LANE,
    Look,
    Pose,
    curvature_of,
    draw_looks,
    draw_road,
    steering_angle,
)
from tlbook.data.random import generator

SIZE = (24, 32)
SPEED, STEP = 10.0, 0.1  # m/s, s: a picture for every meter
BENDS = 0.02  # 1 / m: the sharpest bend has a radius of 50 m
OUT = LANE / 2
STEADY = 0.03  # radians: heading that a bump may add in one step ...
BUMPS = 0.05  # ... and how often

Policy = Callable[[np.ndarray], np.ndarray]
"""From pictures (n, 3, 24, 32) in [0, 1] to steering angles (n,) in degrees."""


@dataclass(frozen=True)
class Drive:
    """What some drives were like: k cars, m meters.

    Attributes
    ----------
    meters : array of shape (k,)
        Until the car left its lane; ``m`` where it did not.
    offset, heading : arrays of shape (m, k)
        Where the cars were.
    pictures : array of shape (m, k, 3, 24, 32), uint8
        What the policy saw.
    driver : array of shape (m, k)
        The angle that the driver would have steered there, in degrees.
    """

    meters: np.ndarray
    offset: np.ndarray
    heading: np.ndarray
    pictures: np.ndarray
    driver: np.ndarray


def bends(cars: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """Return curvatures of shape (length, cars), smooth along the road, at most ``BENDS``."""
    along = np.arange(length)[:, None]
    waves = rng.uniform(40, 120, (3, cars)), rng.uniform(0, 2 * np.pi, (3, cars))
    total = sum(
        np.sin(2 * np.pi * along / wave + phase) for wave, phase in zip(*waves, strict=True)
    )
    return BENDS * total / 3


def drive(
    policy: Policy | None,
    *,
    cars: int,
    length: int,
    weather: str = "day",
    push: float = 0.0,
    world: int = 0,
    seed: int = 0,
) -> Drive:
    """Let ``cars`` cars drive ``length`` meters on roads of their own.

    A car that leaves its lane is put back on the lane's center and goes on: so every drive gives
    equally many pictures.

    Parameters
    ----------
    policy : function or None
        What steers; ``None`` is the driver himself.
    cars, length : int
        Number of cars, meters of each.
    weather : str
        As in ``tlbook.data.load("roads")``.
    push : float
        Standard deviation in degrees of what is added to the wheel at every meter; what the driver
        would have steered is recorded without it.
    world : int
        Seed of colors and light. They are the same for all cars: what shifts is where the cars
        are, not what the world looks like.
    seed : int
        Of roads, bumps and noise: the same for every policy.

    Raises
    ------
    ValueError
        If a number is not positive or there is no such weather.
    """
    check_positive(cars, "cars", integer=True)
    check_positive(length, "length", integer=True)
    check_positive(push, "push", zero_ok=True)
    rng = generator("drive", seed)
    look = draw_looks(1, weather, generator("world", world))[np.zeros(cars, int)]
    kappa = bends(cars, length, rng)
    bump = STEADY * rng.normal(size=(length, cars)) * (rng.random((length, cars)) < BUMPS)
    e, psi, start = np.zeros(cars), np.zeros(cars), rng.uniform(0, 60, cars)
    shaken = push * rng.normal(size=(length, cars))
    meters = np.full(cars, float(length))
    log: dict[str, list[np.ndarray]] = {"offset": [], "heading": [], "pictures": [], "driver": []}
    for m in range(length):
        pose = Pose(e, psi, kappa[m], start + m)
        pictures = view(pose, look, seed, m)
        told = steering_angle(pose)
        for name, value in zip(log, (e, psi, pictures, told), strict=True):
            log[name].append(value)
        angle = told if policy is None else policy(pictures.astype(np.float32) / 255)
        u = curvature_of(angle + shaken[m])
        psi = psi + SPEED * STEP * (u - kappa[m]) + bump[m]
        e = e + SPEED * STEP * np.sin(psi)
        out = np.abs(e) > OUT
        meters = np.where(out & (meters == length), m + 1.0, meters)
        e, psi = np.where(out, 0.0, e), np.where(out, 0.0, psi)
    return Drive(meters, *(np.stack(values) for values in log.values()))


def view(pose: Pose, look: Look, seed: int, meter: int) -> np.ndarray:
    """Return what the cars see at one meter, uint8 of shape (cars, 3, 24, 32)."""
    return draw_road(pose, look, SIZE, np.random.default_rng([seed, meter]))[0]
