"""A study: the cases that are run, and what is measured on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from tlbook.course.studies.jobs import Case, Row, map_jobs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Study:
    """One long run, case by case: what is stored as ``data/results/NAME.csv``.

    Parameters
    ----------
    trial : function
        ``trial(**case)`` returns a row, or a list of rows, of what was measured. It is a function
        at the top of a module, so that other processes can call it.
    cases : sequence of dict, or function that returns one
        The arguments of each trial. They stand in the row before what was measured; settings
        (a dictionary) stand there in words.
    command : str
        What makes the result again, where it is not ``tlbook results NAME``.

    Notes
    -----
    The sum of two studies is one that runs the cases of both.

    Examples
    --------
    >>> def power(base, exponent):
    ...     return {"value": base**exponent}
    >>> study = Study(power, grid(base=(2, 3), exponent=(1, 2)))
    >>> study.run().value.tolist()
    [2, 4, 3, 9]
    """

    trial: Callable[..., Row | Sequence[Row]]
    cases: Sequence[Case] | Callable[[], Sequence[Case]]
    command: str = ""
    others: tuple[Study, ...] = ()

    def run(self, jobs: int = 1) -> pd.DataFrame:
        """Return the table: one row, or several, for every case."""
        import pandas as pd

        parts = (self, *self.others)
        work = [(part.trial, case) for part in parts for case in part.listed()]
        results = map_jobs(work, jobs)
        return pd.DataFrame([row for rows in results for row in rows])

    def listed(self) -> list[Case]:
        """Return the cases of this study's own trial."""
        return list(self.cases() if callable(self.cases) else self.cases)

    def __add__(self, other: Study) -> Study:
        return replace(self, others=(*self.others, replace(other, others=()), *other.others))


def grid(**choices: Sequence[Any]) -> list[dict[str, Any]]:
    """Return every combination of the choices; the last one varies fastest.

    Examples
    --------
    >>> grid(seed=(0, 1), method=("probe", "scratch"))[1]
    {'seed': 0, 'method': 'scratch'}
    """
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def best(
    frame: pd.DataFrame, by: str = "method", settings: str = "settings", value: str = "accuracy"
) -> dict[Any, Any]:
    """Return for each method the settings with the largest mean; of equal ones the first tried.

    Parameters
    ----------
    frame : DataFrame
        A stored search.
    by, settings, value : str
        Its columns.
    """
    mean = frame.groupby([by, settings], sort=False)[value].mean()
    return {name: mean[name].idxmax() for name in frame[by].drop_duplicates()}
