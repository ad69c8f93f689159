"""Search for a setting over many workers, by a score that needs no target label."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice, check_folder, check_positive
from tlbook._base.extras import needs
from tlbook.scale.engines import opened
from tlbook.scale.jobs import Call, Done
from tlbook.scale.packing import digest
from tlbook.scale.space import distributions_of
from tlbook.scale.spread import code_behind, own_folder, spread

if TYPE_CHECKING:
    import pandas as pd

POINTS = 20
"""Of a history, as the coordinator sees it."""


def search(
    train: Callable[..., Any],
    space: Mapping[str, Any],
    *,
    criterion: str = "agreement",
    trials: int = 20,
    batch: int = 4,
    seeds: Sequence[int] = (0, 1, 2),
    least: float = 0.5,
    steps: Sequence[int] = (),
    watch: str = "L_S",
    seed: int = 0,
    on: Any = "local",
    folder: str | Path | None = None,
    **spreading: Any,
) -> pd.DataFrame:
    """Try settings on many workers; return all that were tried, the chosen one marked.

    Optuna asks and is told in this process only: workers see no storage. It asks for ``batch``
    settings at a time and is told in their order: the table is the same on any number of workers.

    Parameters
    ----------
    train : function
        ``train(seed=…, **setting)`` returns a :class:`tlbook.selection.Run`, or a pair of it and
        the :class:`~tlbook.training.History` of its training. With ``steps`` it takes ``steps=…``.
    space : dict
        Name -> list of choices, ``(low, high)`` or ``(low, high, "log")``; whole ends, whole
        numbers.
    criterion : str
        One of ``tlbook.selection.CRITERIA``; "agreement" needs two seeds or more.
    trials, batch : int
        Settings in all, and at a time.
    seeds : sequence of int
        Each setting is trained with all of them, by one worker.
    least : float
        As in :func:`tlbook.selection.choose`: settings that collapse are refused.
    steps : sequence of int
        Rungs, such as ``(100, 400)``: after 100 steps the histories are compared, and settings
        whose column ``watch`` is above the median of those before are pruned. Settings can be
        compared by a part of the loss that they do not weight; by the loss itself they cannot.
    watch : str
        Column of the history.
    seed : int
        Of the sampler.
    on, folder, **spreading
        As in :func:`tlbook.scale.spread`.

    Returns
    -------
    pandas.DataFrame
        Columns ``trial``, the names of the space, ``score``, ``state`` ("done", "pruned",
        "collapsed", "failed"), ``steps`` (with rungs), ``seconds``, ``error``, ``chosen``.

    Raises
    ------
    ValueError
        If the space, the criterion, the seeds or the steps are not understood.
    RuntimeError
        If no setting could be scored.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> import numpy as np
    >>> from tlbook.scale import search
    >>> from tlbook.selection import Run
    >>> def train(seed, skill):  # stands for a training
    ...     rng = np.random.default_rng(seed)
    ...     P = skill * np.eye(3)[np.arange(60) % 3] + rng.random((60, 3))
    ...     return Run(f"skill {skill}", seed, P / P.sum(axis=1, keepdims=True))
    >>> with ThreadPoolExecutor(2) as pool:
    ...     table = search(train, {"skill": [0.1, 0.2, 3.0]}, trials=8, on=pool)
    >>> table[table.chosen].skill.item()
    3.0
    """
    needs("optuna", "scale")
    from tlbook.selection import CRITERIA

    check_choice(criterion, "criterion", CRITERIA)
    check_positive(trials, "trials", integer=True)
    check_positive(batch, "batch", integer=True)
    workers = spreading.pop("workers", None)
    if workers is not None:
        check_positive(workers, "workers", integer=True)
    if not callable(train):
        raise ValueError(f"train: got {train!r:.60}, want a function")
    own = _whole(seeds, "seeds")
    if len(own) < 1 + (criterion == "agreement"):
        raise ValueError(f"seeds: got {own}, want two or more for {criterion!r}, else one")
    if (rungs := _whole(steps, "steps")) != sorted({n for n in rungs if n > 0}):
        raise ValueError(f"steps: got {tuple(rungs)}, want rising numbers above 0")
    judged = {"criterion": criterion, "seeds": own, "least": least, "watch": watch}
    study, wanted = _study(seed, batch), distributions_of(space)
    code = code_behind([Call("", try_setting, {"train": train})])
    place = (
        check_folder(folder, "folder")
        if folder is not None
        else own_folder(digest(repr((space, judged, code))))
    )
    rows: list[dict[str, Any]] = []
    with opened(on, workers, str(place)) as engine:
        while len(rows) < trials:
            count = min(batch, trials - len(rows))
            asked = [study.ask(wanted) for _ in range(count)]
            rows += _tried(
                study, asked, train, judged, [*rungs] or [None], engine, place, spreading
            )
    if folder is None:
        shutil.rmtree(place, ignore_errors=True)
    return _table(rows, rungs=bool(rungs))


def _whole(given: Any, name: str) -> list[int]:
    try:
        found = [int(each) for each in given]
        if all(type(each) is not str and each == n for each, n in zip(given, found, strict=True)):
            return found
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name}: got {given!r:.60}, want whole numbers in a list")


def try_setting(
    train: Callable[..., Any],
    setting: dict[str, Any],
    criterion: str,
    seeds: Sequence[int],
    least: float,
    watch: str,
) -> dict[str, Any]:
    """Train one setting with every seed; return its score and the course of one column."""
    from tlbook.selection import Run, score
    from tlbook.selection.agreement import collapsed

    runs, curves = [], []
    for seed in seeds:
        trained = train(seed=seed, **setting)
        run, history = trained if isinstance(trained, tuple) else (trained, None)
        if not isinstance(run, Run):
            raise ValueError(f"train: got {type(run).__name__} from it, want tlbook.selection.Run")
        runs.append(run)
        if history is not None and watch in history.columns:
            curves.append(np.asarray(history.columns[watch], dtype=float))
    fallen = any(collapsed(run.answers, np.shape(run.target)[1], least) for run in runs)
    return {
        "score": float(score(runs, criterion)),
        "collapsed": bool(fallen),
        "curve": _thinned(curves),
    }


def _thinned(curves: list[np.ndarray]) -> list[list[float]]:
    """Return [last step, mean] of some blocks of the curves' mean."""
    if not curves:
        return []
    shortest = min(map(len, curves))  # one seed may have stopped early
    mean = np.mean([curve[:shortest] for curve in curves], axis=0)
    ends = np.unique(np.linspace(0, len(mean), POINTS + 1).astype(int))
    return [[float(b), float(mean[a:b].mean())] for a, b in pairwise(ends)]


