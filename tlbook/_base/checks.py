"""Input checks with one kind of message: the argument, what came, what is wanted."""

import sys
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

_LARGEST = 2**63 - 1
"""NumPy and torch count no further."""


def check_array(
    X: Any,
    name: str,
    *,
    ndim: int | tuple[int, ...] | None = None,
    min_rows: int = 1,
    dtype: Any = None,
    allow_nan: bool = False,
) -> np.ndarray:
    """Return ``X`` as a NumPy array of numbers, or say in one line what is wrong with it.

    Raises
    ------
    ValueError
        If ``X`` is not numeric, has the wrong number of dimensions, too few rows, NaN or infinity.
    """
    array = as_array(X, name, dtype)
    if array.dtype.kind not in "biuf":
        hint = " (tlbook.text.embed makes vectors of texts)" if is_text(array) else ""
        raise ValueError(f"{name}: got values of type {array.dtype}, want numbers{hint}")
    wanted = (ndim,) if isinstance(ndim, int) else ndim
    if wanted is not None and array.ndim not in wanted:
        shapes = " or ".join(f"{d}-dimensional" for d in wanted)
        raise ValueError(f"{name}: got shape {array.shape}, want a {shapes} array")
    rows = array.shape[0] if array.ndim else 0
    if rows < min_rows:
        raise ValueError(f"{name}: got {rows} rows, want at least {min_rows}")
    if not allow_nan and array.dtype.kind == "f" and not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise ValueError(f"{name}: got {bad} values that are NaN or infinite, want finite numbers")
    return array


def as_array(X: Any, name: str, dtype: Any = None) -> np.ndarray:
    """Return ``X`` as a NumPy array; a tensor comes from its device and without its gradient."""
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        count = np.ma.count_masked(X)
        raise ValueError(f"{name}: got {count} masked values, want an array without a mask")
    try:
        if is_tensor(X):
            X = X.detach().cpu()
            X = X.float() if str(X.dtype) == "torch.bfloat16" else X  # NumPy has no such type
        return np.asarray(X, dtype=dtype)
    # A tensor without data, a list of lists of different lengths, an object that refuses.
    except (TypeError, ValueError, RuntimeError, OverflowError, AttributeError) as error:
        raise ValueError(f"{name}: got {type(X).__name__}, want an array of numbers") from error


