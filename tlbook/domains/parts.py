"""Whether the parts of a task belong together: rows, labels, names of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_inputs, check_labels, is_text

Pair = tuple[np.ndarray, np.ndarray]


def check_parts(
    source: Pair, target_train: Any, target_test: Any, classes: Sequence[str] | None, kind: str
) -> None:
    """Refuse a target that does not fit its source, or whose test part is its training part.

    Raises
    ------
    ValueError
        With the name of the part.
    """
    parts = []
    for name, given in (("target_train", target_train), ("target_test", target_test)):
        X = check_inputs(given[0], f"{name} X")
        if is_text(X) != is_text(source[0]):
            got, want = ("texts", "numbers") if is_text(X) else ("numbers", "texts")
            raise ValueError(f"{name} X: got {got}, want {want} like the source")
        if X.shape[1:] != source[0].shape[1:]:
            raise ValueError(
                f"{name} X: got rows of shape {X.shape[1:]}, want {source[0].shape[1:]} "
                "like the source"
            )
        parts.append(X)
        y = check_labels(given[1], len(X), f"{name} y")
        if kind == "classification":
            _check_classes(y, source[1], classes, name)
    if parts[0].shape == parts[1].shape and np.array_equal(parts[0], parts[1]):
        raise ValueError(
            "target_test X: got the rows of target_train, want other rows: on rows whose labels "
            "are sold an accuracy says nothing (Task itself, without from_arrays, allows it)"
        )


def _check_classes(
    y: np.ndarray, source_y: np.ndarray, classes: Sequence[str] | None, name: str
) -> None:
    if is_text(y) != is_text(source_y):
        got, want = ("texts", "numbers") if is_text(y) else ("numbers", "texts")
        raise ValueError(f"{name} y: got labels that are {got}, want {want} like the source's")
    if not np.isin(y, source_y).any():
        raise ValueError(
            f"{name} y: got the labels {_some(y)} and no label of the source ({_some(source_y)}), "
            "want at least one class in common"
        )
    check_class_names(y, classes, f"{name} y")


def check_class_names(y: np.ndarray, classes: Sequence[str] | None, name: str) -> None:
    """Refuse labels that no class name belongs to.

    Raises
    ------
    ValueError
        If class numbers go beyond the names, are below 0, or there are more kinds than names.
    """
    if classes is None:
        return
    found = np.unique(y)
    if found.dtype.kind in "iu" and (found[0] < 0 or found[-1] >= len(classes)):
        worst = found[0] if found[0] < 0 else found[-1]
        raise ValueError(
            f"{name}: got the label {worst} with {len(classes)} class names, want labels "
            f"0 … {len(classes) - 1}, or a name in classes for each"
        )
    if len(found) > len(classes):
        raise ValueError(
            f"classes: got {len(classes)} names for {len(found)} classes of {name}, want one each"
        )


def _some(y: np.ndarray) -> str:
    """Return the first labels in words."""
    found = np.unique(y)
    return ", ".join(repr(label) for label in found[:3].tolist()) + " …" * (len(found) > 3)
