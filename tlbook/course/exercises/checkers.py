"""How an answer is compared with the reference, and what is said where the two differ."""

import copy
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np


class Wrong(Exception):
    """Raised by a check: says what is mistaken and why."""


class NotAttempted(Exception):
    """Raised when an answer is still the stub it came as."""


class AnswerFailed(Exception):
    """Raised when the learner's own function fails; says how and in which line."""


def itself(answer: Any) -> Any:
    """Return the answer: the probe of a question for a value."""
    return answer


def on(*inputs: Any) -> Callable[[Any], Any]:
    """Return a probe's ``run``: call the answer on copies of these inputs."""
    return lambda answer: answer(*copy.deepcopy(inputs))


@dataclass(frozen=True)
class Probe:
    """One thing that is asked of an answer and of the reference alike.

    Parameters
    ----------
    what : str
        What is compared, the subject of the general messages: "the head start".
    run : callable
        Takes the answer and returns something comparable: a number, an array, a text, True or
        False, or a list of these. It may raise :class:`Wrong` itself.
    tolerance : float
        Absolute tolerance of numbers.
    otherwise : str or callable, optional
        What is said of an outcome that is neither the reference's nor that of a mistake, in place
        of the general message. A text may contain ``{value}``; a function takes (value, wanted).
    failing : str, optional
        What is said where the learner's function fails here; ``{error}`` stands for how.
    """

    what: str = "the answer"
    run: Callable[[Any], Any] = itself
    tolerance: float = 1e-6
    otherwise: str | Callable[[Any, Any], str] = ""
    failing: str = ""


def diagnose(
    answer: Any, reference: Any, probes: Sequence[Probe], mistakes: Mapping[str, Any]
) -> None:
    """Raise :class:`Wrong` with the mistake that the answer shows, if it shows one.

    A mistake is the diagnosis at the first probe that the answer does not pass, if it gives the
    same there and passes the probes before, as the answer does.
    """
    for i, probe in enumerate(probes):
        value, want = _outcome(probe, answer), _quietly(probe, reference)
        if same(value, want, probe.tolerance):
            continue
        for message, wrong in mistakes.items():
            if _gives(wrong, probe, value) and all(
                _gives(wrong, earlier, _quietly(earlier, reference)) for earlier in probes[:i]
            ):
                raise Wrong(filled(message, value))
        if callable(probe.otherwise):
            raise Wrong(probe.otherwise(value, want))
        if probe.otherwise:
            raise Wrong(filled(probe.otherwise, value))
        say_difference(value, want, tolerance=probe.tolerance, what=probe.what)


def filled(message: str, value: Any) -> str:
    """Return the message with ``{value}`` replaced by what came out."""
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return message.replace("{value}", f"{value:.4g}" if number else str(value))


@contextmanager
def _silence() -> Iterator[None]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _outcome(probe: Probe, answer: Any) -> Any:
    try:
        with np.errstate(all="ignore"):
            return probe.run(answer)
    except AnswerFailed as error:
        if not probe.failing:
            raise
        raise Wrong(probe.failing.replace("{error}", str(error))) from error


def _quietly(probe: Probe, function: Any) -> Any:
    with _silence():
        return probe.run(function)


def _gives(wrong: Any, probe: Probe, value: Any) -> bool:
    """Return whether a mistake has this outcome; one that fails has none."""
    try:
        return same(_quietly(probe, wrong), value, probe.tolerance)
    except Exception:
        return False


# -- equal or not ---------------------------------------------------------------------------------


def same(value: Any, want: Any, tolerance: float) -> bool:
    """Return whether two outcomes are equal: numbers within the tolerance, NaN like NaN."""
    if isinstance(want, (bool, np.bool_)):
        return isinstance(value, (bool, np.bool_)) and bool(value) == bool(want)
    try:
        a, b = _numbers(value), _numbers(want)
    except (TypeError, ValueError):
        return _same_words(value, want, tolerance)
    if b.ndim == 0 and a.size == 1:
        a = a.reshape(())
    return a.shape == b.shape and np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True)


