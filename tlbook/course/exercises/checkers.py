"""Checks that name the particular mistake, for numbers, arrays, choices and sets."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tlbook.course.exercises.core import Wrong


def number(
    answer: Any,
    want: float,
    *,
    tolerance: float = 1e-6,
    what: str = "the number",
    mistakes: Mapping[str, float] | None = None,
) -> float:
    """Raise :class:`Wrong` unless ``answer`` is ``want`` within ``tolerance`` (absolute).

    ``mistakes`` maps what to say to the number that this mistake gives.
    """
    if callable(answer):
        raise Wrong(f"{what} should be a number, but this is a function: call it first.")
    try:
        value = float(np.asarray(answer, dtype=float).reshape(()))
    except (TypeError, ValueError):
        raise Wrong(f"{what} should be one number, not {_kind(answer)}.") from None
    if np.isnan(value):
        raise Wrong(f"{what} is NaN: somewhere 0 is divided by 0 or a NaN came in.")
    if abs(value - want) <= tolerance:
        return value
    for message, result in (mistakes or {}).items():
        if abs(value - result) <= tolerance:
            raise Wrong(message)
    if want and abs(value - 100 * want) <= 100 * tolerance:
        raise Wrong(f"{what} is in percent; give a fraction between 0 and 1.")
    if want and abs(value + want) <= tolerance:
        raise Wrong(f"{what} has the wrong sign.")
    raise Wrong(f"{what} is {value:.4g}, which is too {'high' if value > want else 'low'}.")


def array(
    answer: Any,
    want: Any,
    *,
    tolerance: float = 1e-6,
    what: str = "the array",
    mistakes: Mapping[str, Any] | None = None,
) -> np.ndarray:
    """Raise :class:`Wrong` unless ``answer`` equals ``want`` within ``tolerance`` everywhere."""
    expected = np.asarray(want, dtype=float)
    if hasattr(answer, "detach"):
        answer = answer.detach().cpu().numpy()
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise Wrong(f"{what} should hold numbers, not {_kind(answer)}.") from None
    if values.shape != expected.shape:
        for message, result in (mistakes or {}).items():
            if values.shape == np.shape(result) and np.allclose(values, result, atol=tolerance):
                raise Wrong(message)
        turned = values.ndim == 2 and values.T.shape == expected.shape
        extra = " Is it transposed?" if turned else ""
        raise Wrong(f"{what} has shape {values.shape}, it should be {expected.shape}.{extra}")
    if np.isnan(values).any() and not np.isnan(expected).any():
        raise Wrong(f"{what} contains NaN.")
    if np.allclose(values, expected, rtol=0, atol=tolerance, equal_nan=True):
        return values
    for message, result in (mistakes or {}).items():
        same = values.shape == np.shape(result)
        if same and np.allclose(values, result, rtol=0, atol=tolerance, equal_nan=True):
            raise Wrong(message)
    gap = np.abs(values - expected)
    where = tuple(int(i) for i in np.unravel_index(int(np.nanargmax(gap)), gap.shape))
    spot = f" at {where}" if where else ""
    raise Wrong(f"{what} is off by up to {np.nanmax(gap):.3g}{spot}.")


def choice(answer: Any, right: str, reasons: Mapping[str, str]) -> None:
    """Raise :class:`Wrong` with the reason that belongs to the option chosen.

    ``reasons`` has an entry for every wrong option; case and blanks do not matter.
    """
    options = {right.strip().lower(), *(key.strip().lower() for key in reasons)}
    if not isinstance(answer, str):
        raise Wrong(f"Answer with one of {_listed(options)} in quotes, not with {_kind(answer)}.")
    chosen = answer.strip().lower()
    if chosen == right.strip().lower():
        return
    for key, reason in reasons.items():
        if chosen == key.strip().lower():
            raise Wrong(reason)
    raise Wrong(f"{answer!r} is none of the options {_listed(options)}.")


def subset(answer: Any, right: Iterable[str], reasons: Mapping[str, str]) -> None:
    """Raise :class:`Wrong` unless ``answer`` is the set of all right options.

    ``reasons`` says for each option why it belongs (right ones) or does not (wrong ones).
    """
    wanted = {r.lower() for r in right}
    known = wanted | {key.lower() for key in reasons}
    if isinstance(answer, str) or not isinstance(answer, (set, frozenset, list, tuple)):
        raise Wrong(f'Answer with a set such as {{"a", "b"}}, not with {_kind(answer)}.')
    given = {str(item).strip().lower() for item in answer}
    if given - known:
        raise Wrong(f"{_listed(given - known)} is none of the options {_listed(known)}.")
    said = {key.lower(): reason for key, reason in reasons.items()}
    for item in sorted(given - wanted):
        raise Wrong(f"{item} does not belong: {said.get(item, 'read the question again')}")
    for item in sorted(wanted - given):
        raise Wrong(f"One is missing. Look again at {item}: {said.get(item, 'it belongs too')}")


def _listed(options: Iterable[str]) -> str:
    return ", ".join(f'"{option}"' for option in sorted(options))


def _kind(answer: Any) -> str:
    article = "an" if type(answer).__name__[:1].lower() in "aeiou" else "a"
    return f"{article} {type(answer).__name__}"


def subsets(answer: Any, right: dict[str, set[str]], reasons: dict[str, dict[str, str]]) -> None:
    """Compare a dictionary of sets with the right one, key by key; see :func:`subset`."""
    if not isinstance(answer, dict):
        raise Wrong(f"Answer with a dictionary of sets, not with a {type(answer).__name__}.")
    if set(answer) != set(right):
        raise Wrong(f"The keys should be {', '.join(map(repr, right))}.")
    for key, wanted in right.items():
        given = answer[key]
        # An empty {} is a dictionary in Python; here it means "none".
        given = set() if isinstance(given, dict) and not given else given
        try:
            subset(given, wanted, reasons[key])
        except Wrong as mistake:
            raise Wrong(f"{key}: {mistake}") from None
