"""A job: what is called, with which parameters, by which code; and how a worker does it."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlbook.scale.folder import file_of, is_shared, write_whole
from tlbook.scale.rows import decode, encode
from tlbook.scale.versions import code_of, differences

ALONE = threading.Lock()
"""Seeds of torch and NumPy belong to the process: it does one job at a time."""


@dataclass(frozen=True)
class Call:
    """One call that is to be made somewhere.

    Attributes
    ----------
    name : str
        In words; no two calls of a run share one.
    function : function
        Returns numbers, words, lists and dictionaries of them.
    arguments : dict
        Parameters and seeds; no arrays.

    Examples
    --------
    >>> from tlbook.scale import Call
    >>> call = Call("two to the ten", pow, {"base": 2, "exp": 10})
    >>> call.function(**call.arguments)
    1024
    """

    name: str
    function: Callable[..., Any]
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A call on its way: name and key, the packed call, and the code that is to run it."""

    name: str
    key: str
    what: bytes
    code: dict[str, str]
    folder: str
    run: str
    threads: int = 1


@dataclass(frozen=True)
class Done:
    """What became of a call.

    Attributes
    ----------
    name : str
    value : anything
        What the function returned; ``None`` where it failed or was left out.
    error : str
        The traceback of the last attempt; empty where it succeeded.
    looks : tuple of str
        Looks at target labels that an exception of a failed attempt carried (``error.looks``).
    worker : str
        "host:process".
    seconds : float
        On the worker's own clock of the process, which nothing sets.
    attempts : int
    """

    name: str
    value: Any = None
    error: str = ""
    looks: tuple[str, ...] = ()
    worker: str = ""
    seconds: float = 0.0
    attempts: int = 1


def work(job: Job) -> tuple[str, str]:
    """Do a job in this process and return ("done", "failed" or "refused", a record as text).

    It raises nothing. A result goes into the run's folder where this machine sees it, and back to
    the coordinator, who writes it where it does not lie there.
    """
    with ALONE:
        me = worker_name()
        if reasons := differences(job.code, code_of(job.code)):
            return "refused", encode({"worker": me, "error": f"worker {me}: {reasons}"})
        start = time.perf_counter()
        record: dict[str, Any] = {"name": job.name, "worker": me, "error": "", "looks": []}
        try:
            with one_job(job.threads):
                function, arguments = pickle.loads(job.what)
                record["value"] = function(**arguments)
            record["seconds"] = time.perf_counter() - start
            text = encode(record)
        except Exception as error:
            record |= {"value": None, "seconds": time.perf_counter() - start}
            record |= {"error": traceback.format_exc(), "looks": [*getattr(error, "looks", ())]}
            return "failed", encode(record)
        # A full disk here is no reason to lose the row.
        with contextlib.suppress(OSError):
            if is_shared(job.folder, job.run):
                write_whole(file_of(Path(job.folder), job.key), text)
        return "done", text


def worker_name() -> str:
    """Return "host:process", with the address in front where the engine has given one."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    with contextlib.suppress(Exception):
        from distributed import get_worker

        return f"{get_worker().address} ({name})"
    return name


@contextlib.contextmanager
def one_job(threads: int) -> Any:
    """Inside, sums are made on so many threads: on another number they round otherwise."""
    from threadpoolctl import threadpool_limits

    # torch takes seconds to import: a job that does so reads the number from here.
    names = [f"{name}_NUM_THREADS" for name in ("OMP", "MKL", "OPENBLAS")]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, str(threads)))
    torch = sys.modules.get("torch")
    own = torch.get_num_threads() if torch else 0
    if torch:
        torch.set_num_threads(threads)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        if torch:
            torch.set_num_threads(own)


def done_of(text: str, attempts: int = 1) -> Done:
    """Return a record that :func:`work` made."""
    found = decode(text)
    found["looks"] = tuple(found.get("looks", ()))
    return Done(**{"attempts": attempts, **found})
