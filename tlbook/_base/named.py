"""Errors that say which argument: what escapes a function unnamed is looked at once more."""

from __future__ import annotations

import inspect
import re
import sysconfig
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from tlbook._base.checks import is_text

P = ParamSpec("P")
R = TypeVar("R")

OUT_OF_MEMORY = ("out of memory", "allocate memory", "not enough memory")
UNSAID = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError)
"""What broken input raises somewhere inside; RuntimeError too, where nobody derived from it."""

_KNOWN = [Path(__file__).parents[1]]
_KNOWN += [Path(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib", "platlib")]
_OF_OURS = re.compile(r"\S+( \S+){0,3}: ")
"""How our own messages begin: ``y of toy (source): got …``."""
_PLACES = ("<", *(str(place) for each in _KNOWN for place in (each, each.resolve())))
"""Where code of this library and of others lies; ``<`` begins what was typed."""


def named(function: Callable[P, R]) -> Callable[P, R]:
    """Let ``function`` raise no error about its input that does not name the argument.

    A call that succeeds is left alone. Where something breaks inside, and the message names no
    argument, the arguments are compared with their annotations, and the first that does not fit
    is named; where each one fits alone, all are shown. The error that was raised is the cause of
    the new one. Errors of a function that was passed in, and those with a type of their own
    (``Divergence``, ``Offline``), stay as they are.

    Raises
    ------
    ValueError
        In place of an error that names no argument.

    Examples
    --------
    >>> @named
    ... def first(rows: list, n: int) -> list:
    ...     return rows[:n]
    >>> first([1, 2, 3], "two")
    Traceback (most recent call last):
    ...
    ValueError: n: got 'two', want an integer of at least 0 (TypeError: slice indices ...
    """
    parameters = dict(inspect.signature(function).parameters)
    parameters.pop("self", None)
    words = re.compile(rf"\b({'|'.join(map(re.escape, parameters))})\b") if parameters else None

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if words is None or not _is_unsaid(error, words):
                raise
            given = inspect.signature(function).bind(*args, **kwargs).arguments
            told = ValueError(_message(parameters, given, error))
            cause = error
        raise told from cause

    return wrapper


def _is_unsaid(error: Exception, words: re.Pattern[str]) -> bool:
    """Return whether it was raised by broken input, and names no argument."""
    kind = type(error)
    if not isinstance(error, UNSAID) and kind not in (RuntimeError, NotImplementedError):
        return False
    if kind.__module__.startswith("tlbook") or isinstance(error, ImportError | Warning):
        return False
    if isinstance(error, TypeError | ValueError) and words.search(str(error)):
        return False
    if any(sign in str(error).lower() for sign in OUT_OF_MEMORY):
        return False  # nothing is wrong with the input
    frames = _frames(error)
    # The first frame is the wrapper; without a second one the call itself did not fit.
    return len(frames) > 1 and all(map(_is_known, frames[2:]))


def _frames(error: Exception) -> list[str]:
    """Return the files of the frames through which an error came, the outermost first."""
    trace, frames = error.__traceback__, []
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return frames


def _is_known(file: str) -> bool:
    # Compiled libraries name their files without a folder.
    return file.startswith(_PLACES) or not Path(file).is_absolute()


def _message(
    parameters: Mapping[str, inspect.Parameter], given: Mapping[str, Any], error: Exception
) -> str:
    """Return the message: which argument does not fit what is wanted, else all of them."""
    given = {name: value for name, value in given.items() if name in parameters}
    came = ", ".join(f"{name} {shown(value)}" for name, value in given.items())
    if isinstance(error, ValueError) and _OF_OURS.match(str(error)):
        # It names an argument, of a function inside.
        return f"{_line(error)} (inside a call with {came})"
    reason = f"({type(error).__name__}: {_line(error)})"
    for name, value in given.items():
        if (want := _unfit(parameters[name], value)) is not None:
            return f"{name}: got {shown(value)}, want {want} {reason}"
    return f"{next(iter(given), '')}: got {came}, which do not fit together {reason}"


def _unfit(parameter: inspect.Parameter, value: Any) -> str | None:
    """Return what is wanted in place of ``value``, or None if nothing is wrong with it."""
    if value is parameter.default or parameter.kind in (
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    ):
        return None
    told = parameter.annotation
    wanted = {part.strip() for part in (told if isinstance(told, str) else "").split("|")}
    if isinstance(told, type):
        wanted = {told.__name__}
    if value is None:
        return None if "None" in wanted else "a value"
    wanted -= {"None"}
    if wanted and wanted <= {"int", "float", "str", "bool"}:
        return None if _is_scalar(value, wanted) else _SCALARS[min(wanted)]
    if any(part.startswith("Callable") for part in wanted):
        return None if callable(value) or len(wanted) > 1 else "a function"
    if "nn.Module" in wanted:
        return None if hasattr(value, "state_dict") or len(wanted) > 1 else "a torch nn.Module"
    return _unfit_array(value) if wanted & {"Any", "np.ndarray", "Tensor", ""} else None


_SCALARS = {
    "int": "an integer of at least 0",
    "float": "a finite number",
    "str": "a text",
    "bool": "True or False",
}


def _is_scalar(value: Any, wanted: set[str]) -> bool:
    if isinstance(value, bool | np.bool_):
        return "bool" in wanted
    if isinstance(value, str):
        return "str" in wanted
    if isinstance(value, int | np.integer):
        return bool(wanted & {"int", "float"} and 0 <= value < 2**31)
    if not isinstance(value, float | np.floating):
        return False
    return "float" in wanted and bool(np.isfinite(value))


def _unfit_array(value: Any) -> str | None:
    if isinstance(value, str | bytes | dict | bool):
        return "an array of numbers"
    if not isinstance(value, np.ndarray | list | tuple | int | float | np.generic):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        several = value if isinstance(value, list | tuple) else ()
        parts = any(hasattr(part, "shape") for part in several)  # such as (X, y)
        return None if parts else "rows of one length"
    if array.size == 0:
        return "at least one value"
    if array.dtype.kind == "O":
        return "an array of numbers or of texts"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return "finite numbers"
    if array.dtype.kind in "iuf" and float(np.abs(array.astype(float)).max()) > 1e18:
        return "smaller numbers"
    return "an array" if array.ndim == 0 and not is_text(value) else None


def shown(value: Any) -> str:
    """Return a value in a few words: arrays by their shape and type."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{type(value).__name__} {tuple(value.shape)} {value.dtype}"
    text = repr(value) if isinstance(value, str | int | float | bool | type(None)) else ""
    if isinstance(value, list | tuple | dict | set):
        text = f"{type(value).__name__} of {len(value)}"
    text = text or type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}…"


def _line(error: Exception) -> str:
    told = str(error).strip().splitlines()
    return " ".join(told)[:400] if told else "without a message"
