"""Predictions: what a reader thinks will happen, said by a click before the cell runs.

``expect("02.1")`` asks the first question of chapter 02. Each chapter's folder has its questions in
``predictions.toml``: the options, the right one, and for every wrong one what speaks against it.
"""

from tlbook.course.predictions.asking import expect
from tlbook.course.predictions.questions import Part, Prediction, find, of_chapter

__all__ = ["Part", "Prediction", "expect", "find", "of_chapter"]
