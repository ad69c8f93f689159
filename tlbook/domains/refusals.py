"""Answers and parts that would give a number that says nothing: refused, or left as they are.

The course's guard of stored results skips the calls of these functions: they change no number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_inputs


def refuse_scores(y: np.ndarray, answer: np.ndarray, kind: str) -> None:
    """Refuse numbers between whole classes: scores and probabilities equal no class.

    Raises
    ------
    ValueError
        If the classes are whole numbers and an answer is none.
    """
    if kind == "regression" or y.dtype.kind not in "biu" or answer.dtype.kind != "f":
        return
    between = answer[answer != np.floor(answer)]
    if len(between):
        shown = ", ".join(repr(label) for label in np.unique(y)[:3].tolist())
        raise ValueError(
            f"predict: returned {float(between[0]):.3g}, want labels like {shown} (of scores or "
            "probabilities, take the class of the largest)"
        )


def refuse_source_as_test(source_X: Any, test_X: Any) -> None:
    """Refuse a test part that is the labeled source.

    Raises
    ------
    ValueError
        If both have the same rows in the same order.
    """
    source, test = check_inputs(source_X, "source X"), check_inputs(test_X, "target_test X")
    if source.shape == test.shape and np.array_equal(source, test):
        raise ValueError(
            "target_test X: got the rows of the source, want other rows: on rows whose labels are "
            "known an accuracy says nothing (Task itself, without from_arrays, allows it)"
        )
