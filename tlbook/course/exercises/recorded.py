"""Answers apart from their check: what an answer gives, and what is said of that elsewhere.

A learner's function runs in one process, and only what comes out of each probe, plain data, goes
to another one, where it is compared with the reference. No verdict of the first is believed.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tlbook.course.exercises.checkers import AnswerFailed, NotAttempted, Probe, Wrong
from tlbook.course.exercises.core import Attempt, Exercise
from tlbook.course.exercises.feedback import Feedback

VALUE, STUB, FAILED, WRONG = "value", "stub", "failed", "wrong"


@dataclass(frozen=True)
class Outcome:
    """What one probe gave: a value, a stub, or in words how the function failed or is wrong."""

    kind: str
    value: Any = None
    words: str = ""


def outcomes(exercise: Exercise, answer: Callable[..., Any]) -> list[Outcome]:
    """Return what each probe gives for a function; after a failure there is nothing more."""
    attempt, found = Attempt(answer), list[Outcome]()
    for probe in exercise.probes:
        try:
            found.append(Outcome(VALUE, probe.run(attempt)))
            continue
        except NotAttempted:
            found.append(Outcome(STUB))
        except AnswerFailed as error:
            found.append(Outcome(FAILED, words=str(error)))
        except Wrong as error:
            found.append(Outcome(WRONG, words=str(error)))
        except Exception as error:
            found.append(Outcome(FAILED, words=f"{type(error).__name__}: {error}"))
        break
    return found


class _Recording:
    """Stands for an answer whose outcomes are known."""

    def __init__(self, found: Sequence[Outcome]) -> None:
        self.found = tuple(found)

    def play(self, i: int) -> Any:
        if i >= len(self.found) or self.found[i].kind == STUB:
            raise NotAttempted
        outcome = self.found[i]
        if outcome.kind == VALUE:
            return outcome.value
        raise (AnswerFailed if outcome.kind == FAILED else Wrong)(outcome.words)


class RecordedJudge:
    """Judge recorded outcomes of one exercise, of many learners one after the other.

    What the reference and the typical mistakes give is computed once.

    Raises
    ------
    ValueError
        If the exercise has a check of its own where a function is asked for: what that sees is
        no outcome of a probe.
    """

    def __init__(self, exercise: Exercise) -> None:
        if callable(exercise.reference) and not exercise.by_probes:
            raise ValueError(f"exercise: got {exercise.name} with a check, want one with probes")
        self.exercise = copy.copy(exercise)
        self.exercise.probes = tuple(_replayed(i, p) for i, p in enumerate(exercise.probes))

    def judge(self, found: Sequence[Outcome]) -> Feedback:
        """Return the feedback that the answer itself would get."""
        return self.exercise.judge(_Recording(found))


def _replayed(i: int, probe: Probe) -> Probe:
    known: dict[int, Any] = {}

    def run(answer: Any) -> Any:
        if isinstance(answer, _Recording):
            return answer.play(i)
        if id(answer) not in known:
            known[id(answer)] = probe.run(answer)
        return known[id(answer)]

    return replace(probe, run=run)
