"""A patient of the crash ward: code with one fault, what it looks like, and what convicts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Code = Callable[..., Any]


@dataclass(frozen=True)
class Cause:
    """Another thing that gives the same symptom.

    Attributes
    ----------
    name : str
        What might be wrong instead.
    ruled_out_by : str
        The measurement that tells it from the real fault, and what it says.
    """

    name: str
    ruled_out_by: str


@dataclass(frozen=True)
class Patient:
    """Code with one fault, the same code cured, and others that a good test must tell apart.

    Attributes
    ----------
    name : str
        Key, e.g. ``"one logit"``.
    story : str
        Who came with it, in two or three sentences.
    symptom : str
        What they saw.
    promise : str
        What the code under test is called with, and what it promises to return.
    sick, cured : callable
        The code under test.
    test : callable
        ``test(code)`` raises ``AssertionError`` where the fault is there.
    differential : tuple of Cause
        Two or three other causes of the same symptom.
    cure : str
        What to change.
    chapter : str
        Number of the chapter that teaches it.
    healthy : mapping from str to callable
        More code without the fault: other styles, and code that shows the symptom for a harmless
        reason. The key completes the sentence "This code is healthy, it …".
    hidden : mapping from str to callable
        More code with the fault, without its usual symptom. The key completes "It …".
    symptom_test : callable
        A typical wrong test: it looks at the symptom and not at the cause.
    slow : bool
        Whether one run takes more than about a second.
    """

    name: str
    story: str
    symptom: str
    promise: str
    sick: Code
    cured: Code
    test: Callable[[Code], None]
    differential: tuple[Cause, ...]
    cure: str
    chapter: str
    healthy: Mapping[str, Code] = field(default_factory=dict)
    hidden: Mapping[str, Code] = field(default_factory=dict)
    symptom_test: Callable[[Code], None] | None = None
    slow: bool = False
