"""Exercises that answer: not attempted yet, correct, or the particular mistake."""

import dis
import linecache
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

from tlbook.course.exercises import logged, panel
from tlbook.course.exercises.checkers import (
    AnswerFailed,
    NotAttempted,
    Probe,
    Wrong,
    diagnose,
    kind,
)
from tlbook.course.exercises.feedback import Feedback, show
from tlbook.course.exercises.source import solution_of


def is_stub(value: Any) -> bool:
    """Return whether a value is the untouched stub: ``...``, None, or a collection of these."""
    if value is None or value is ...:
        return True
    if isinstance(value, Mapping):
        return any(is_stub(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(is_stub(v) for v in value)
    return False


def failure(error: BaseException, function: Any) -> str:
    """Return a readable line about an error raised inside ``function``: type, message, line."""
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", "your function")
    line, step = None, error.__traceback__
    while step is not None:
        if code is not None and step.tb_frame.f_code.co_filename == code.co_filename:
            line = step.tb_lineno
        step = step.tb_next
    text = f"{name} raised {type(error).__name__}: {error}"
    if line is None or code is None:
        return f"{text}. Does it take the arguments that the question names?"
    source = linecache.getline(code.co_filename, line).strip()
    where = f"line {line - code.co_firstlineno + 1} of the function"
    return f"{text} (in {where}{': ' + source if source else ''})"


def is_empty(function: Any) -> bool:
    """Return whether a function has no body yet: dots, ``pass`` or a docstring only."""
    code = getattr(function, "__code__", None)
    return code is not None and _steps(code) == _steps(_empty.__code__)


def _steps(code: CodeType) -> list[str]:
    return [step.opname for step in dis.get_instructions(code)]


def _empty() -> None: ...


class _Stopped(KeyboardInterrupt):
    """The learner stopped a check: what runs next is stopped too, and no traceback is shown."""

    def _render_traceback_(self) -> list[str]:
        return []


class Attempt:
    """The learner's function, wrapped: a stub or an error becomes feedback, not a traceback."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__name__ = getattr(function, "__name__", "your function")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            value = self.function(*args, **kwargs)
        except NotImplementedError:
            raise NotAttempted from None
        except (Exception, SystemExit) as error:
            raise AnswerFailed(failure(error, self.function)) from error
        if value is None and not is_empty(self.function):
            raise Wrong(f"{self.__name__} returned nothing (None). Does it end with a return?")
        if is_stub(value):
            raise NotAttempted
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)


class Exercise:
    """A question with a reference, a table of mistakes, hints and a solution.

    The answer is put to every probe in turn, and what comes out is compared with what comes out
    of the reference. Where the two differ, the first mistake of the table with the same outcome
    is the diagnosis; where there is none, a general message says how they differ.

    Parameters
    ----------
    name : str
        Short name, such as "q1".
    question : str
        The question in one or two sentences.
    reference : object
        A right answer: a value, or a function defined at the top of its module. Its source is the
        solution that is shown, so it is written as a model solution and bears the name of the
        notebook's stub.
    mistakes : mapping from message to wrong answer
        Typical wrong answers (functions or values), each under what a learner hears who gives it.
        ``{value}`` in a message stands for what came out, ``{error}`` for how a function failed.
    hints : sequence of str
        From a nudge to nearly the answer.
    probes : sequence of Probe, optional
        What is asked of an answer, in this order. Without one, the answer itself is compared.
    check : callable, optional
        In place of probes: takes the answer, raises :class:`Wrong` with what is mistaken. Its
        messages are those of ``mistakes``.
    because : str, optional
        A sentence shown above the solution of a question for a value.
    options : sequence of str, optional
        What one may choose from. A live notebook shows them as radio buttons.
    several : bool
        Whether more than one option may be right; a box for each instead of radio buttons.

    Raises
    ------
    ValueError
        If there is no hint or no mistake.

    Examples
    --------
    >>> mistakes = {"That is a third.": 1 / 3}
    >>> half = Exercise("q1", "What is a half?", 0.5, mistakes=mistakes, hints=("Divide.",))
    >>> half.judge(1 / 3)
    ✗ Not yet. That is a third.
    """

    def __init__(
        self,
        name: str,
        question: str,
        reference: Any,
        *,
        mistakes: Mapping[str, Any],
        hints: Sequence[str],
        probes: Sequence[Probe] = (Probe(),),
        check: Callable[[Any], None] | None = None,
        because: str = "",
        options: Sequence[str] = (),
        several: bool = False,
    ) -> None:
        for what, value in (("hints", hints), ("mistakes", mistakes)):
            if not value:
                raise ValueError(f"{what}: got nothing for {name}, want at least one")
        self.name = name
        self.question = question
        self.reference = reference
        self.mistakes = dict(mistakes)
        self.hints = (hints,) if isinstance(hints, str) else tuple(hints)
        self.probes = tuple(probes)
        self.because = because
        self.options = tuple(options)
        self.several = several
        self.given: Any = ...
        self._check = check
        self._shown = 0

    @property
    def solution_text(self) -> str:
        """Python source that answers the question: the reference's own, or ``answer = ...``."""
        return solution_of(self.reference, self.because)

    @property
    def by_probes(self) -> bool:
        """Whether the probes decide, and no check of the exercise's own."""
        return self._check is None

    def judge(self, answer: Any = ...) -> Feedback:
        """Return the feedback on an answer without showing it. Never raises an Exception."""
        if is_stub(answer):
            return Feedback("not attempted", "Replace the dots with your answer and run again.")
        wanted = callable(self.reference)
        attempt = Attempt(answer) if callable(answer) and wanted else answer
        try:
            if self._check is None:
                diagnose(attempt, self.reference, self.probes, self.mistakes)
            else:
                self._check(attempt)
        except (Wrong, AnswerFailed) as mistake:
            return Feedback("wrong", str(mistake))
        except NotAttempted:
            return Feedback("not attempted", "The function still returns its stub.")
        except Exception as error:
            if wanted and not callable(answer):
                return Feedback(
                    "wrong",
                    f"A function is asked for, and the answer is {kind(answer)}. Hand over the "
                    "function itself, without parentheses after its name.",
                )
            return Feedback(
                "wrong",
                f"The check could not use an answer of type {type(answer).__name__} "
                f"({type(error).__name__}: {error}). Is it what the question asks for?",
            )
        return Feedback("correct")

    def check(self, answer: Any = ...) -> None:
        """Show whether the answer is right, and if not, what is mistaken; below it, buttons."""
        self.given = answer
        try:
            feedback = self.judge(answer)
        except KeyboardInterrupt:
            show(Feedback("wrong", "You stopped the check. Does your function come to an end?"))
            # The frames of the check would show the reference.
            raise _Stopped from None
        logged.check(self, feedback)
        show(feedback)
        panel.show(self)

    def next_hint(self) -> Feedback:
        """Return the next hint; after the last one, the first again."""
        i = self._shown % len(self.hints)
        self._shown += 1
        return Feedback("hint", self.hints[i], heading=f"Hint {i + 1} of {len(self.hints)}:")

    def shown_solution(self) -> Feedback:
        """Return a solution."""
        return Feedback("solution", heading="One solution:", code=self.solution_text)

    def hint(self) -> None:
        """Show the next hint; after the last one, start again."""
        show(self.next_hint())

    def solution(self) -> None:
        """Show a solution."""
        show(self.shown_solution())

    def __repr__(self) -> str:
        return f"{self.name}: {self.question}"
