"""submitit behind the interface of ``concurrent.futures``: one job of the cluster for each call."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from tlbook._base.extras import needs


class SubmititExecutor(Executor):
    """Calls as jobs of SLURM.

    Parameters
    ----------
    folder : str or Path
        Of submitit's own files, on a disk that the nodes share.
    cluster : {"slurm", "local", "debug"}
        submitit's "local" runs each call in a process of this machine.
    poll : float
        Seconds between two looks at what has ended.
    **parameters
        Of ``submitit.AutoExecutor.update_parameters``: ``timeout_min``, ``slurm_partition``,
        ``cpus_per_task``, …

    Raises
    ------
    ValueError
        If this machine does not belong to a cluster.

    Examples
    --------
    A partition of your own, ten minutes for a job::

        on = SubmititExecutor("/shared/jobs", slurm_partition="cpu", timeout_min=10)
        table = compare(methods, tasks, seeds, on=on, folder="/shared/run")
    """

    def __init__(
        self, folder: str | Path, cluster: str = "slurm", poll: float = 1.0, **parameters: Any
    ) -> None:
        needs("submitit", "scale")
        import submitit

        if cluster == "slurm" and shutil.which("srun") is None:
            raise ValueError("on: got 'slurm', want it on a machine of a cluster: no srun is here")

        self.engine = submitit.AutoExecutor(folder=str(folder), cluster=cluster)
        # A limit of 0 minutes never starts; a cluster's default may be short.
        self.engine.update_parameters(**{"timeout_min": 60, "name": "tlbook", **parameters})
        self.poll, self.open = poll, True
        self.running: dict[Future[Any], Any] = {}
        self.lock = threading.Lock()
        self.watcher: threading.Thread | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a call off as one job."""
        if not self.open:
            raise RuntimeError("submit: the executor is shut down")
        future: Future[Any] = Future()
        job = self.engine.submit(fn, *args, **kwargs)
        with self.lock:
            self.running[future] = job
            if self.watcher is None:
                self.watcher = threading.Thread(target=self._watch, daemon=True)
                self.watcher.start()
        return future

    def _watch(self) -> None:
        while True:
            with self.lock:
                if not self.running:
                    self.watcher = None
                    return
                waiting = list(self.running.items())
            for future, job in waiting:
                if _settled(future, job):
                    with self.lock:
                        self.running.pop(future, None)
            time.sleep(self.poll)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; wait for those on their way, or cancel them."""
        self.open = False
        if cancel_futures:
            for future in list(self.running):
                future.cancel()
        watcher = self.watcher
        if watcher is not None and (wait or cancel_futures):
            watcher.join()


def _settled(future: Future[Any], job: Any) -> bool:
    """Hand on what has ended; return whether it has."""
    error: BaseException | None = None
    result = None
    try:
        if future.cancelled():
            job.cancel(check=False)
            return True
        if not job.done():
            return False
        error = job.exception()
        result = None if error is not None else job.result()
    except Exception as lost:  # its files are gone or not whole
        error = lost
    if not future.set_running_or_notify_cancel():
        return True
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
    return True
