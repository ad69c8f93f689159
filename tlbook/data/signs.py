"""Signs: letters, and real handwritten digits, painted onto crops of two photographs.

The course's main case of fine-tuning. The source shows 71 letter classes on the left halves of
scikit-learn's two photographs; the target shows handwritten digits on the right halves. The task
"signs-letters" has the same source, and as target ten letters that the source leaves out: there
settings are tuned, so that "signs" is never used for it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.data.cache import cached
from tlbook.data.catalogue import load_again
from tlbook.data.fonts import DEJAVU, DIGITS, LETTERS
from tlbook.data.glyphs import balanced_labels, draw_glyphs
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.random import check_seed, generator
from tlbook.data.warp import Warp
from tlbook.domains.task import Domain, Task

# Ten letters that the source never shows: capitals, small letters and Greek. None of them has a
# twin in the source, the same shape at another size (as c is one of C), and no two of them look
# alike; otherwise the "new" classes would not be new, or nobody could tell them apart. The nearest
# pairs that remain are A and Λ (a crossbar) and Γ and F (a second bar).
HELD_OUT = "AEHRadgΓΩλ"
SOURCE_LETTERS = "".join(c for c in LETTERS if c not in HELD_OUT)

SIDE = 24  # pixels of a sign
GLYPH = 20  # pixels of the glyph on it
OPACITY = 0.75
MIN_CONTRAST = 0.5  # distance in RGB that the paint keeps from three quarters of the ground
N_VALIDATION = 2000
N_TARGET = 1797


@lru_cache(maxsize=2)
def photograph_halves(half: str) -> tuple[np.ndarray, ...]:
    """Return the "left" or "right" halves of both photographs, halved in size.

    Returns
    -------
    two arrays of shape (213, 160, 3), float32 in [0, 1]
    """
    from sklearn.datasets import load_sample_images

    halves = []
    for image in load_sample_images().images:
        pixels = np.asarray(image, np.float32)[:426] / 255
        small = pixels.reshape(213, 2, 320, 2, 3).mean(axis=(1, 3))
        halves.append(small[:, :160] if half == "left" else small[:, 160:])
    return tuple(halves)


def random_crops(n: int, half: str, rng: np.random.Generator) -> np.ndarray:
    """Return n crops of shape (n, 24, 24, 3) at random places of the two photographs."""
    windows = np.stack(
        [
            np.lib.stride_tricks.sliding_window_view(photo, (SIDE, SIDE), axis=(0, 1))
            for photo in photograph_halves(half)
        ]
    )
    which = rng.integers(len(windows), size=n)
    top = rng.integers(windows.shape[1], size=n)
    left = rng.integers(windows.shape[2], size=n)
    return windows[which, top, left].transpose(0, 2, 3, 1)


def visible_colors(ground: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a random color for each crop, one that can be seen on it.

    The first of eight random colors that is at least ``MIN_CONTRAST`` away from three quarters of
    the crop (a mean color would not do: half a crop may be a petal, half the dark behind it). If
    none is, the one that comes nearest to that.
    """
    n = len(ground)
    colors = rng.random((n, 8, 3), dtype=np.float32)
    sample = ground[:, 2::4, 2::4].reshape(n, 1, -1, 3)
    distance = np.linalg.norm(colors[:, :, None] - sample, axis=-1)
    quarter = np.partition(distance, distance.shape[-1] // 4, axis=-1)
    distance = quarter[..., distance.shape[-1] // 4]
    far = distance >= MIN_CONTRAST
    pick = np.where(far.any(1), far.argmax(1), distance.argmax(1))
    return colors[np.arange(n), pick]


def paint(strokes: np.ndarray, half: str, rng: np.random.Generator) -> np.ndarray:
    """Paint each glyph in a random color at a random place of a random crop.

    Parameters
    ----------
    strokes : array of shape (n, 20, 20), uint8
        255 where the paint goes.
    half : {"left", "right"}
        Half of the photographs.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    array of shape (n, 3, 24, 24), uint8
    """
    n = len(strokes)
    ground = random_crops(n, half, rng)
    mask = np.zeros((n, SIDE, SIDE, 1), np.float32)
    top, left = rng.integers(SIDE - GLYPH + 1, size=(2, n))
    steps = np.arange(GLYPH)
    at = (
        np.arange(n)[:, None, None],
        (top[:, None] + steps)[:, :, None],
        (left[:, None] + steps)[:, None, :],
    )
    mask[at + (0,)] = strokes.astype(np.float32) * (OPACITY / 255)
    color = visible_colors(ground, rng)[:, None, None, :]
    signs = ground * (1 - mask) + color * mask
    return np.ascontiguousarray(np.rint(signs * 255).astype(np.uint8).transpose(0, 3, 1, 2))


@cached
def letter_signs(
    characters: str, n: int, half: str, part: str, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return n painted letters (n, 3, 24, 24) uint8 and their labels; ``part`` names the draw."""
    rng = generator(f"signs {part}", seed)
    labels = balanced_labels(n, len(characters), rng)
    strokes = draw_glyphs(labels, characters, DEJAVU, GLYPH, Warp(), rng)
    return paint(strokes, half, rng), labels


@cached
def digit_signs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every handwritten digit, painted once: (1797, 3, 24, 24) uint8, and the labels."""
    import torch
    from torch.nn.functional import interpolate

    digits, labels = handwriting_arrays()
    large = interpolate(
        torch.from_numpy(digits), size=(GLYPH, GLYPH), mode="bilinear", align_corners=False
    )
    strokes = (large[:, 0].clamp(0, 1) * 255).round().byte().numpy()
    return paint(strokes, "right", generator("signs digits", seed)), labels


def _floats(pair: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return pair[0].astype(np.float32) / 255, pair[1]


def _task(name: str, seed: int, n_source: int, classes: str, target: Any) -> Task:
    check_seed(seed)
    if check_positive(n_source, "n_source", integer=True) < len(SOURCE_LETTERS):
        raise ValueError(f"n_source: got {n_source}, want at least 71, one image of each letter")
    names = tuple(SOURCE_LETTERS)

    def source(n: int, part: str) -> Any:
        return lambda: _floats(letter_signs(SOURCE_LETTERS, n, "left", part, seed))

    def target_part(which: int) -> Any:
        def part() -> tuple[np.ndarray, np.ndarray]:
            images, labels = target()
            rows = stratified_split(labels, TARGET_TRAIN, name, seed)[which]
            return _floats((images[rows], labels[rows]))

        return part

    return Task(
        name,
        seed=seed,
        options={"n_source": n_source},
        source=Domain.lazy("letters on photographs", source(n_source, "source"), names),
        validation=Domain.lazy("letters, validation", source(N_VALIDATION, "validation"), names),
        target_train=target_part(0),
        target_test=target_part(1),
        classes=tuple(classes),
        recipe=load_again,
    )


def load_signs(seed: int = 0, *, n_source: int = 18_000) -> Task:
    """Return letters on photographs → real handwritten digits on photographs.

    Images are float32 in [0, 1] of shape (n, 3, 24, 24). Source: 71 letter classes, ``n_source``
    images, and 2,000 more for validation. Target: every one of the 1,797 digits painted once,
    1,000 in the training part and 797 in the test part. The source is rendered when asked for.

    Raises
    ------
    ValueError
        If ``n_source`` is below 71 (one of each letter) or ``seed`` is not a non-negative integer.
    """
    return _task("signs", seed, n_source, DIGITS, lambda: digit_signs(seed))


def load_signs_letters(seed: int = 0, *, n_source: int = 18_000) -> Task:
    """Return letters → ten other letters (``HELD_OUT``): the task on which settings are tuned.

    Shapes and sizes as in :func:`load_signs`.
    """
    return _task(
        "signs-letters",
        seed,
        n_source,
        HELD_OUT,
        lambda: letter_signs(HELD_OUT, N_TARGET, "right", "held out", seed),
    )
