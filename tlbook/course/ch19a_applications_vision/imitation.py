"""Behavior cloning and DAgger: the same small learner, the same number of labeled pictures.

The learner is a ridge regression on random ReLU features of the gray picture, solved in closed form
in milliseconds: whatever differs between the arms is the pictures that they learn from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tlbook._base.checks import check_array, check_positive
from tlbook.course.ch19a_applications_vision.driving import Drive, Policy, drive
from tlbook.data.random import generator

HIDDEN, PENALTY = 800, 3.0  # of 400 and 30, 800 and 3 those with which cloning drove farther
LENGTH = 100  # meters of a lesson: as many labeled pictures
ROUNDS = 5
TEST_CARS, TEST_LENGTH = 4, 200
PUSH = 2.0  # degrees
FIRST_TEST = 10_000
"""Seeds of the roads on which policies are measured; none of them is one of a lesson."""


@dataclass(frozen=True)
class Lesson:
    """Labeled pictures: (n, 3, 24, 32) uint8, and the driver's angles (n,) in degrees."""

    pictures: np.ndarray
    angles: np.ndarray

    def __add__(self, other: Lesson) -> Lesson:
        both = zip((self.pictures, self.angles), (other.pictures, other.angles), strict=True)
        return Lesson(*(np.concatenate(pair) for pair in both))


def lesson(driven: Drive) -> Lesson:
    """Return what was seen on a drive, with what the driver would have done there."""
    return Lesson(driven.pictures.reshape(-1, *driven.pictures.shape[2:]), driven.driver.ravel())


def clone(taught: Lesson, seed: int, *, hidden: int = HIDDEN, penalty: float = PENALTY) -> Policy:
    r"""Learn to steer from labeled pictures.

    .. math:: \min_w \sum_i \bigl(w^\top \phi(x_i) - \delta_i\bigr)^2 + \lambda \lVert w \rVert^2,
        \qquad \phi(x) = \bigl(1, \tilde x, \max(0, R \tilde x)\bigr)

    with x̃ the gray picture, standardized, and R random and fixed by the seed.

    Raises
    ------
    ValueError
        If there is nothing to learn from or an argument is out of range.
    """
    check_positive(hidden, "hidden", integer=True)
    check_positive(penalty, "penalty")
    angles = check_array(taught.angles, "angles", ndim=1, dtype=float)
    gray = _gray(taught.pictures.astype(np.float32) / 255)
    rng = generator("random features", seed)
    R = rng.normal(size=(gray.shape[1], hidden)).astype(np.float32) / np.sqrt(gray.shape[1])
    features = _features(R)
    Z = features(gray)
    gram = Z.T.astype(float) @ Z + penalty * np.eye(Z.shape[1])
    weight = np.linalg.solve(gram, Z.T @ angles)
    return lambda X: features(_gray(X)) @ weight


def _gray(X: np.ndarray) -> np.ndarray:
    """Return the lower two thirds of the pictures, gray and each standardized, (n, d)."""
    gray = X.mean(axis=1)[:, X.shape[2] // 3 :].reshape(len(X), -1)
    return (gray - gray.mean(1, keepdims=True)) / (gray.std(1, keepdims=True) + 1e-3)


def _features(R: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    one = np.ones(1, np.float32)
    return lambda x: np.hstack([np.broadcast_to(one, (len(x), 1)), x / 4, np.maximum(x @ R, 0)])


def demonstration(seed: int, number: int, push: float = 0.0) -> Lesson:
    """Return the driver's own drive on the roads of round ``number``; ``push`` shakes the wheel."""
    roads = _roads(seed, number)
    return lesson(drive(None, cars=1, length=LENGTH, push=push, world=seed, seed=roads))


def dagger(seed: int, rounds: int = ROUNDS) -> Iterator[Policy]:
    """Yield the policy after each round.

    Round 1 is a demonstration. In every later round the *policy* drives and the driver only says
    what he would have done; all pictures so far are learnt again. The roads of a round are those
    of the demonstrations.
    """
    taught = demonstration(seed, 0)
    yield (policy := clone(taught, seed))
    for number in range(1, rounds):
        roads = _roads(seed, number)
        taught = taught + lesson(drive(policy, cars=1, length=LENGTH, world=seed, seed=roads))
        yield (policy := clone(taught, seed))


def cloning(seed: int, rounds: int = ROUNDS, push: float = 0.0) -> Iterator[Policy]:
    """Yield the policy after each round of further demonstrations, the control of DAgger.

    With ``push`` the wheel is shaken from round 2 on, so that the driver shows how to come back.
    """
    taught = demonstration(seed, 0)
    yield clone(taught, seed)
    for number in range(1, rounds):
        taught = taught + demonstration(seed, number, push)
        yield clone(taught, seed)


def measured(
    policy: Policy | None,
    seed: int,
    *,
    cars: int = TEST_CARS,
    length: int = TEST_LENGTH,
    weather: str = "day",
) -> Drive:
    """Let a policy drive on roads that no lesson has shown."""
    roads = FIRST_TEST + seed
    return drive(policy, cars=cars, length=length, weather=weather, world=seed, seed=roads)


def error_on(policy: Policy, driven: Drive) -> float:
    """Return the root mean squared error of the angle on what was seen there, in degrees."""
    seen = lesson(driven)
    wrong = policy(seen.pictures.astype(np.float32) / 255) - seen.angles
    return float(np.sqrt(np.mean(wrong**2)))


def _roads(seed: int, number: int) -> int:
    return 1_000_000 + 100 * seed + number
