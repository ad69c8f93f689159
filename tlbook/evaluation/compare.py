"""Compare methods: every method on the same tasks and seeds, one row for every run.

A *method* is ``method(task, seed, **settings) -> predict``: a function, or an object that can be
called like one. It may read the labeled source, the unlabeled target, and what it buys by
``task.label``. What it returns maps inputs to labels and is scored once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named

if TYPE_CHECKING:
    import pandas as pd

Predict = Callable[[Any], Any]
Method = Callable[..., Predict]
Settings = Mapping[str, Any]


@named
def measure(
    method: Method,
    task: Any,
    seed: int,
    settings: Settings | None = None,
    *,
    clock: Callable[[], float] = time.perf_counter,
    answers: bool = False,
) -> dict[str, Any]:
    """Run one method on one task and score it.

    Parameters
    ----------
    method : function
        ``method(task, seed, **settings) -> predict``.
    task : Task
        What it learns from and is scored on.
    seed : int
        Of everything random in the method.
    settings : dict, optional
        Of the method.
    clock : function
        ``time.process_time`` counts the seconds of the processor instead of those on the wall.
    answers : bool
        Keep the labels that it gave on the test part.

    Returns
    -------
    dict
        ``accuracy`` (in regression the root mean squared error), ``seconds`` of the training
        without the scoring, ``looks`` at target labels, and ``answers`` where they are asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.domains import Task
    >>> from tlbook.evaluation import measure
    >>> X = np.array([[0.0], [0.1], [1.0], [1.1]])
    >>> y = np.array([0, 0, 1, 1])
    >>> parts = {"source": (X, y), "target_train": (X, y), "target_test": (X[::-1], y[::-1])}
    >>> task = Task.from_arrays(**parts)
    >>> def threshold(task, seed, at=0.5):
    ...     return lambda rows: (rows[:, 0] > at).astype(int)
    >>> row = measure(threshold, task, seed=0, settings={"at": 1.05})
    >>> row["accuracy"], row["looks"]
    (0.75, 1)
    """
    looks, kept = task.looks, []
    start = clock()
    predict = method(task, seed, **(settings or {}))
    seconds = clock() - start

    def remember(rows: Any) -> Any:
        kept.append(predict(rows))
        return kept[-1]

    row = {"accuracy": task.score(remember), "seconds": seconds, "looks": task.looks - looks}
    return row | ({"answers": np.asarray(kept[-1])} if answers else {})


@named
def compare(
    methods: Mapping[str, Method],
    tasks: Any,
    seeds: Iterable[int],
    *,
    settings: Mapping[str, Settings | Sequence[Settings]] | None = None,
    jobs: int = 1,
    progress: bool | None = None,
    on: Any = None,
    **spreading: Any,
) -> pd.DataFrame:
    """Run every method on every task with every seed.

    Parameters
    ----------
    methods : dict
        Name -> ``method(task, seed, **settings) -> predict``.
    tasks : Task, or dict of name -> Task or function
        A function ``task(seed)`` makes a fresh task for each seed.
    seeds : sequence of int
        Handed to the methods (and to tasks that are functions), so that runs pair up by seed.
    settings : dict, optional
        Name of a method -> its settings, or a list of settings of which each is run.
    jobs : int
        Number of processes. Tasks must come from :func:`tlbook.data.load` or be functions.
    progress : bool, optional
        Show a bar. By default in an interactive session when the run takes more than 2 s.
    on : {"local", "dask://HOST:PORT", "slurm"} or concurrent.futures.Executor, optional
        Run beyond this process, by :func:`tlbook.scale.spread`: the run can be stopped and goes on,
        and a method that fails stops no other. Needs the extra ``scale``.
    **spreading
        Of :func:`tlbook.scale.spread`, with ``on`` only: ``folder``, ``workers``, ``limit``, …

    Returns
    -------
    pandas.DataFrame
        Columns ``method``, ``task``, ``seed``, one for each setting that varies, ``accuracy``,
        ``seconds``, ``looks``; rows in the order of methods, tasks, settings, seeds. With ``on``, a
        run that failed twice has no accuracy, and a column ``error`` has its traceback.

    Raises
    ------
    ValueError
        If there is no method, task or seed, or a task cannot go to other processes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tlbook.domains import Task
    >>> from tlbook.evaluation import compare
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(120) % 2
    >>> X = rng.normal(size=(120, 2)) + 2 * y[:, None]
    >>> task = Task.from_arrays(
    ...     source=(X[:40], y[:40]), target_train=(X[40:80], y[40:80]), target_test=(X[80:], y[80:])
    ... )
    >>> def source_only(task, seed):
    ...     return LogisticRegression().fit(task.source.X, task.source.y).predict
    >>> def few_labels(task, seed, k):
    ...     return LogisticRegression().fit(*task.label(k, seed)).predict
    >>> table = compare(
    ...     {"source only": source_only, "few labels": few_labels},
    ...     task,
    ...     seeds=range(3),
    ...     settings={"few labels": [{"k": 1}, {"k": 10}]},
    ... )
    >>> len(table), list(table.columns)
    (9, ['method', 'task', 'seed', 'k', 'accuracy', 'seconds', 'looks'])
    """
    import pandas as pd

    settings = settings or {}
    runs = _runs(methods, _named(tasks), list(seeds), settings)
    check_positive(jobs, "jobs", integer=True)
    lists = [given for given in settings.values() if not isinstance(given, Mapping)]
    varying = dict.fromkeys(key for given in lists for each in given for key in each)
    if on is not None:
        from tlbook.evaluation.elsewhere import spread_runs

        _can_leave(runs, "on: got it, want none")
        bar = _interactive() if progress is None else progress
        return spread_runs(runs, _run, varying, on, progress=bar, **spreading)
    if spreading:
        raise TypeError(f"compare: got {next(iter(spreading))!r} without on=")
    if jobs == 1:
        done: Iterable[_Done] = map(_run, runs)
    else:
        done = _in_processes(runs, jobs)
    rows = []
    for run, (row, log) in zip(runs, _bar(done, len(runs), progress), strict=True):
        if jobs > 1 and not callable(run.task):
            run.task._looks.extend(log)  # looks of the workers' copies count here too
        rows.append(run.shown(varying) | row)
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Run:
    """One line of the table before it is run."""

    name: str
    method: Method
    place: str
    task: Any
    seed: int
    settings: Settings = field(default_factory=dict)

    def shown(self, varying: Iterable[str]) -> dict[str, Any]:
        """Return what stands in the table before what was measured."""
        own = {key: self.settings.get(key) for key in varying}
        return {"method": self.name, "task": self.place, "seed": self.seed} | own


_Done = tuple[dict[str, Any], tuple[str, ...]]


def _runs(
    methods: Any, tasks: Mapping[str, Any], seeds: list[int], settings: Mapping[str, Any]
) -> list[_Run]:
    if not isinstance(methods, Mapping) or not methods:
        raise ValueError("methods: got none, want a dict of name -> method(task, seed, **settings)")
    for name, method in methods.items():
        if not callable(method):
            raise ValueError(
                f"methods: got {type(method).__name__} for {name!r}, want a function "
                "method(task, seed, **settings) -> predict"
            )
    if unknown := [name for name in settings if name not in methods]:
        raise ValueError(f"settings: got {unknown[0]!r}, want names of methods: {list(methods)}")
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds: got {seeds}, want different whole numbers")
    for seed in seeds:
        check_positive(seed, "seeds", zero_ok=True, integer=True)
    return [
        _Run(name, method, place, task, int(seed), each)
        for name, method in methods.items()
        for place, task in tasks.items()
        for each in _listed(settings, name)
        for seed in seeds
    ]


def _named(tasks: Any) -> dict[str, Any]:
    name = str(getattr(tasks, "name", None) or getattr(tasks, "__name__", "task"))
    found: dict[str, Any] = dict(tasks) if isinstance(tasks, Mapping) else {name: tasks}
    if not found:
        raise ValueError("tasks: got none, want a Task or a dict of name -> Task or function")
    for name, task in found.items():
        if not callable(task) and not hasattr(task, "score"):
            raise ValueError(
                f"tasks: got {type(task).__name__} for {name!r}, want a Task or a function "
                "task(seed) -> Task"
            )
    return found


def _listed(settings: Mapping[str, Any], name: str) -> list[Settings]:
    """Return the settings of one method as a list; one empty dictionary where it has none."""
    given = settings.get(name, {})
    return [given] if isinstance(given, Mapping) else list(given)


def _run(run: _Run) -> _Done:
    task = run.task(run.seed) if callable(run.task) else run.task
    before = task.looks
    try:
        row = measure(run.method, task, run.seed, run.settings)
    except Exception as error:
        error.add_note(f"in method {run.name!r} on task {run.place!r} with seed {run.seed}")
        error.looks = task.look_log[before:]  # type: ignore[attr-defined]
        raise
    return row, task.look_log[before:]


def _in_processes(runs: list[_Run], jobs: int) -> Iterable[_Done]:
    from joblib import Parallel, delayed

    _can_leave(runs, f"jobs: got {jobs}, want 1")
    return Parallel(n_jobs=jobs, return_as="generator")(delayed(_run)(run) for run in runs)


def _can_leave(runs: list[_Run], words: str) -> None:
    for run in runs:
        try:
            if not callable(run.task):
                run.task.__reduce__()
        except TypeError as error:
            raise ValueError(
                f"{words}: the task {run.place!r} was made from arrays and stays in its process"
            ) from error


def _bar(items: Any, total: int, progress: bool | None) -> Any:
    if progress is None:
        progress = _interactive()
    if not progress:
        return items
    from tqdm.auto import tqdm

    return tqdm(items, total=total, delay=2, leave=False, desc="runs")


def _interactive() -> bool:
    """Whether someone watches: a terminal or a notebook, and no runner that asked for silence."""
    if any(os.environ.get(f"TLBOOK_{name}") for name in ("QUIET", "CLAIM_LOG", "STRICT")):
        return False
    return "ipykernel" in sys.modules or sys.stderr.isatty()
