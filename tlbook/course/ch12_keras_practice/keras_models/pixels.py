"""The course's pictures, as a Keras model reads them from files."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array


def pictures(X: Any) -> np.ndarray:
    """Return the course's pictures as image files hold them: channels last, 0 … 255.

    Parameters
    ----------
    X : array of shape (n, 3, height, width)
        Pictures in [0, 1], channels first, as ``tlbook.data`` gives them.

    Returns
    -------
    array of shape (n, height, width, 3), float32

    Raises
    ------
    ValueError
        If ``X`` has another shape, values outside [0, 1], or NaN.
    """
    X = check_array(X, "X", ndim=4)
    if X.shape[1] != 3:
        raise ValueError(f"X: got shape {X.shape}, want (n, 3, height, width)")
    if X.min() < 0 or X.max() > 1:
        raise ValueError(f"X: got values from {X.min():g} to {X.max():g}, want [0, 1]")
    return np.ascontiguousarray(X.transpose(0, 2, 3, 1), dtype=np.float32) * np.float32(255)
