"""A folder of class folders of pictures, as people have them on their disks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels


def write_folder(folder: str | Path, X: Any, y: Any, names: Sequence[str]) -> dict[str, int]:
    """Write each picture as a PNG into the folder of its class; return the number in each.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    X : array of shape (n, 3, h, w)
        Values in [0, 1].
    y : array of shape (n,)
        Labels 0 … classes − 1.
    names : sequence of str
        Name of the folder of each class.

    Raises
    ------
    ValueError
        If the arrays do not fit, values lie outside [0, 1], or a label has no name.
    """
    from PIL import Image

    X = check_array(X, "X", ndim=4)
    y = check_labels(y, len(X), "y")
    if X.shape[1] != 3 or X.min() < 0 or X.max() > 1:
        raise ValueError(f"X: got shape {X.shape}, want (n, 3, h, w) with values in [0, 1]")
    if y.min() < 0 or y.max() >= len(names) or len(set(names)) < len(names):
        raise ValueError(f"names: got {len(names)}, want a different one for each label in y")
    pixels = np.rint(255 * X).astype(np.uint8).transpose(0, 2, 3, 1)
    counts = dict.fromkeys(names, 0)
    for picture, label in zip(pixels, y, strict=True):
        name = names[int(label)]
        own = Path(folder) / name
        own.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(own / f"{counts[name]:03d}.png")
        counts[name] += 1
    return counts
