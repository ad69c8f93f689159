"""Exercises of chapter 07: the told relation, a verdict, a figure, a loss."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.course.exercises.checkers import Probe, Wrong, kind
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

# -- q1: change the experiment --------------------------------------------------------------------

TOLD = (-0.7, 0.2)
"""Mean gains of the told relation in points, C = 10 and C = 0.1 (a test computes them again)."""
GAIN_TOLERANCE = 0.4

SWAPPED = "The two are exchanged: first C = 10, then C = 0.1."
FRACTIONS = "These are fractions. Multiply by 100 for points."
ONE_LABEL = "That is the gain at one label per class: k=10."
ACCURACIES = "These are accuracies. Subtract that of labels alone for the gains."


def _check_gains(answer: Any) -> None:
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Wrong(f"Give two numbers, not {kind(answer)}.")
    if not all(isinstance(value, (int, float, np.number)) for value in answer):
        raise Wrong("Give two numbers, in points.")
    found = [float(value) for value in answer]
    if min(found) > 30 or 0.3 < min(found) <= max(found) < 1:
        raise Wrong(ACCURACIES)
    if 0 < max(map(abs, found)) < 0.05:
        raise Wrong(FRACTIONS)
    if found[0] > 2:
        raise Wrong(ONE_LABEL)
    if found[1] < -0.3 < found[0]:
        raise Wrong(SWAPPED)
    for value, want, C in zip(found, TOLD, ("10", "0.1"), strict=True):
        if abs(value - want) > GAIN_TOLERANCE:
            way = "high" if value > want else "low"
            raise Wrong(f"The gain with C = {C} is {value:.2g} points, which is too {way}.")


q1 = Exercise(
    "q1",
    "What does the told relation gain over labels alone (C = 0.1) at ten labels per class, with "
    "C = 10 and with C = 0.1? Mean over the seeds 0 to 3, in points.",
    TOLD,
    mistakes={
        SWAPPED: TOLD[::-1],
        FRACTIONS: tuple(value / 100 for value in TOLD),
        ONE_LABEL: (5.4, 3.2),
        ACCURACIES: (71.5, 72.4),
    },
    check=_check_gains,
    hints=(
        "accuracy(methods.with_look_alikes, s, k=10, C=10) is the accuracy of one seed.",
        "The gain of a seed is this minus accuracy(methods.labels_only, s, k=10, C=0.1).",
        "np.mean over the seeds 0, 1, 2, 3, times 100, for each C.",
    ),
    because="The small loss at C = 10 is gone at C = 0.1. As with the learned relation, C did it.",
)

# -- q2: choose and defend ------------------------------------------------------------------------

q2 = choice(
    "q2",
    "Two labels per class. The relation alone names 9 of 20, p = 0.0005. Held out: −0.1 nats, "
    "positive for eight digits, strongly negative for 4 and 9. What do you do?",
    "ask the colleague about 4 and 9, and test the mended table on newly bought labels",
    {
        "use it as it is, since p is small": "The small p says only that the relation knows "
        "something. The labels know more: with it the held-out labels are less likely.",
        "drop the rows of 4 and 9, and report test 2 on the same twenty labels": "These labels "
        "chose the rows to drop. They can no longer judge the table without them.",
        "raise the strength, since eight of ten digits gain": "What hurts two digits at this "
        "strength hurts them more at a larger one, and the sum is negative already.",
        "permute the rows, since a wrong relation is a prior too": "A permuted matrix is a "
        "control for an experiment. It knows nothing.",
    },
    hints=(
        "Two questions: does the relation know anything, and more than the labels?",
        "Labels that chose something cannot judge it.",
    ),
    because="two rows are in doubt, and only labels that chose nothing can judge the mended table",
)

# -- q3: read the figure --------------------------------------------------------------------------

q3 = choice(
    "q3",
    "Which statement does the figure of section 6 support?",
    "at one label per class a teacher without any network did about as well as the trained one",
    {
        "distillation does not work": "All rows but one lie clearly to the right of zero: the "
        "students are better than their random start.",
        "the student has learned what a digit is": "The pixels know nothing about digits, and "
        "their student gains about as much.",
        "training a teacher makes it worse": "Training on random labels did. The row of the "
        "teacher that was trained on true labels lies far to the right.",
        "the pixels are the best teacher at any number of labels": "The figure has one label per "
        "class, and its intervals for pixels and trained overlap.",
    },
    hints=(
        "Compare the two lowest rows.",
        "A figure supports what it shows: these teachers, this task, one label per class.",
    ),
)

# -- q4: repair the script ------------------------------------------------------------------------


def relation_loss(student, teacher, x):
    """Return the distance loss of relational distillation; the teacher gets no gradient."""
    with torch.no_grad():
        t = teacher(x)
    d_s, d_t = torch.pdist(student(x)), torch.pdist(t)
    return F.smooth_l1_loss(d_s / d_s.mean(), d_t / d_t.mean())


TEACHER_LEARNS = (
    "The gradient reaches the teacher. It should stay as it is: torch.no_grad() or detach()."
)


def _networks() -> tuple[nn.Module, nn.Module, torch.Tensor]:
    g = torch.Generator().manual_seed(7)
    nets = []
    for width in (3, 5):
        net = nn.Linear(4, width)
        net.weight.data = torch.randn(width, 4, generator=g)
        nets.append(net)
    return nets[0], nets[1], torch.randn(9, 4, generator=g)


def _value(answer: Callable[..., Any]) -> float:
    student, teacher, x = _networks()
    return float(answer(student, teacher, x).detach())


def _gradients(answer: Callable[..., Any]) -> list[bool]:
    """Return whether student and teacher get a gradient."""
    student, teacher, x = copy.deepcopy(_networks())
    answer(student, teacher, x).backward()
    return [net.weight.grad is not None for net in (student, teacher)]


def _teacher_learns(student, teacher, x):
    d_s, d_t = torch.pdist(student(x)), torch.pdist(teacher(x))
    return F.smooth_l1_loss(d_s / d_s.mean(), d_t / d_t.mean())


def _student_fixed(student, teacher, x):
    with torch.no_grad():
        s = student(x)
    d_s, d_t = torch.pdist(s), torch.pdist(teacher(x))
    return F.smooth_l1_loss(d_s / d_s.mean(), d_t / d_t.mean())


def _teacher_mean(student, teacher, x):
    d_s, d_t = torch.pdist(student(x)), torch.pdist(teacher(x)).detach()
    return F.smooth_l1_loss(d_s / d_t.mean(), d_t / d_t.mean())


def _no_mean(student, teacher, x):
    return F.smooth_l1_loss(torch.pdist(student(x)), torch.pdist(teacher(x)).detach())


q4 = Exercise(
    "q4",
    "Repair relation_loss(student, teacher, x): the distance loss of relational distillation, for "
    "a teacher that stays as it is.",
    relation_loss,
    mistakes={
        TEACHER_LEARNS: _teacher_learns,
        "The student gets no gradient: it is the one that learns.": _student_fixed,
        "Each side is divided by its own mean distance. Otherwise a student of another scale "
        "is punished.": _teacher_mean,
        "The mean distances are missing: divide each side by its own.": _no_mean,
    },
    probes=[
        Probe("the loss", _value),
        Probe("which network gets a gradient", _gradients, otherwise=TEACHER_LEARNS),
    ],
    hints=(
        "Which two networks does loss.backward() change here?",
        "A student whose embeddings are twice as large should have the same loss.",
        "d_s / d_s.mean() against d_t / d_t.mean(), with teacher(x) under torch.no_grad().",
    ),
)
