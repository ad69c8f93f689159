"""The rehearsals of ``diagnose`` on other processes: rows and assumptions go there as one file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from tlbook.diagnosis.assumptions import Assumption
from tlbook.diagnosis.bench import Rehearsals, collected, one_rehearsal
from tlbook.diagnosis.remedies import REMEDIES
from tlbook.scale import Call, Parcel, opened, pack_parcel, spread
from tlbook.scale.folder import made


def bench_on(on: Any, folder: str | Path | None = None) -> Callable[..., Rehearsals]:
    """Return :func:`tlbook.diagnosis.bench.rehearse` for the processes that ``on`` names.

    Parameters
    ----------
    on : {"local", "dask://HOST:PORT", "slurm"} or Executor
    folder : str or Path, optional
        Where the rows lie while it runs: on several machines, a folder that all see. By default a
        temporary one of this machine. It is removed at the end.
    """

    def rehearse(
        X: np.ndarray,
        y: np.ndarray,
        assumptions: Sequence[Assumption],
        classifier: Any,
        rehearsals: int = 6,
        deadline: float = float("inf"),
        seed: int = 0,
    ) -> Rehearsals:
        if folder is not None:
            made(folder)
        with ExitStack() as stack:
            kept = tempfile.TemporaryDirectory(dir=folder, prefix="rehearsals-")
            place = stack.enter_context(kept)
            parcel = pack_parcel((X, y, list(assumptions), classifier), Path(place) / "data")
            values: dict[str, dict[str, list[float]]] = {
                each.name: {name: [] for name in REMEDIES} for each in assumptions
            }
            failed: set[str] = set()
            engine = stack.enter_context(opened(on, None, place))
            # Two of each in any case; the others while there is time.
            for rounds, until in ((range(2), float("inf")), (range(2, rehearsals), deadline)):
                calls = []
                for k, each in enumerate(assumptions):
                    for r in rounds:
                        arguments = _arguments(parcel, k, r, seed, failed)
                        calls.append(Call(f"{each.name} {r}", rehearse_parcel, arguments))
                rows = Path(place) / f"from {rounds.start}"
                done = spread(calls, engine, folder=rows, deadline=until)
                for call, row in zip(calls, done, strict=True):
                    if row.error:
                        raise RuntimeError(f"rehearsal {call.name} failed:\n{row.error}")
                    if row.value is None:
                        continue
                    failed |= set(REMEDIES) - set(row.value)
                    name = assumptions[call.arguments["which"]].name
                    for remedy, accuracy in row.value.items():
                        values[name][remedy].append(accuracy)
        return collected(values, failed)

    return rehearse


def _arguments(parcel: Parcel, which: int, r: int, seed: int, failed: set[str]) -> dict[str, Any]:
    return {"parcel": parcel, "which": which, "r": r, "seed": seed, "skip": sorted(failed)}


def rehearse_parcel(
    parcel: Parcel, which: int, r: int, seed: int, skip: Sequence[str]
) -> dict[str, float]:
    """Make one rehearsal with the rows and assumptions of a parcel."""
    X, y, assumptions, classifier = parcel.open()
    return one_rehearsal(X, y, assumptions[which], classifier, r, seed, skip)
