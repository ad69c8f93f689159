"""A worker process watched from outside: its time, its kernel's memory, and its end."""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import psutil

from tlbook.workshop.runner.marked import NAME, end_marked, new_mark

_MIB = 2**20
_SAMPLE_SECONDS = 0.2


class Cancelled(Exception):
    """The run was interrupted while this process was at work."""


def kernel_environment(claim_log: Path | None, strict: bool = False) -> dict[str, str]:
    """Return the environment of a chapter's kernel: one thread, claims recorded."""
    environment = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[name] = "1"
    environment["PYTHONUTF8"] = "1"
    # A kernel of this environment goes before one of the same name that the user installed.
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    environment["TLBOOK_QUIET"] = "1"  # a progress bar has no place in a stored output
    for name in ("TLBOOK_CLAIM_LOG", "TLBOOK_STRICT"):
        environment.pop(name, None)
    if claim_log is not None:
        environment["TLBOOK_CLAIM_LOG"] = str(claim_log)
    if strict:
        environment["TLBOOK_STRICT"] = "1"
    return environment


def _peak(process: psutil.Process) -> float:
    """Return the peak resident memory of one process in MiB, from the system where it keeps it."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    memory = process.memory_info()
    return float(getattr(memory, "peak_wset", memory.rss)) / _MIB


class Watched:
    """A process and all that it starts, with a mark by which they are found."""

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str],
        log: Path,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.mark = new_mark()
        # The file may be closed here: the child keeps its own handle.
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                command,
                env={**environment, NAME: self.mark},
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
        self.family: dict[int, psutil.Process] = {}
        self.peaks: dict[int, float] = {}

    def sample(self) -> None:
        """Note the descendants that live now and their memory."""
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            return
        for child in children:
            try:
                self.family[child.pid] = child
                self.peaks[child.pid] = max(self.peaks.get(child.pid, 0.0), _peak(child))
            except (psutil.Error, OSError):
                continue

    @property
    def peak_mib(self) -> float:
        """The largest peak of any descendant: the kernel."""
        return max(self.peaks.values(), default=0.0)

    def wait(self, limit: float, cancel: Event) -> int | None:
        """Return the exit status, or None after ``limit`` seconds.

        Raises
        ------
        Cancelled
            When ``cancel`` is set meanwhile; everything is stopped then.
        """
        end = time.monotonic() + limit
        while (status := self.process.poll()) is None:
            self.sample()
            if cancel.is_set():
                self.stop()
                raise Cancelled
            if time.monotonic() > end:
                self.stop()
                return None
            time.sleep(_SAMPLE_SECONDS)
        self.stop()  # a kernel that outlived its worker
        return status

    def stop(self) -> None:
        """End the process, every descendant ever seen and all with its mark; wait for them."""
        self.sample()
        doomed = list(self.family.values())
        for process in (self.process, *doomed):
            try:
                process.kill()
            except (psutil.Error, OSError):
                continue
        self.process.wait()
        end_marked(self.mark)
        psutil.wait_procs(doomed, timeout=5)


def python_module(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module by this Python."""
    return [sys.executable, "-m", module, *arguments]
