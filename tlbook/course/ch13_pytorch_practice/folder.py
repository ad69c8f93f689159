"""A folder of pictures as people have them: class folders, a copy and a damaged file inside."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tlbook._base.checks import check_positive

SIDE = 48
FRUIT: Mapping[str, tuple[int, int, int]] = {
    "apple": (190, 55, 45),
    "banana": (215, 185, 60),
    "lime": (110, 180, 60),
    "plum": (120, 50, 110),
}
"""Class and its mean color."""
MANY = {"apple": 60, "banana": 24, "lime": 40, "plum": 32}


def draw_fruit(folder: str | Path, *, seed: int = 0, many: Mapping[str, int] = MANY) -> Path:
    """Draw a folder of fruit: ``FOLDER/CLASS/000.png`` …, one copy and one damaged file; return it.

    A banana is long and thin, the others are round. Colors vary from picture to picture, so that
    some apples look like plums. A folder that is there already stays as it is.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    seed : int
        Of shapes, colors and backgrounds.
    many : mapping
        Pictures of each class of ``FRUIT``.

    Raises
    ------
    ValueError
        If a class is unknown or has no pictures.
    """
    from PIL import Image, ImageDraw, ImageFilter

    if set(many) - set(FRUIT):
        raise ValueError(f"many: got {sorted(many)}, want classes among {sorted(FRUIT)}")
    top = Path(folder)
    if top.is_dir():
        return top
    for name, n in many.items():
        check_positive(n, f"many[{name!r}]", integer=True)
    new = top.with_name(f"{top.name}.new")  # renamed at the end: the folder is whole or not there
    shutil.rmtree(new, ignore_errors=True)
    rng = np.random.default_rng(seed)
    for name, n in many.items():
        (new / name).mkdir(parents=True)
        for i in range(n):
            tint = rng.integers(60, 200) + rng.normal(0, 12, 3)
            ground = tint + rng.normal(0, 18, (SIDE, SIDE, 3))
            picture = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
            color = np.clip(np.array(FRUIT[name]) + rng.normal(0, 24, 3), 0, 255).astype(int)
            sides = rng.integers((18, 18), (34, 34))
            if name == "banana":
                sides = rng.permutation(rng.integers((9, 30), (14, 42)))
            width, height = sides
            left, up = rng.integers(2, SIDE - 2 - width), rng.integers(2, SIDE - 2 - height)
            box = [int(v) for v in (left, up, left + width, up + height)]
            ImageDraw.Draw(picture).ellipse(box, fill=tuple(int(c) for c in color))
            picture.filter(ImageFilter.GaussianBlur(0.7)).save(new / name / f"{i:03d}.png")
    first = new / next(iter(many))
    (first / "copy of 000.png").write_bytes((first / "000.png").read_bytes())
    (first / "broken.png").write_bytes((first / "000.png").read_bytes()[:200])
    return new.rename(top)
