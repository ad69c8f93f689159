"""Exercises of chapter 20 in the ward: the patient in bed 13, and which check finds what."""

from __future__ import annotations

import dis
from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq import ward
from tlbook.course.exercises.checkers import NotAttempted, Wrong
from tlbook.course.exercises.core import Exercise, is_empty, is_stub
from tlbook.course.exercises.quizzes import matching

# -- q6: the patient in bed 13 --------------------------------------------------------------------

NEVER_CALLS = (
    "Your test always passes: it never calls the code that it is given, so it cannot convict "
    "anything."
)

BED = 11
"""The seed of ``ward.draw``."""


def test(code):
    """Ask for weights in [0, B], where the target lies at the edge of the source."""
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(60, 1)), 2.5 + 0.5 * rng.normal(size=(60, 1))
    for B in (2, 5):
        w = code(Xs, Xt, B)
        assert w.min() > -1e-9, "a weight is negative"
        assert w.max() <= B * (1 + 1e-6), f"a weight is {w.max():.3g}, the bound is {B}"


def _check_test(answer: Any) -> None:
    """Let the ward judge the learner's own function: a test returns nothing, and that is right."""
    function = getattr(answer, "function", answer)
    found = ward.draw(BED).reveal()
    if callable(function):
        if is_empty(function) and not is_stub(_constant(function)):
            raise Wrong(NEVER_CALLS)
        if _returns_a_stub(function, found.cured):
            raise NotAttempted
    ward.judge(found, function)


def _constant(function: Any) -> Any:
    """Return what a function of one constant returns."""
    return [step.argval for step in dis.get_instructions(function) if "CONST" in step.opname][-1]


def _returns_a_stub(function: Any, code: Any) -> bool:
    try:
        value = function(code)
    except Exception:
        return False
    return value is not None and is_stub(value)


def _weights(code: Any) -> Any:
    rng = np.random.default_rng(0)
    return code(rng.normal(size=(60, 1)), 2.5 + 0.5 * rng.normal(size=(60, 1)), 2)


def _assert(condition: bool, words: str) -> None:
    assert condition, words


q6 = Exercise(
    "q6",
    "Write test(code) for the patient in bed 13: it raises AssertionError on code with this fault, "
    "and on no healthy code.",
    test,
    mistakes={
        NEVER_CALLS: lambda code: _assert(True, ""),
        "Your test always passes: it calls the code, and what it asks is true of the sick code "
        "too. Ask for something that the fault changes, and assert it.": lambda code: _assert(
            _weights(code).shape == (60,), "another shape"
        ),
        "Your test always fails: it convicts the cured code as well as the sick code. On the cured "
        "code it says: {value}": lambda code: _assert(_weights(code).max() < 1, "too large"),
        "Your test is upside down: it acquits the sick code and convicts the cured one "
        "({value}).": lambda code: _assert(_weights(code).max() > 2.1, "within the bound"),
        "Your test does not reach its question, on healthy code either: {value}. Does it call the "
        "code as the promise says?": lambda code: code(),
        "Your test convicts this patient, and acquits code with the same fault that was cut at the "
        "bound first and scaled beyond it afterwards. It asks for the symptom only, or it presses "
        "too little: try other rows and other arguments.": lambda code: _assert(
            _weights(code).max() < 100, "one weight takes all"
        ),
    },
    check=_check_test,
    hints=(
        "Read the promise word by word. Which of its words can be asserted?",
        "A fault shows where the code is pressed: let the target lie at the edge of the source.",
        "assert w.max() <= B, for two values of B.",
    ),
)

# -- q7: which check finds it? --------------------------------------------------------------------

q7 = matching(
    "q7",
    "Which of the doctor's checks convicts each of these trainings?",
    {
        "the loss falls, and the first layer stays as it was": "gradients reach every weight",
        "frozen features differ before and after an epoch": "what is frozen stays",
        "at twice the batch size the best λ is half as large": "a copy of the rows does not matter",
        "the domain loss stays at log 2 from the first step on": "the discriminator learns",
        "two runs with one seed end differently": "the same seed repeats",
    },
    (
        "gradients reach every weight",
        "what is frozen stays",
        "a copy of the rows does not matter",
        "the discriminator learns",
        "the same seed repeats",
        "target labels are unseen",
    ),
    {
        ("the loss falls, and the first layer stays as it was", ""): "What does a layer need "
        "before a step can move it?",
        ("frozen features differ before and after an epoch", ""): "Weights may stay while the "
        "statistics of a BatchNorm move.",
        ("at twice the batch size the best λ is half as large", ""): "A term that is a sum over "
        "the rows grows with the batch.",
        ("the domain loss stays at log 2 from the first step on", ""): "log 2 is the loss of a "
        "guess. Train this part alone, on rows that are easy to tell apart.",
        ("two runs with one seed end differently", ""): "Something is drawn from a generator that "
        "the seed does not reach.",
    },
    hints=(
        "Each check changes one thing and asks what else changes.",
        "One of the six options belongs to none of the five.",
    ),
    says='"{key}" is not found by "{option}". {reason}',
)