def _study(seed: int, batch: int) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=2 * batch),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=batch),
    )


def _tried(
    study: Any,
    asked: list[Any],
    train: Callable[..., Any],
    judged: dict[str, Any],
    rungs: list[int | None],
    engine: Any,
    place: Path,
    options: dict[str, Any],
) -> list[dict[str, Any]]:
    """Run one batch through all rungs; tell the study in the order of the batch."""
    rows = {t.number: {"trial": t.number, **t.params, "seconds": 0.0} for t in asked}
    left = list(asked)
    for rung in rungs:
        more = {} if rung is None else {"steps": rung}
        calls = [
            Call(
                f"trial {t.number} {more}",
                try_setting,
                {"train": train, "setting": {**t.params, **more}, **judged},
            )
            for t in left
        ]
        first, name = asked[0].number, "all" if rung is None else rung
        done = spread(calls, engine, folder=place / f"{first}-{name}", **options)
        still = []
        for trial, each in zip(left, done, strict=True):
            row = rows[trial.number]
            row |= {**more, "seconds": row["seconds"] + each.seconds, "error": each.error}
            state = _state(trial, each, last=rung == rungs[-1])
            if state == "go on":
                still.append(trial)
                continue
            row |= {"state": state, "score": (each.value or {}).get("score", np.nan)}
        left = still
    for trial in asked:
        _tell(study, trial, rows[trial.number])
    return list(rows.values())


def _state(trial: Any, each: Done, last: bool) -> str:
    if each.error or each.value is None:
        return "failed"
    if last:
        return "collapsed" if each.value["collapsed"] else "done"
    for step, value in each.value["curve"]:
        trial.report(-value, int(step))  # the study wants large values, a loss is small
        if trial.should_prune():
            return "pruned"
    return "go on"


def _tell(study: Any, trial: Any, row: dict[str, Any]) -> None:
    from optuna.trial import TrialState

    if row["state"] == "done" and np.isfinite(row["score"]):
        study.tell(trial, row["score"])
    else:
        pruned = row["state"] == "pruned"
        study.tell(trial, state=TrialState.PRUNED if pruned else TrialState.FAIL)


def _table(rows: list[dict[str, Any]], rungs: bool) -> pd.DataFrame:
    import pandas as pd

    found = pd.DataFrame(rows)
    good = found.score.where(found.state == "done")
    if good.isna().all():
        said = found.error.iloc[0].strip().splitlines()[-1:] or [found.state.iloc[0]]
        raise RuntimeError(f"no setting could be scored; the first: {said[0]}")
    found["chosen"] = found.index == good.idxmax()
    ends = ["score", "state", *(["steps"] if rungs else []), "seconds", "error", "chosen"]
    return found[[name for name in found if name not in ends] + ends]
