"""``spread``: calls made somewhere else, and what became of each."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tlbook._base.checks import check_folder, check_positive
from tlbook.scale.coordinator import Coordinator, Jobs
from tlbook.scale.folder import RunFolder
from tlbook.scale.jobs import Call, Done
from tlbook.scale.packing import digest, pack
from tlbook.scale.progress import Progress
from tlbook.scale.versions import code_of


def spread(
    calls: Sequence[Call],
    on: Any = "local",
    *,
    folder: str | Path | None = None,
    workers: int | None = None,
    limit: float | None = None,
    retries: int = 1,
    deadline: float = float("inf"),
    patience: float = 60.0,
    threads: int = 1,
    progress: bool = False,
    unit: str = "run",
    sources: Sequence[Any] = (),
) -> list[Done]:
    """Make calls somewhere else and return what became of them, in the order of the calls.

    Each result is a file of its own in the run's folder. A run that was stopped and is called again
    in the same way goes on from there; calls that failed are tried again then.

    Parameters
    ----------
    calls : sequence of Call
        Functions with parameters and seeds. They carry no arrays.
    on : {"local", "dask://HOST:PORT", "slurm"} or Executor
        The processes of this machine, the workers of a Dask scheduler, the nodes of a cluster.
    folder : str or Path, optional
        Where results are kept. By default a folder in the user's cache, removed when all is done
        and nothing failed; for "slurm" it has to be one that the nodes see.
    workers : int, optional
        Processes ("local": one a core), or jobs of SLURM at a time (64).
    limit : float, optional
        Seconds after which a job counts as hung. It is given up and tried again elsewhere.
    retries : int
        How often a call that raised is tried again.
    deadline : float
        Of ``time.monotonic()``: what has not begun by then is left out.
    patience : float
        Seconds to wait for a scheduler, or for the first worker.
    threads : int
        Of the sums in a job. Results are equal bit for bit where the number is.
    progress : bool
        Show a bar over all workers.
    unit : str
        What the bar counts.
    sources : sequence of functions
        That the calls reach by their arguments: their code belongs to the run's identity.

    Raises
    ------
    ValueError
        If a call carries an array or two have one name; if the folder belongs to another run.
    EngineLost
        If the engine is gone and does not come back; the message says where the rows are.
    OtherCode
        If no worker runs the coordinator's code.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from tlbook.scale import Call, spread
    >>> calls = [Call(f"7 ** {k}", pow, {"base": 7, "exp": k}) for k in range(3)]
    >>> with ThreadPoolExecutor(2) as pool:
    ...     print([done.value for done in spread(calls, on=pool)])
    [1, 7, 49]
    """
    for name, value in {"limit": limit, "patience": patience}.items():
        if value is not None:
            check_positive(value, name)
    for name, number in {"workers": workers, "threads": threads}.items():
        if number is not None:
            check_positive(number, name, integer=True)
    check_positive(retries, "retries", zero_ok=True, integer=True)
    calls = _checked(calls)
    if not calls:
        return []
    code = code_behind(calls, sources)
    run = digest(*(call.name for call in calls), *(f"{k}={v}" for k, v in code.items()))
    place = check_folder(folder, "folder") if folder is not None else own_folder(run)
    store = RunFolder(place, {"run": run, "code": code})
    jobs = Jobs(calls, store, threads)
    with Progress(len(calls), progress, unit) as bar:
        coordinator = Coordinator(jobs, bar, limit, retries, deadline, patience)
        coordinator.run(on, workers)
    whole = len(coordinator.done) == len(calls)
    if folder is None and whole and not any(done.error for done in coordinator.done.values()):
        shutil.rmtree(place, ignore_errors=True)
    return [coordinator.done.get(k, Done(call.name)) for k, call in enumerate(calls)]


def _checked(calls: Iterable[Call]) -> list[Call]:
    """Return the calls; refuse what is none, and two of one name."""
    listed = list(calls)
    for each in listed:
        if not isinstance(each, Call):
            raise ValueError(f"calls: got {type(each).__name__} among them, want Call")
        if not (isinstance(each.name, str) and isinstance(each.arguments, Mapping)):
            raise ValueError(f"calls: got {each!r:.80}, want Call(words, function, dictionary)")
        if not callable(each.function):
            raise ValueError(f"calls: got {each.function!r:.60} in {each.name!r}, want a function")
    names = Counter(call.name for call in listed)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"calls: got {twice[0]!r} twice, want different names")
    return listed


def code_behind(calls: Sequence[Call], sources: Sequence[Any] = ()) -> dict[str, str]:
    """Return the versions of all packages, and digests of functions that are in no file."""
    first = calls[0]
    found = [pack(first.function, first.arguments, first.name)]
    known = {id(first.function)}
    for thing in (*(call.function for call in calls), *sources):
        if id(thing) not in known:
            known.add(id(thing))
            found.append(pack(thing, {}, getattr(thing, "__name__", type(thing).__name__)))
    code = code_of(name for packed in found for name in packed.packages)
    for packed in found:
        code |= packed.written
    return code


def own_folder(run: str) -> Path:
    """Return a folder of the user's cache for a run with this digest."""
    from tlbook.data.cache import cache_dir

    return cache_dir() / "runs" / run