def is_tensor(value: Any) -> bool:
    """Whether ``value`` is a torch tensor (without importing torch to find out)."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def check_labels(y: Any, n: int | None, name: str = "y", min_classes: int = 1) -> np.ndarray:
    """Return ``y`` as a one-dimensional array of ``n`` labels of ``min_classes`` or more kinds."""
    labels = as_array(y, name)
    mixed = isinstance(y, list | tuple) and labels.dtype.kind == "U" and not _of_one_type(list(y))
    if labels.ndim != 1:
        raise ValueError(f"{name}: got shape {labels.shape}, want one label per row")
    if n is not None and len(labels) != n:
        raise ValueError(f"{name}: got {len(labels)} labels, want {n}, one per row of the inputs")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError(f"{name}: got labels that are NaN or infinite, want class labels")
    mixed = mixed or (labels.dtype.kind == "O" and not _of_one_type(labels.tolist()))
    if mixed or labels.dtype.kind == "c":
        raise ValueError(f"{name}: got labels that are neither all numbers nor all texts")
    classes = len(np.unique(labels))
    if classes < min_classes:
        raise ValueError(f"{name}: got {classes} class(es), want at least {min_classes}")
    return labels


def _of_one_type(labels: list[Any]) -> bool:
    """Return whether labels can be put in order: all texts, or all finite numbers."""
    if all(isinstance(label, (str, np.str_)) for label in labels):
        return True
    numbers = all(isinstance(label, int | float | np.integer | np.floating) for label in labels)
    return numbers and all(abs(label) <= _LARGEST for label in labels)


def check_same_features(X: Any, Y: Any, names: tuple[str, str] = ("X", "Y")) -> None:
    """Refuse two arrays whose rows have different shapes."""
    if X.shape[1:] != Y.shape[1:]:
        raise ValueError(
            f"{names[1]}: got rows of shape {tuple(Y.shape[1:])}, "
            f"want {tuple(X.shape[1:])} like {names[0]}"
        )


def check_choice(value: Any, name: str, choices: Iterable[Any]) -> Any:
    """Return ``value`` if it is one of ``choices``."""
    options = list(choices)
    try:  # by hash too: an array compares value by value, other objects say what they like
        known = not is_tensor(value) and value in set(options)
    except TypeError:
        known = False
    if not known:
        raise ValueError(f"{name}: got {value!r}, want one of {', '.join(map(repr, options))}")
    return value


def check_positive(value: Any, name: str, *, zero_ok: bool = False, integer: bool = False) -> Any:
    """Return ``value`` if it is a positive (or, with ``zero_ok``, non-negative) finite number."""
    kind = "integer" if integer else "number"
    bound = "at least 0" if zero_ok else "above 0"
    allowed = (int, np.integer) if integer else (int, float, np.integer, np.floating)
    if (
        isinstance(value, bool)
        or not isinstance(value, allowed)
        or not (abs(value) <= _LARGEST if isinstance(value, int) else np.isfinite(value))
        or value < 0
        or (value == 0 and not zero_ok)
    ):
        raise ValueError(f"{name}: got {value!r}, want a finite {kind} {bound}")
    return value


def check_size(size: Any, name: str = "size", *, least: int = 8) -> tuple[int, int]:
    """Return (height, width) as two integers of at least ``least``."""
    pair = tuple(size) if isinstance(size, tuple | list) else ()
    if len(pair) != 2 or any(
        isinstance(side, bool) or not isinstance(side, int | np.integer) or side < least
        for side in pair
    ):
        raise ValueError(
            f"{name}: got {size!r}, want (height, width), integers of at least {least}"
        )
    return int(pair[0]), int(pair[1])


def check_probability(value: Any, name: str) -> float:
    """Return ``value`` if it lies in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ValueError(f"{name}: got {value!r}, want a number in [0, 1]")
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: got {value!r}, want a number in [0, 1]")
    return float(value)


def check_folder(path: Any, name: str) -> Path:
    """Return a path; an empty one would be the folder that happens to be the current one."""
    if not isinstance(path, str | PathLike) or not str(path).strip() or "\0" in str(path):
        raise ValueError(f"{name}: got {path!r:.60}, want the path of a folder")
    return Path(path).expanduser()


def check_texts(X: Any, name: str, *, min_rows: int = 1) -> np.ndarray:
    """Return ``X`` as a one-dimensional array of str (dtype object, whatever their length).

    Raises
    ------
    ValueError
        If ``X`` is one text, not one-dimensional, too short, or has an entry that is no text or
        that is blank.
    """
    if isinstance(X, (str, bytes)):
        raise ValueError(f"{name}: got one {type(X).__name__}, want a list or array of texts")
    array = as_array(X, name, object)
    if array.ndim != 1:
        raise ValueError(f"{name}: got shape {array.shape}, want one text per row")
    if len(array) < min_rows:
        raise ValueError(f"{name}: got {len(array)} texts, want at least {min_rows}")
    for row, text in enumerate(array):
        if not isinstance(text, str):
            kind = type(text).__name__
            raise ValueError(f"{name}: got {kind} in row {row}, want a text (str) in every row")
        if not text.strip():
            raise ValueError(f"{name}: got an empty text in row {row}, want words in every row")
    return np.array([str(text) for text in array] + [None], dtype=object)[:-1]


def is_text(X: Any) -> bool:
    """Return whether ``X`` is meant as texts: whether it holds a str (or bytes) anywhere."""
    if isinstance(X, (str, bytes)):
        return True
    if is_tensor(X):
        return False
    try:
        array = X if isinstance(X, np.ndarray) else np.asarray(X)
    except (TypeError, ValueError, RuntimeError, OverflowError, AttributeError):
        return False
    if array.dtype.kind != "O":
        return array.dtype.kind in "UST"
    return any(isinstance(entry, (str, bytes)) for entry in array.ravel())


def check_inputs(X: Any, name: str, *, min_rows: int = 1) -> np.ndarray:
    """Return inputs as an array: texts of shape (n,) by ``check_texts``, else ``check_array``."""
    if is_text(X):
        return check_texts(X, name, min_rows=min_rows)
    return check_array(X, name, min_rows=min_rows)
