"""Learning curves over label budgets and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tlbook._base.checks import check_positive
from tlbook.evaluation.compare import Method, compare

if TYPE_CHECKING:
    import pandas as pd


def learning_curve(
    task: Any,
    methods: Mapping[str, Method],
    budgets: Sequence[int],
    seeds: Sequence[int],
    jobs: int = 1,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Measure accuracy against the number of target labels, for several methods and seeds.

    It is :func:`compare` over the setting ``k``. Within a seed every method that buys its labels by
    ``task.label(k, seed)`` gets the same rows, and a larger budget contains the smaller ones, so
    methods can be compared pairwise.

    Parameters
    ----------
    task : Task
        Or a function ``task(seed) -> Task``.
    methods : dict
        Name -> ``method(task, seed, k) -> predict``.
    budgets : sequence of int
        Labels per class, handed to the methods as ``k``.
    seeds : sequence of int
        Each seed draws other labels.
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

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from tlbook import data
    >>> task = data.load("toy", kind="moons", seed=0)
    >>> def nearest(task, seed, k):
    ...     return KNeighborsClassifier(1).fit(*task.label(k, seed)).predict
    >>> curve = learning_curve(task, {"nearest": nearest}, budgets=(1, 20), seeds=range(3))
    >>> means = curve.groupby("budget")["accuracy"].mean()
    >>> bool(means[20] > means[1])
    True
    """
    if len(budgets) == 0 or len(set(budgets)) != len(budgets):
        raise ValueError(f"budgets: got {list(budgets)}, want different whole numbers")
    for budget in budgets:
        check_positive(budget, "budgets", integer=True)
    grid = [{"k": int(budget)} for budget in budgets]
    settings = dict.fromkeys(methods, grid) if isinstance(methods, Mapping) else {}
    frame = compare(methods, task, seeds, settings=settings, jobs=jobs, progress=progress)
    return frame.rename(columns={"k": "budget"}).drop(columns=["task", "looks"])[
        ["method", "budget", "seed", "accuracy", "seconds"]
    ]
