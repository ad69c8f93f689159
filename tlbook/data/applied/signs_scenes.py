"""Scenes for detection: none to three handwritten digits on one crop of a photograph, with boxes.

The digits and the photographs are those of the target of ``signs``: a network that has learned
letters on the other halves of the photographs has seen none of them.
"""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_choice, check_positive, check_size
from tlbook.data.applied.roads import PARTS
from tlbook.data.cache import cached
from tlbook.data.fonts import DIGITS
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.random import check_seed, generator
from tlbook.data.signs import OPACITY, photograph_halves, visible_colors
from tlbook.domains.scenes import Boxes, Scenes

SIDES = (18, 24)  # pixels of a digit, smallest and largest
INK = 0.3  # what counts as ink for the box
GAP = 2  # pixels between two digits
TRIES = 30  # places that are tried for a digit; where none is free, it is left out
SMALLEST, LARGEST = 32, 160  # pixels of a scene


@cached
def scene_arrays(
    n: int, part: str, size: tuple[int, int], most: int, seed: int
) -> tuple[np.ndarray, ...]:
    """Return pictures (n, 3, h, w) uint8, and corners, labels, picture number of every object."""
    rng = generator(f"signs-scenes {part}", seed)
    digits, classes = handwriting_arrays()
    rows = stratified_split(classes, TARGET_TRAIN, "signs-scenes", seed)[PARTS.index(part)]
    pictures = np.empty((n, 3, *size), np.uint8)
    objects: list[tuple[float, ...]] = []
    for number, count in enumerate(rng.permutation(np.arange(n) % (most + 1))):
        scene = _crop(size, rng)
        taken: list[tuple[int, ...]] = []
        for row in rng.choice(rows, count):
            side = int(rng.integers(SIDES[0], SIDES[1] + 1))
            corner = _free_corner(size, side, taken, rng)
            if corner is None:
                continue
            box = _paint(scene, digits[row, 0], side, corner, rng)
            taken.append((*corner, side))
            objects.append((*box, classes[row], number))
        pictures[number] = np.rint(scene * 255).astype(np.uint8).transpose(2, 0, 1)
    table = np.array(objects, dtype=float).reshape(-1, 6)
    return pictures, table[:, :4], table[:, 4].astype(np.int64), table[:, 5].astype(np.int64)


def _crop(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    photos = photograph_halves("right")
    photo = photos[rng.integers(len(photos))]
    top, left = (int(rng.integers(photo.shape[i] - size[i] + 1)) for i in (0, 1))
    return photo[top : top + size[0], left : left + size[1]].copy()


def _free_corner(
    size: tuple[int, int], side: int, taken: list[tuple[int, ...]], rng: np.random.Generator
) -> tuple[int, int] | None:
    for _ in range(TRIES):
        top, left = (int(rng.integers(length - side + 1)) for length in size)
        apart = [
            top + side + GAP <= t or t + s + GAP <= top or left + side + GAP <= le
            or le + s + GAP <= left
            for t, le, s in taken
        ]  # fmt: skip
        if all(apart):
            return top, left
    return None


def _paint(
    scene: np.ndarray, digit: np.ndarray, side: int, corner: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[float, ...]:  # fmt: skip
    """Paint one digit into the scene and return the box around its ink."""
    import torch
    from torch.nn.functional import interpolate

    small = torch.from_numpy(digit)[None, None]
    large = interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    strokes = large[0, 0].clamp(0, 1).numpy()
    top, left = corner
    ground = scene[top : top + side, left : left + side]
    color = visible_colors(ground[None], rng)[0]
    mask = (OPACITY * strokes)[:, :, None]
    ground[:] = ground * (1 - mask) + color * mask
    down, across = np.flatnonzero((strokes > INK).any(1)), np.flatnonzero((strokes > INK).any(0))
    return left + across[0], top + down[0], left + across[-1] + 1, top + down[-1] + 1


def load_signs_scenes(
    seed: int = 0,
    *,
    n: int = 200,
    part: str = "train",
    size: tuple[int, int] = (96, 96),
    most: int = 3,
) -> Scenes:
    """Return photographs with none to three handwritten digits on them, and their boxes.

    Parameters
    ----------
    seed : int
        Which sample is drawn.
    n : int
        Number of scenes; 0, 1, …, ``most`` digits are equally frequent (one that finds no free
        place is left out).
    part : {"train", "test"}
        The parts share no digit. They share the photographs.
    size : (height, width)
        Pixels, 32 to 160.
    most : int
        Digits of a scene at most, 1 to 9.

    Returns
    -------
    Scenes
        ``X`` (n, 3, height, width) float32 in [0, 1] and ``boxes``, one for each digit, around its
        ink.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> from tlbook import data
    >>> scenes = data.load("signs-scenes", n=4)
    >>> scenes
    Scenes('signs-scenes', X (4, 3, 96, 96), boxes)
    >>> sorted(len(found) for found in scenes.boxes)
    [0, 1, 2, 3]
    """
    check_seed(seed)
    check_positive(n, "n", integer=True)
    check_choice(part, "part", PARTS)
    check_choice(most, "most", range(1, 10))
    pixels = check_size(size, least=SMALLEST)
    if max(pixels) > LARGEST:
        raise ValueError(f"size: got {size!r}, want at most {LARGEST} pixels on either side")
    pictures, corners, labels, numbers = scene_arrays(n, part, pixels, most, seed)
    boxes = [Boxes(corners[numbers == row], labels[numbers == row]) for row in range(n)]
    return Scenes("signs-scenes", pictures.astype(np.float32) / 255, classes=DIGITS, boxes=boxes)
