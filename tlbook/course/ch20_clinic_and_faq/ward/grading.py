"""Grading a test by what it does to sick and to healthy code, and not by how it is written."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Code, Patient
from tlbook.course.exercises.checkers import NotAttempted, Wrong
from tlbook.course.exercises.core import failure, is_empty
from tlbook.course.exercises.feedback import Feedback

SEED = 20
"""What the global generators are set to before each run: a verdict does not depend on luck."""


@dataclass(frozen=True)
class Verdict:
    """What a test said about one code: convicted or not, and in which words."""

    convicts: bool
    said: str = ""
    crashed: bool = False
    """Whether the test ended by another exception than ``AssertionError``."""


def verdict(test: Callable[[Code], Any], code: Code) -> Verdict:
    """Run a test on a code; an exception convicts, as it does in pytest."""
    with _undisturbed():
        try:
            test(code)
        except AssertionError as error:
            return Verdict(True, _first_line(error) or "an assert without words")
        except NotImplementedError as error:
            raise NotAttempted from error
        except Exception as error:
            return Verdict(True, failure(error, test), crashed=True)
    return Verdict(False)


def judge(patient: Patient, test: Any) -> None:
    """Raise :class:`Wrong` with what is mistaken about a test; return where there is nothing.

    The test has to convict the sick code and all hidden code of the patient, and to acquit the
    cured and all healthy code.

    Raises
    ------
    Wrong
        With the typical mistake that the test shows.
    NotAttempted
        If the test has no body yet.
    """
    if not callable(test):
        raise Wrong(f"Your test is of type {type(test).__name__}; want a function test(code).")
    if is_empty(test):
        raise NotAttempted
    sick, cured = verdict(test, patient.sick), verdict(test, patient.cured)
    if cured.convicts:
        _refuse_conviction_of_the_cured(sick, cured)
    if not sick.convicts:
        raise Wrong(_too_mild(patient, test))
    for why, code in patient.healthy.items():
        found = verdict(test, code)
        if found.convicts:
            raise Wrong(
                "Your test asks for the symptom or for one way to write the cure, and not for the "
                f"fault. It convicts code that is healthy and {why}: {found.said}"
            )
    for how, code in patient.hidden.items():
        if not verdict(test, code).convicts:
            raise Wrong(
                "Your test convicts this patient, and acquits code with the same fault that "
                f"{how}. It asks for the symptom only, or it presses too little: try other rows "
                "and other arguments."
            )


def grade(patient: Patient, test: Any) -> Feedback:
    """Return the feedback on a test. Never raises an ``Exception``."""
    try:
        judge(patient, test)
    except Wrong as mistake:
        return Feedback("wrong", str(mistake))
    except NotAttempted:
        return Feedback("not attempted", "Write a function test(code) that asserts something.")
    others = len(patient.healthy) + 1
    return Feedback(
        "correct",
        f"Your test convicts the sick code ({1 + len(patient.hidden)} of its kind) and acquits "
        f"{others} healthy {'one' if others == 1 else 'ones'}.",
    )


def _refuse_conviction_of_the_cured(sick: Verdict, cured: Verdict) -> None:
    if not sick.convicts:
        raise Wrong(
            "Your test is upside down: it acquits the sick code and convicts the cured one "
            f"({cured.said})."
        )
    if cured.crashed:
        raise Wrong(
            f"Your test does not reach its question, on healthy code either: {cured.said}. "
            "Does it call the code as the promise says?"
        )
    raise Wrong(
        "Your test always fails: it convicts the cured code as well as the sick code. On the cured "
        f"code it says: {cured.said}"
    )


def _too_mild(patient: Patient, test: Callable[[Code], Any]) -> str:
    if _asks_nothing(patient, test):
        return (
            "Your test always passes: it never calls the code that it is given, so it cannot "
            "convict anything."
        )
    return (
        "Your test always passes: it calls the code, and what it asks is true of the sick code "
        "too. Ask for something that the fault changes, and assert it."
    )


def _asks_nothing(patient: Patient, test: Callable[[Code], Any]) -> bool:
    calls = []

    def watched(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return patient.cured(*args, **kwargs)

    verdict(test, watched)
    return not calls


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Fix the global generators, keep warnings quiet, and put everything back."""
    import torch

    state = np.random.get_state()  # noqa: NPY002 - learners use either generator
    with torch.random.fork_rng(devices=[]), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(SEED)  # noqa: NPY002
        torch.manual_seed(SEED)
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002
