"""Learning curves over label budgets and seeds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._checks import check_positive

if TYPE_CHECKING:
    import pandas as pd

Method = Callable[[np.ndarray, np.ndarray, int], Callable[[np.ndarray], Any]]


def learning_curve(
    task: Any,
    methods: Mapping[str, Method],
    budgets: Sequence[int],
    seeds: Sequence[int],
    jobs: int = 1,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Measure accuracy against the number of target labels, for several methods and seeds.

    Within a seed every method gets the same labeled rows, and a larger budget contains the
    smaller ones, so methods can be compared pairwise. Each row of the result is one look at the
    target's test part.

    Parameters
    ----------
    task : Task
        Has ``label(budget, seed) -> (X, y)`` and ``score(predict) -> float``.
    methods : dict
        Name -> function ``(X, y, seed) -> predict``.
    budgets : sequence of int
        Labels per class.
    seeds : sequence of int
        Each seed draws other labels and is handed to the methods.
    jobs : int
        Number of processes. The task must be one that ``tlbook.data.load`` made.
    progress : bool, optional
        Show a bar. By default in an interactive session when the run takes more than 2 s.

    Returns
    -------
    pandas.DataFrame
        Columns method, budget, seed, accuracy (fraction in [0, 1]; for a regression task the root
        mean squared error), seconds (of training, scoring not counted).

    Raises
    ------
    ValueError
        If methods, budgets or seeds are empty or unfit, or the task cannot go to other processes.

    See Also
    --------
    curve_summary : what such a table says.
    tlbook.plots.learning_curves : draws it.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tlbook import data
    >>> from tlbook.evaluation import learning_curve
    >>> def learn(X, y, seed=0):
    ...     return LogisticRegression().fit(X, y).predict
    >>> task = data.load("toy", shift=(3.0, 0.0))
    >>> source = learn(task.source.X, task.source.y)
    >>> methods = {"source only": lambda X, y, seed: source, "target only": learn}
    >>> curve = learning_curve(task, methods, budgets=[1, 20], seeds=[0, 1, 2])
    >>> curve[curve.budget == 20].groupby("method").accuracy.mean().round(1).to_dict()
    {'source only': 0.5, 'target only': 0.9}
    >>> len(curve), task.looks  # 6 purchases and 12 scores
    (12, 18)
    """
    import pandas as pd

    _check_grid(methods, budgets, seeds, jobs)
    cells = [(int(budget), int(seed)) for seed in seeds for budget in budgets]
    if jobs == 1:
        results = [_cell(task, methods, *cell) for cell in _bar(cells, len(cells), progress)]
    else:
        results = _in_parallel(task, methods, cells, jobs, progress)
    rows = [row for result in results for row in result]
    frame = pd.DataFrame(rows, columns=["method", "budget", "seed", "accuracy", "seconds"])
    order = {name: i for i, name in enumerate(methods)}
    return frame.sort_values(
        ["method", "budget", "seed"],
        key=lambda column: column.map(order) if column.name == "method" else column,
        ignore_index=True,
    )


def _check_grid(methods: Any, budgets: Any, seeds: Any, jobs: Any) -> None:
    if not isinstance(methods, Mapping) or not methods:
        raise ValueError("methods: got none, want a dict of name -> function(X, y, seed)")
    for name, method in methods.items():
        if not callable(method):
            raise ValueError(
                f"methods: got {type(method).__name__} for {name!r}, want a function(X, y, seed)"
            )
    for values, argument in ((budgets, "budgets"), (seeds, "seeds")):
        if len(values) == 0 or len(set(values)) != len(values):
            raise ValueError(f"{argument}: got {list(values)}, want different whole numbers")
    for budget in budgets:
        check_positive(budget, "budgets", integer=True)
    check_positive(jobs, "jobs", integer=True)


def _cell(task: Any, methods: Mapping[str, Method], budget: int, seed: int) -> list[tuple]:
    X, y = task.label(budget, seed)
    rows = []
    for name, method in methods.items():
        start = time.perf_counter()
        predict = method(X, y, seed)
        seconds = time.perf_counter() - start
        rows.append((name, budget, seed, task.score(predict), seconds))
    return rows


def _cell_and_looks(
    task: Any, methods: Mapping[str, Method], budget: int, seed: int
) -> tuple[list[tuple], tuple[str, ...]]:
    before = task.looks
    rows = _cell(task, methods, budget, seed)
    return rows, task.look_log[before:]


def _in_parallel(
    task: Any,
    methods: Mapping[str, Method],
    cells: list[tuple[int, int]],
    jobs: int,
    progress: bool | None,
) -> list[list[tuple]]:
    from joblib import Parallel, delayed

    try:
        task.__reduce__()
    except TypeError as error:
        raise ValueError(
            f"jobs: got {jobs}, want 1: this task was made from arrays and stays in its process"
        ) from error
    work = (delayed(_cell_and_looks)(task, methods, *cell) for cell in cells)
    done = Parallel(n_jobs=jobs, return_as="generator")(work)
    results = []
    for rows, looks in _bar(done, len(cells), progress):
        results.append(rows)
        task._looks.extend(looks)  # looks of the workers' copies count here too
    return results


def _bar(items: Any, total: int, progress: bool | None) -> Any:
    if progress is None:
        progress = _interactive()
    if not progress:
        return items
    from tqdm.auto import tqdm

    return tqdm(items, total=total, delay=2, leave=False, desc="learning curve")


def _interactive() -> bool:
    """Whether someone watches: a terminal or a notebook, and no runner that asked for silence."""
    if any(os.environ.get(f"TLBOOK_{name}") for name in ("QUIET", "CLAIM_LOG", "STRICT")):
        return False
    return "ipykernel" in sys.modules or sys.stderr.isatty()