def _same_words(value: Any, want: Any, tolerance: float) -> bool:
    """Compare what is no array of numbers; the type decides first, so no object equals all."""
    if type(value) is not type(want):
        return False
    if isinstance(want, (list, tuple)):
        pairs = zip(value, want, strict=False)
        return len(value) == len(want) and all(same(v, w, tolerance) for v, w in pairs)
    return bool(value == want)


def _numbers(value: Any) -> np.ndarray:
    """Return an array of floats; texts and complex numbers are none."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.dtype.kind in "USc":
        raise TypeError("not real numbers")
    return np.asarray(value, dtype=float)


# -- what is said where no mistake of the table fits ----------------------------------------------


def say_difference(value: Any, want: Any, *, tolerance: float, what: str) -> None:
    """Raise :class:`Wrong`: how an outcome differs from a number, an array, a truth value."""
    if isinstance(want, (bool, np.bool_)):
        if not isinstance(value, (bool, np.bool_)):
            raise Wrong(f"Return True or False, not {kind(value)}.")
    else:
        try:
            dimensions = _numbers(want).ndim
        except (TypeError, ValueError):
            dimensions = -1
        if dimensions == 0:
            number(value, float(want), tolerance=tolerance, what=what)
        elif dimensions > 0:
            array(value, want, tolerance=tolerance, what=what)
    raise Wrong(f"{what} is not right yet: {value!r}.")


def number(answer: Any, want: float, *, tolerance: float = 1e-6, what: str = "the number") -> None:
    """Raise :class:`Wrong` unless ``answer`` is ``want`` within ``tolerance`` (absolute)."""
    if same(answer, want, tolerance):
        return
    if callable(answer):
        raise Wrong(f"{what} should be a number, but this is a function: call it first.")
    try:
        value = float(_numbers(answer).reshape(()))
    except (TypeError, ValueError):
        raise Wrong(f"{what} should be one number, not {kind(answer)}.") from None
    if np.isnan(value):
        raise Wrong(f"{what} is NaN: somewhere 0 is divided by 0 or a NaN came in.")
    near = min(tolerance, abs(want) / 2)  # a wide tolerance would take in zero and the other sign
    if want and abs(value - 100 * want) <= 100 * near:
        raise Wrong(f"{what} is in percent; give a fraction between 0 and 1.")
    if want and abs(value + want) <= near:
        raise Wrong(f"{what} has the wrong sign.")
    raise Wrong(f"{what} is {value:.4g}, which is too {'high' if value > want else 'low'}.")


def array(answer: Any, want: Any, *, tolerance: float = 1e-6, what: str = "the array") -> None:
    """Raise :class:`Wrong` unless ``answer`` equals ``want`` within ``tolerance`` everywhere."""
    if same(answer, want, tolerance):
        return
    expected = _numbers(want)
    try:
        values = _numbers(answer)
    except (TypeError, ValueError):
        raise Wrong(f"{what} should hold numbers, not {kind(answer)}.") from None
    if values.shape != expected.shape:
        turned = values.ndim == 2 and values.T.shape == expected.shape
        extra = " Is it transposed?" if turned else ""
        raise Wrong(f"{what} has shape {values.shape}, it should be {expected.shape}.{extra}")
    if np.isnan(values).any() and not np.isnan(expected).any():
        raise Wrong(f"{what} contains NaN.")
    gap = np.abs(values - expected)
    where = tuple(int(i) for i in np.unravel_index(int(np.nanargmax(gap)), gap.shape))
    spot = f" at {where}" if where else ""
    raise Wrong(f"{what} is off by up to {np.nanmax(gap):.3g}{spot}.")


def listed(options: Iterable[str]) -> str:
    """Return the options in quotes, sorted, with commas."""
    return ", ".join(f'"{option}"' for option in sorted(options))


def kind(answer: Any) -> str:
    """Return the type in words: "a list", "an int"."""
    article = "an" if type(answer).__name__[:1].lower() in "aeiou" else "a"
    return f"{article} {type(answer).__name__}"
