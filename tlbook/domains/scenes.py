"""Pictures whose answers are no class: a mask for each pixel, boxes, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import as_array, check_array, check_labels
from tlbook._base.named import named
from tlbook.domains.domain import Domain


@dataclass(frozen=True)
class Boxes:
    """The objects of one picture: what is there, or what was found there.

    Parameters
    ----------
    corners : array of shape (k, 4)
        Left, top, right, bottom of each box in pixels, right > left and bottom > top.
    labels : array of shape (k,)
        Class of each, 0 … classes − 1.
    scores : array of shape (k,), optional
        How sure the detector is; ``None`` for the truth.

    Raises
    ------
    ValueError
        If shapes do not fit or a box has no area.

    Examples
    --------
    >>> from tlbook.domains import Boxes
    >>> Boxes([[2, 3, 12, 23]], [7])
    Boxes(1 object)
    >>> len(Boxes([], []))  # an empty picture
    0
    """

    corners: np.ndarray
    labels: np.ndarray
    scores: np.ndarray | None = None

    def __post_init__(self) -> None:
        corners = as_array(self.corners, "corners", float)
        corners = check_array(corners.reshape(0, 4) if corners.size == 0 else corners,
                              "corners", ndim=2, min_rows=0)  # fmt: skip
        if corners.shape[1] != 4:
            raise ValueError(f"corners: got shape {corners.shape}, want (k, 4)")
        if (corners[:, 2:] <= corners[:, :2]).any():
            raise ValueError("corners: got a box without area, want left < right and top < bottom")
        labels = as_array(self.labels, "labels")
        labels = check_labels(labels, len(corners), "labels", min_classes=0)
        if labels.size and (labels.dtype.kind not in "iu" or labels.min() < 0):
            raise ValueError(f"labels: got {labels.tolist()[:3]}…, want integers of at least 0")
        object.__setattr__(self, "corners", corners)
        object.__setattr__(self, "labels", labels.astype(np.int64))
        if self.scores is not None:
            scores = check_array(
                as_array(self.scores, "scores", float), "scores", ndim=1, min_rows=0
            )
            if len(scores) != len(corners):
                raise ValueError(f"scores: got {len(scores)}, want {len(corners)}, one per box")
            object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.corners)

    def __repr__(self) -> str:
        return f"Boxes({len(self)} object{'s' * (len(self) != 1)})"


class Scenes(Domain):
    """Pictures with masks, boxes or numbers in place of labels.

    A :class:`Domain` whose ``y`` is ``None``: every method that uses inputs alone takes it.

    Parameters
    ----------
    name : str
        What the sample is called.
    X : array of shape (n, channels, height, width)
        Pictures, float32 in [0, 1].
    classes : sequence of str
        Names of the classes of masks or boxes.
    masks : array of shape (n, height, width), optional
        Class of each pixel, an integer.
    boxes : sequence of n Boxes, optional
        Objects of each picture.
    numbers : dict of arrays of shape (n,), optional
        Measured values by name, for example ``{"steering": …}``.

    Raises
    ------
    ValueError
        If something does not have one entry per picture, a mask another size, or a class no name.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.domains import Boxes, Scenes
    >>> pictures = np.zeros((2, 3, 8, 8), dtype=np.float32)
    >>> yard = Scenes("yard", pictures, classes=("cat",), boxes=[Boxes([[1, 1, 5, 4]], [0]),
    ...               Boxes([], [])])
    >>> yard
    Scenes('yard', X (2, 3, 8, 8), boxes)
    >>> yard[[1]].boxes  # a part of it
    (Boxes(0 objects),)
    """

    @named
    def __init__(
        self,
        name: str,
        X: Any,
        *,
        classes: Sequence[str],
        masks: Any = None,
        boxes: Sequence[Boxes] | None = None,
        numbers: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, check_array(X, "X", ndim=4), classes=classes)
        n, known = len(self.X), len(tuple(classes))
        self.masks = None if masks is None else check_masks(masks, self.X, known)
        self.boxes = None if boxes is None else tuple(boxes)
        if self.boxes is not None:
            if len(self.boxes) != n:
                raise ValueError(f"boxes: got {len(self.boxes)}, want {n}, one Boxes per picture")
            for found in self.boxes:
                if not isinstance(found, Boxes):
                    raise ValueError(f"boxes: got {type(found).__name__}, want Boxes")
                if len(found) and found.labels.max() >= known:
                    worst = found.labels.max()
                    raise ValueError(f"boxes: got the label {worst}, want 0 … {known - 1}")
        self.numbers = {
            key: check_array(values, f"numbers[{key!r}]", ndim=1)
            for key, values in (numbers or {}).items()
        }
        for key, values in self.numbers.items():
            if len(values) != n:
                raise ValueError(f"numbers[{key!r}]: got {len(values)}, want {n}, one per picture")

    def __getitem__(self, rows: Any) -> Scenes:
        """Return the pictures with these row numbers (a slice, or an array of integers)."""
        kept = np.arange(len(self.X))[rows]
        if kept.ndim != 1 or len(kept) == 0:
            raise ValueError(f"rows: got {rows!r}, want a slice or a list of at least one row")
        return Scenes(
            self.name,
            self.X[kept],
            classes=self.classes or (),
            masks=None if self.masks is None else self.masks[kept],
            boxes=None if self.boxes is None else [self.boxes[row] for row in kept],
            numbers={key: values[kept] for key, values in self.numbers.items()},
        )

    def __repr__(self) -> str:
        has = [name for name in ("masks", "boxes") if getattr(self, name) is not None]
        return f"Scenes({', '.join([repr(self.name), f'X {self.X.shape}', *has, *self.numbers])})"


def check_masks(masks: Any, X: np.ndarray, classes: int) -> np.ndarray:
    """Return masks as int64 of the pictures' size, or say what is wrong with them."""
    found = check_array(masks, "masks", ndim=3)
    want = (len(X), *X.shape[2:])
    if found.shape != want:
        raise ValueError(f"masks: got shape {found.shape}, want {want} like the pictures")
    if found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= classes:
        raise ValueError(f"masks: got values beyond 0 … {classes - 1}, want integers of a class")
    return found.astype(np.int64)
