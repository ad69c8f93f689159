"""Questions that are answered in words: one option, a set, a word for each story.

In each of them the options and the reasons are one table: the check says what it says, and the
mistakes of the exercise, one for every wrong option, are made from it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tlbook.course.exercises.checkers import Wrong, kind, listed
from tlbook.course.exercises.core import Exercise


def choice(
    name: str,
    question: str,
    right: str,
    reasons: Mapping[str, str],
    *,
    hints: Sequence[str],
    because: str = "",
) -> Exercise:
    """Ask for one option; ``reasons`` says of every wrong one why it is wrong."""
    return Exercise(
        name,
        question,
        right,
        mistakes={reason: option for option, reason in reasons.items()},
        hints=hints,
        check=lambda answer: check_choice(answer, right, reasons),
        because=because,
        options=sorted([right, *reasons], key=str.lower),
    )


def check_choice(answer: Any, right: str, reasons: Mapping[str, str]) -> None:
    """Raise :class:`Wrong` with the reason of the option chosen; case and blanks do not matter."""
    said = {option.strip().lower(): reason for option, reason in reasons.items()}
    options = {right.strip().lower(), *said}
    if not isinstance(answer, str):
        raise Wrong(f"Answer with one of {listed(options)} in quotes, not with {kind(answer)}.")
    chosen = answer.strip().lower()
    if chosen not in options:
        raise Wrong(f"{answer!r} is none of the options {listed(options)}.")
    if chosen in said:
        raise Wrong(said[chosen])


def subset(
    name: str,
    question: str,
    right: Collection[str],
    reasons: Mapping[str, str],
    *,
    hints: Sequence[str],
) -> Exercise:
    """Ask for the set of all right options; ``reasons`` says of each why it belongs or not."""
    right = set(right)
    return Exercise(
        name,
        question,
        right,
        mistakes={_amiss(option, right, reasons): right ^ {option} for option in reasons},
        hints=hints,
        check=lambda answer: check_subset(answer, right, reasons),
        options=list(reasons),
        several=True,
    )


def _amiss(option: str, right: Collection[str], reasons: Mapping[str, str]) -> str:
    """Return what is said of an option that is missing, or in the set and does not belong."""
    shown = option.lower()
    if option in right:
        return f"One is missing. Look again at {shown}: {reasons[option]}"
    return f"{shown} does not belong: {reasons[option]}"


def check_subset(answer: Any, right: Collection[str], reasons: Mapping[str, str]) -> None:
    """Raise :class:`Wrong` unless ``answer`` is the set of all right options."""
    options = {option.lower(): option for option in reasons}
    if not isinstance(answer, (set, frozenset, list, tuple)):
        raise Wrong(f'Answer with a set such as {{"a", "b"}}, not with {kind(answer)}.')
    given = {str(item).strip().lower() for item in answer}
    if given - set(options):
        unknown = listed(given - set(options))
        raise Wrong(f"{unknown} is none of the options {listed(options)}.")
    wanted = {option.lower() for option in right}
    for option in (*sorted(given - wanted), *sorted(wanted - given)):
        raise Wrong(_amiss(options[option], right, reasons))


def subsets(
    name: str,
    question: str,
    right: Mapping[str, Collection[str]],
    reasons: Mapping[str, Mapping[str, str]],
    *,
    hints: Sequence[str],
) -> Exercise:
    """Ask for a set under each key; see :func:`subset`."""
    wanted = {key: set(options) for key, options in right.items()}
    mistakes = {
        f"{key}: {_amiss(option, wanted[key], said)}": {**wanted, key: wanted[key] ^ {option}}
        for key, said in reasons.items()
        for option in said
    }

    def check(answer: Any) -> None:
        if not isinstance(answer, Mapping):
            raise Wrong(f"Answer with a dictionary of sets, not with {kind(answer)}.")
        if set(answer) != set(wanted):
            raise Wrong(f"The keys should be {', '.join(map(repr, wanted))}.")
        for key, options in wanted.items():
            given = answer[key]
            # An empty {} is a dictionary in Python; here it means "none".
            given = set() if isinstance(given, dict) and not given else given
            try:
                check_subset(given, options, reasons[key])
            except Wrong as mistake:
                raise Wrong(f"{key}: {mistake}") from None

    return Exercise(name, question, wanted, mistakes=mistakes, hints=hints, check=check)


def matching(
    name: str,
    question: str,
    right: Mapping[str, str],
    options: Sequence[str],
    reasons: Mapping[tuple[str, str], str],
    *,
    hints: Sequence[str],
    says: str = "{key}: not {option}. {reason}",
) -> Exercise:
    """Ask for one of the options under each key.

    ``reasons`` has an entry for (key, wrong option); what is said of an option whatever the key
    stands under ("", option), of a key whatever the option under (key, ""), else under ("", "").
    """

    def message(key: str, option: str) -> str:
        places = ((key, option), (key, ""), ("", option), ("", ""))
        reason = next(reasons[place] for place in places if place in reasons)
        parts = {"{key}": key, "{option}": option, "{reason}": reason}
        text = says
        for part, value in parts.items():
            text = text.replace(part, value)
        return text

    mistakes = {
        message(key, option): {**right, key: option}
        for key, wanted in right.items()
        for option in options
        if option != wanted
    }

    def check(answer: Any) -> None:
        if not isinstance(answer, Mapping) or set(answer) != set(right):
            raise Wrong(f"Answer with a dict that has these keys: {', '.join(map(repr, right))}.")
        for key, wanted in right.items():
            given = str(answer[key]).strip().lower()
            if given not in options:
                raise Wrong(f"{answer[key]!r} is none of the options {', '.join(options)}.")
            if given != wanted:
                raise Wrong(message(key, given))

    return Exercise(name, question, dict(right), mistakes=mistakes, hints=hints, check=check)
