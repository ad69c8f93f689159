"""Data: glyphs per second, against the same recipe one glyph at a time; reading the cache."""

import os
import tempfile
import time
from statistics import median

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

import tlbook.data
from tests.benchmarks._harness import Row, median_seconds
from tlbook.data.fonts import DEJAVU, LETTERS
from tlbook.data.glyphs import bank, glyph_arrays, rasterize
from tlbook.data.warp import Warp

N = 20_000


def naive(n: int, seed: int, size: int = 24, warp: Warp = Warp()) -> np.ndarray:  # noqa: B008
    """The recipe of ``glyph_arrays`` as one would write it for a single glyph."""
    rng = np.random.default_rng(seed)
    images = np.empty((n, size, size), np.uint8)
    side = 2 * size
    y, x = np.meshgrid(*2 * [(np.arange(side) + 0.5) * 64 / side - 32], indexing="ij")
    for i in range(n):
        picture = rasterize(DEJAVU[rng.integers(12)], LETTERS[i % 81]) / 255.0
        blurred = gaussian_filter(picture, 1.2, truncate=3)
        angle = np.deg2rad(rng.uniform(-warp.rotation, warp.rotation))
        half = rng.uniform(-warp.log_aspect, warp.log_aspect) / 2
        shear = rng.uniform(-warp.shear, warp.shear)
        u, v = np.exp(half) * x + shear * y, np.exp(-half) * y
        dx, dy = (zoom(rng.normal(0, warp.elastic, (4, 4)), side / 4, order=3) for _ in range(2))
        column = np.cos(angle) * u - np.sin(angle) * v + dx + 31.5
        row = np.sin(angle) * u + np.cos(angle) * v + dy + 31.5
        bent = map_coordinates(blurred, [row, column], order=1)
        level = rng.uniform(*warp.threshold)
        strokes = np.clip((bent / bent.max() - level) / 0.3 + 0.5, 0, 1)
        small = strokes.reshape(size, 2, size, 2).mean((1, 3))
        images[i] = np.rint(small * 255)
    return images


def run(quick: bool = False) -> list[Row]:
    """Return the rows of this benchmark."""
    render = glyph_arrays.__wrapped__
    seconds = []
    for seed in range(1 if quick else 3):
        bank.cache_clear()  # the rasters of all characters are part of the work
        start = time.perf_counter()
        render(N, 24, LETTERS, DEJAVU, seed)
        seconds.append(time.perf_counter() - start)
    taken = median(seconds)

    few = 100
    one = median_seconds(
        {
            "ours": lambda: render(2000, 24, LETTERS, DEJAVU, 0),
            "naive": lambda: naive(few, 0),
        },
        repeats=3 if quick else 7,
    )
    ratio = (one["naive"] / few) / (one["ours"] / 2000)
    return [
        Row("glyphs: 20,000 of 24 × 24 on one core", taken, "s", 10, at_least=False),
        Row("glyphs: rate", N / taken, "/s"),
        Row("glyphs: faster than one glyph at a time", ratio, "x", note="same recipe, SciPy"),
        _cache_row(3 if quick else 7),
    ]


def _cache_row(repeats: int) -> Row:
    """How much faster the second load of 2,000 glyphs is than the first."""
    before = os.environ.get("TLBOOK_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TLBOOK_CACHE"] = folder
        try:
            glyph_arrays(2000, 24, LETTERS, DEJAVU, 0)
            times = median_seconds(
                {
                    "render": lambda: glyph_arrays.__wrapped__(2000, 24, LETTERS, DEJAVU, 0),
                    "read": lambda: tlbook.data.load("glyphs", n=2000, size=24).X,
                },
                repeats,
            )
        finally:
            if before is None:
                del os.environ["TLBOOK_CACHE"]
            else:
                os.environ["TLBOOK_CACHE"] = before
    return Row(
        "glyphs: reading the cache instead of rendering", times["render"] / times["read"], "x"
    )
