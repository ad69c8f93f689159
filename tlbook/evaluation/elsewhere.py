"""``compare(..., on=)``: the runs go to other processes, and come back as the same table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def spread_runs(
    runs: Sequence[Any],
    run_one: Callable[[Any], Any],
    varying: Iterable[str],
    on: Any,
    **options: Any,
) -> pd.DataFrame:
    """Return the table of the runs, made by the processes that ``on`` names.

    Parameters
    ----------
    runs : sequence
        Of :func:`tlbook.evaluation.compare`.
    run_one : function
        Makes one of them: (row, looks at the task).
    varying : names of settings
        That stand in the table.
    on, **options
        Of :func:`tlbook.scale.spread`.

    Raises
    ------
    ValueError
        If there is no such option.
    """
    import pandas as pd

    from tlbook.scale import Call, spread

    known = ("folder", "workers", "limit", "retries", "deadline", "patience", "threads")
    if unknown := [name for name in options if name not in (*known, "progress")]:
        raise ValueError(
            f"{unknown[0]}: compare has no such option, want one of {', '.join(known)}"
        )
    calls = [Call(_words(k, run), run_one, {"run": run}) for k, run in enumerate(runs)]
    reached = [*(run.method for run in runs), *(run.task for run in runs)]
    found = spread(calls, on, sources=reached, **options)
    left_out = {"accuracy": np.nan, "seconds": np.nan, "looks": 0}
    failed = any(done.error for done in found)
    rows = []
    for run, done in zip(runs, found, strict=True):
        row, log = done.value or (left_out, ())
        if not callable(run.task):
            run.task._looks.extend((*done.looks, *log))  # of every attempt that came back
        if done.error:
            row = {**row, "looks": len(done.looks)}
        rows.append({**run.shown(varying), **row, **({"error": done.error} if failed else {})})
    return pd.DataFrame(rows)


def _words(k: int, run: Any) -> str:
    """Return a name that is the same in another session: functions without their address."""
    settings: Mapping[str, Any] = run.settings
    words = {key: getattr(v, "__qualname__", None) or repr(v) for key, v in settings.items()}
    return f"{k}: {run.name} on {run.place}, seed {run.seed}, {words}"
