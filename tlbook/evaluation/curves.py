"""Learning curves over label budgets and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.evaluation.compare import Method, compare

if TYPE_CHECKING:
    import pandas as pd


@named
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

    See Also
    --------
    curve_summary : what such a table says.
    tlbook.plots.learning_curves : draws it.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tlbook import data
    >>> from tlbook.evaluation import learning_curve
    >>> def learn(X, y):
    ...     return LogisticRegression().fit(X, y).predict
    >>> task = data.load("toy", shift=(3.0, 0.0))
    >>> source = learn(task.source.X, task.source.y)
    >>> methods = {
    ...     "source only": lambda task, seed, k: source,
    ...     "target only": lambda task, seed, k: learn(*task.label(k, seed)),
    ... }
    >>> curve = learning_curve(task, methods, budgets=[1, 20], seeds=[0, 1, 2])
    >>> curve[curve.budget == 20].groupby("method").accuracy.mean().round(1).to_dict()
    {'source only': 0.5, 'target only': 0.9}
    >>> len(curve), task.looks  # 6 purchases and 12 scores
    (12, 18)
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
