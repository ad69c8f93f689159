"""The rows of chapter 18: public letters, private digits, and a shift whose weights are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook import data
from tlbook._base.checks import check_positive
from tlbook.data.fonts import FONTS
from tlbook.data.handwriting import handwriting_arrays, stratified_split

N_LETTERS, N_PAINTED, N_PRIVATE = 4000, 1500, 1000


@lru_cache(maxsize=2)
def letters(seed: int, n: int = N_LETTERS) -> tuple[np.ndarray, np.ndarray]:
    """Return printed letters made as the handwritten digits were: (n, 64) in [0, 1], 52 classes.

    They are public: nothing of them has to be kept secret.
    """
    import torch
    from torch.nn.functional import avg_pool2d

    from tlbook.data.fonts_to_handwriting import to_bitmaps

    glyphs = data.load("glyphs", seed=seed, n=n, size=44, fonts=FONTS)
    bitmaps = to_bitmaps(torch.from_numpy(glyphs.X[:, 0]))  # (n, 32, 32), 0 or 1
    return avg_pool2d(bitmaps, 4).reshape(n, 64).numpy(), glyphs.y  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits, 64 pixels in [0, 1] each: private ones, and others to test on."""

    X: np.ndarray
    y: np.ndarray
    test_X: np.ndarray
    test_y: np.ndarray


def digits(seed: int, n: int = N_PRIVATE) -> Digits:
    """Return n private handwritten digits and the rest of the 1,797, split anew for each seed.

    Raises
    ------
    ValueError
        If n is no positive integer.
    """
    check_positive(n, "n", integer=True)
    images, y = handwriting_arrays()
    X = images.reshape(len(images), 64)
    own, rest = stratified_split(y, n, "chapter 18", seed)
    return Digits(X[own], y[own], X[rest], y[rest])


def painted(seed: int, n: int = N_PRIVATE) -> tuple[np.ndarray, Digits]:
    """Return public letters on photographs, and the digits painted on other photographs.

    Returns
    -------
    letters : array of shape (1500, 3, 24, 24)
    digits : Digits
        Of pictures (n, 3, 24, 24).
    """
    from tlbook.data.signs import digit_signs

    public = data.load("signs", seed=seed, n_source=N_PAINTED).source.X
    pictures, y = digit_signs(seed)
    own, rest = stratified_split(y, n, "chapter 18", seed)
    X = pictures.astype(np.float32) / 255
    return public, Digits(X[own], y[own], X[rest], y[rest])


@dataclass(frozen=True, eq=False)
class Shifted:
    """Calibration rows of the source, rows of the target, each with its score."""

    x: np.ndarray
    scores: np.ndarray
    new_x: np.ndarray
    new_scores: np.ndarray


def ratio(shift: float, x: Any) -> np.ndarray:
    """Return p_T(x)/p_S(x), the true weights of N(shift, 1) against N(0, 1)."""
    return np.exp(shift * np.asarray(x) - shift**2 / 2)


def noise_scale(x: Any) -> np.ndarray:
    """Return how much y scatters around the line at x: more, the farther from 0."""
    return 0.3 + 0.7 * np.abs(x)


def shifted(shift: float, seed: Any, n: int = 400, slope: float = 0.0) -> Shifted:
    """Draw x from N(0, 1) in the source and N(shift, 1) in the target, and y = x + noise.

    The model is the line y = x, so a score is |y − x|. Its noise is that of ``noise_scale``.

    Parameters
    ----------
    shift : float
        Covariate shift.
    seed : int or list of int
    n : int
        Rows of each.
    slope : float
        Concept shift: the target's line has the slope 1 + slope. The inputs do not show it.

    Raises
    ------
    ValueError
        If n is no positive integer.
    """
    check_positive(n, "n", integer=True)
    rng = np.random.default_rng(seed)
    x, new_x = rng.normal(size=n), rng.normal(shift, 1, size=n)
    scores = np.abs(noise_scale(x) * rng.normal(size=n))
    new = np.abs(slope * new_x + noise_scale(new_x) * rng.normal(size=n))
    return Shifted(x, scores, new_x, new)
