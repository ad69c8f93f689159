"""Many cheap cases in one test: the runner's own work for an item takes longer than such a case."""

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import Any

import pytest

FAILED = (Exception, pytest.fail.Exception)


def all_hold(check: Callable[..., Any], cases: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
    """Call ``check(*values)`` for each ``(name, values)``; fail with all that failed, by name."""
    failed: list[Any] = []
    kept = list(cases)
    assert kept, "no case at all"
    for name, values in kept:
        try:
            check(*values)
        except FAILED as error:
            error.add_note(f"case: {name}")
            failed.append(error)
    if failed:
        raise BaseExceptionGroup(f"{len(failed)} of {len(kept)} cases do not hold", failed)


def for_each(names: str, cases: Iterable[Any]) -> Callable[[Callable[..., None]], Any]:
    """Take the place of ``pytest.mark.parametrize``, with one item for all cases.

    Fixtures are shared by the cases: for checks that change nothing.
    """
    wanted = [name.strip() for name in names.split(",")]
    kept = list(cases)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def over_all(**fixtures: Any) -> None:
            def check(*values: Any) -> None:
                test(**fixtures, **dict(zip(wanted, values, strict=True)))

            all_hold(check, ((str(case)[:80], _values(case, len(wanted))) for case in kept))

        own = signature(test)
        rest = [each for name, each in own.parameters.items() if name not in wanted]
        over_all.__signature__ = own.replace(parameters=rest)  # type: ignore[attr-defined]
        del over_all.__wrapped__  # type: ignore[attr-defined]
        return over_all

    return decorate


def _values(case: Any, count: int) -> tuple[Any, ...]:
    values = getattr(case, "values", None)
    if isinstance(values, tuple):  # pytest.param
        return values
    return tuple(case) if count > 1 else (case,)
