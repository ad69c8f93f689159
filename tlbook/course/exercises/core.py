"""Exercises that answer: not attempted yet, correct, or the particular mistake."""

import linecache
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tlbook.course.exercises.feedback import Feedback, show


class Wrong(Exception):
    """Raised by a check: says what is mistaken and why."""


class NotAttempted(Exception):
    """Raised when an answer is still the stub it came as."""


class AnswerFailed(Exception):
    """Raised when the learner's own function fails; says how and in which line."""


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
        except Exception as error:
            raise AnswerFailed(failure(error, self.function)) from error
        if is_stub(value):
            raise NotAttempted
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)


class Exercise:
    """A question with a check, hints, a solution, and wrong answers that prove the check.

    Parameters
    ----------
    name : str
        Short name, such as "q1".
    question : str
        The question in one or two sentences.
    check : callable
        Takes the answer; raises :class:`Wrong` with what is mistaken and why, else returns.
        A function given as answer comes wrapped, so the check may simply call it.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str
        Python source that sets the variable ``variable``.
    reference : object
        A right answer (a value or a function).
    wrong_answers : mapping from name to (answer, fragment)
        Typical mistakes, each with a piece of the message that it must get.
    variable : str
        Name of the variable that ``solution`` sets.
    given : callable, optional
        Returns the notebook's variables that the solution uses, for the tests.

    Raises
    ------
    ValueError
        If there is no hint, no solution, or no wrong answer.
    """

    def __init__(
        self,
        name: str,
        question: str,
        check: Callable[[Any], Any],
        hints: Sequence[str],
        solution: str,
        reference: Any,
        wrong_answers: Mapping[str, tuple[Any, str]],
        variable: str = "answer",
        given: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        for what, value in (("hints", hints), ("solution", solution)):
            if not value:
                raise ValueError(f"{what}: got nothing for {name}, want at least one")
        if not wrong_answers:
            raise ValueError(f"wrong_answers: got nothing for {name}, want at least one")
        self.name = name
        self.question = question
        self.hints = (hints,) if isinstance(hints, str) else tuple(hints)
        self.solution_text = textwrap.dedent(solution).strip()
        self.reference = reference
        self.wrong_answers = dict(wrong_answers)
        self.variable = variable
        self.given = given or dict
        self._check = check
        self._shown = 0

    def judge(self, answer: Any = ...) -> Feedback:
        """Return the feedback on an answer without showing it. Never raises an Exception."""
        if is_stub(answer):
            return Feedback("not attempted", "Replace the dots with your answer and run again.")
        attempt = Attempt(answer) if callable(answer) else answer
        try:
            self._check(attempt)
        except Wrong as mistake:
            return Feedback("wrong", str(mistake))
        except NotAttempted:
            return Feedback("not attempted", "The function still returns its stub.")
        except AnswerFailed as error:
            return Feedback("wrong", str(error))
        except Exception as error:
            kind = type(answer).__name__
            return Feedback(
                "wrong",
                f"The check could not use an answer of type {kind} "
                f"({type(error).__name__}: {error}). Is it what the question asks for?",
            )
        return Feedback("correct")

    def check(self, answer: Any = ...) -> None:
        """Show whether the answer is right, and if not, what is mistaken."""
        show(self.judge(answer))

    def hint(self) -> None:
        """Show the next hint; after the last one, start again."""
        i = self._shown % len(self.hints)
        self._shown += 1
        show(Feedback("hint", self.hints[i], heading=f"Hint {i + 1} of {len(self.hints)}:"))

    def solution(self) -> None:
        """Show a solution."""
        show(Feedback("solution", heading="One solution:", code=self.solution_text))

    def __repr__(self) -> str:
        return f"{self.name}: {self.question}"
