"""What a lesson may see of a task's test part after one look."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Report:
    """What a lesson may see of the target's test part after one look.

    Attributes
    ----------
    accuracy : float
        Fraction of right answers (for regression: the root mean squared error).
    recall : array of shape (classes,)
        Fraction of each class that was found.
    confusion : array of shape (classes, classes)
        Counts; row = true class, column = predicted class.
    wrong : array of shape (m,)
        Row numbers of the mistakes in the test part.
    images, truth, predicted : arrays of length m
        The inputs that were got wrong, their true labels and the answers given.
    classes : tuple of str
        Names of the classes.
    """

    accuracy: float
    recall: np.ndarray = field(repr=False)
    confusion: np.ndarray = field(repr=False)
    wrong: np.ndarray = field(repr=False)
    images: np.ndarray = field(repr=False)
    truth: np.ndarray = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    classes: tuple[str, ...] = ()
