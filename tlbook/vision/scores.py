"""How good boxes and masks are: intersection over union, average precision, mean IoU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_probability
from tlbook._base.named import named
from tlbook.domains.scenes import Boxes


@named
def iou(a: Any, b: Any) -> np.ndarray:
    r"""Return the intersection over union of every box of ``a`` with every box of ``b``.

    .. math:: \mathrm{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|}

    Parameters
    ----------
    a, b : arrays of shape (n, 4) and (m, 4)
        Left, top, right, bottom, in any unit.

    Returns
    -------
    array of shape (n, m), in [0, 1]

    Raises
    ------
    ValueError
        If a shape is another or a box has no area.

    Examples
    --------
    >>> from tlbook.vision import iou
    >>> iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2], [5, 5, 6, 6]]).round(3).tolist()
    [[0.333, 1.0, 0.0]]
    """
    A, B = _corners(a, "a"), _corners(b, "b")
    low = np.maximum(A[:, None, :2], B[None, :, :2])
    high = np.minimum(A[:, None, 2:], B[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)  # (n, m)
    area_a, area_b = ((X[:, 2:] - X[:, :2]).prod(axis=1) for X in (A, B))
    return shared / (area_a[:, None] + area_b[None] - shared)


@named
def average_precision(
    found: Sequence[Boxes],
    truth: Sequence[Boxes],
    classes: int,
    *,
    threshold: float = 0.5,
    envelope: bool = True,
) -> np.ndarray:
    r"""Return the average precision of each class: the area under precision over recall.

    .. math:: \mathrm{AP} = \sum_k (r_k - r_{k-1}) \, \max_{j \ge k} p_j

    All answers of a class are sorted by their score. One after the other takes the true box of its
    picture that it overlaps most among those not yet taken. If their IoU reaches the threshold the
    answer is right, else it is a false alarm; a second answer for one object is a false alarm, too.

    Parameters
    ----------
    found : sequence of n Boxes
        The answers for each picture, with scores.
    truth : sequence of n Boxes
        What is there.
    classes : int
        Number of classes.
    threshold : float in (0, 1]
        The IoU from which on an answer is right; 0.5 gives AP50.
    envelope : bool
        Replace each precision by the best one at the same or a larger recall, as detection
        benchmarks do; without, the plain sum of scikit-learn.

    Returns
    -------
    array of shape (classes,)
        In [0, 1]; NaN for a class that is not in ``truth``. The mean over classes is the mAP
        (``np.nanmean``).

    Raises
    ------
    ValueError
        If the numbers of pictures differ, answers have no scores, or a label is out of range.

    Notes
    -----
    The sum runs over all recalls, as in PASCAL VOC since 2010. COCO reads the same curve at 101
    recalls and takes the mean over thresholds 0.50, 0.55, …, 0.95.

    References
    ----------
    Everingham et al. (2015), The PASCAL visual object classes challenge: a retrospective.

    Examples
    --------
    >>> from tlbook.domains import Boxes
    >>> from tlbook.vision import average_precision
    >>> truth = [Boxes([[0, 0, 10, 10], [20, 0, 30, 10]], [0, 0])]
    >>> found = [Boxes([[0, 0, 10, 9], [50, 0, 60, 10], [21, 0, 31, 10]], [0, 0, 0],
    ...                [0.9, 0.8, 0.7])]  # right, wrong, right
    >>> average_precision(found, truth, classes=1).round(3).tolist()  # 1/2 · 1 + 1/2 · 2/3
    [0.833]
    """
    check_positive(classes, "classes", integer=True)
    if check_probability(threshold, "threshold") == 0:
        raise ValueError("threshold: got 0, want an IoU in (0, 1]")
    if len(found) != len(truth):
        raise ValueError(f"found: got {len(found)} pictures, want {len(truth)} as in truth")
    for name, pictures in {"found": found, "truth": truth}.items():
        for boxes in pictures:
            _check_boxes(boxes, name, classes)
    result = np.full(classes, np.nan)
    for label in range(classes):
        there = sum(int((t.labels == label).sum()) for t in truth)
        if there:
            right = _right_answers(found, truth, label, threshold)
            result[label] = _area(right, there, envelope)
    return result


@named
def mean_iou(
    y: Any, yhat: Any, classes: int, *, ignore: int | None = None
) -> tuple[float, np.ndarray]:
    r"""Return the mean intersection over union of masks, and that of each class.

    .. math:: \mathrm{IoU}_c = \frac{\#\{y = c, \hat y = c\}}{\#\{y = c\} + \#\{\hat y = c\}
        - \#\{y = c, \hat y = c\}}

    counted over all pixels of all pictures together.

    Parameters
    ----------
    y, yhat : arrays of integers of one shape
        True and answered class of each pixel.
    classes : int
        Number of classes.
    ignore : int, optional
        Pixels whose *true* value is this one do not count: 255 in many public data sets, where
        nobody has said what they are.

    Returns
    -------
    mean : float
        Over the classes that occur in ``y`` or ``yhat``.
    each : array of shape (classes,)
        NaN for a class that occurs in neither.

    Raises
    ------
    ValueError
        If the shapes differ, a value is no class, or all pixels are left out.

    Examples
    --------
    >>> from tlbook.vision import mean_iou
    >>> mean, each = mean_iou([[0, 0, 1], [1, 1, 1]], [[0, 1, 1], [1, 1, 0]], classes=2)
    >>> each.round(3).tolist(), round(mean, 3)  # 1 of 3 pixels, 3 of 5
    ([0.333, 0.6], 0.467)
    """
    check_positive(classes, "classes", integer=True)
    truth, answer = (check_array(v, name) for name, v in {"y": y, "yhat": yhat}.items())
    if truth.shape != answer.shape:
        raise ValueError(f"yhat: got shape {answer.shape}, want {truth.shape} like y")
    if ignore is not None:
        truth, answer = truth[truth != ignore], answer[truth != ignore]
        if truth.size == 0:
            raise ValueError(f"y: got {ignore} in each pixel, which is left out")
    for name, mask in {"y": truth, "yhat": answer}.items():
        if mask.dtype.kind not in "iu" or mask.min() < 0 or mask.max() >= classes:
            raise ValueError(f"{name}: got values beyond 0 … {classes - 1}, want integers")
    pairs = truth.ravel().astype(np.int64) * classes + answer.ravel()
    counts = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    both = counts.diagonal().astype(float)
    union = counts.sum(0) + counts.sum(1) - both
    each = np.divide(both, union, out=np.full(classes, np.nan), where=union > 0)
    return float(np.nanmean(each)), each


def _corners(boxes: Any, name: str) -> np.ndarray:
    array = check_array(boxes, name, min_rows=0, dtype=float)
    if array.size == 0:
        return np.empty((0, 4))
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"{name}: got shape {array.shape}, want boxes of shape (n, 4)")
    if (array[:, 2:] <= array[:, :2]).any():
        raise ValueError(f"{name}: got a box without area, want left < right and top < bottom")
    return array


def _check_boxes(boxes: Boxes, name: str, classes: int) -> None:
    if not isinstance(boxes, Boxes):
        raise ValueError(f"{name}: got {type(boxes).__name__}, want a Boxes for each picture")
    if name == "found" and boxes.scores is None:
        raise ValueError("found: got Boxes without scores, want a score for each answer")
    if len(boxes) and boxes.labels.max() >= classes:
        raise ValueError(f"{name}: got the label {boxes.labels.max()}, want 0 … {classes - 1}")


def _right_answers(
    found: Sequence[Boxes], truth: Sequence[Boxes], label: int, threshold: float
) -> np.ndarray:
    """Return for each answer of a class, surest first, whether it is right."""
    answers = []  # (score, picture, row of the answer in it)
    overlaps = []  # IoU with the objects of that class, one array per picture
    for picture, (here, there) in enumerate(zip(found, truth, strict=True)):
        rows = np.flatnonzero(here.labels == label)
        assert here.scores is not None
        answers += [(-float(here.scores[row]), picture, k) for k, row in enumerate(rows)]
        overlaps.append(iou(here.corners[rows], there.corners[there.labels == label]))
    right = []
    for _, picture, k in sorted(answers):
        free = overlaps[picture][k]
        best = int(free.argmax()) if free.size else -1
        right.append(best >= 0 and bool(free[best] >= threshold))
        if right[-1]:
            overlaps[picture][:, best] = -1  # taken
    return np.array(right, dtype=bool)


def _area(right: np.ndarray, there: int, envelope: bool) -> float:
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    if envelope:
        precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(precision[right].sum() / there)  # recall grows by 1 / there at each right answer
