"""Machines on loopback: a Dask scheduler and workers, each a process that can be killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machines:
    """A scheduler and its workers; everything ends with the test."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.scheduler, self.workers = None, {}
        self.start_scheduler()

    @property
    def on(self):
        return f"dask://127.0.0.1:{self.port}"

    def _start(self, name, *arguments, **environment):
        log = (self.folder / f"{name}.log").open("a")
        command = [sys.executable, "-m", *arguments]
        own = {
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "TLBOOK_CACHE": str(self.folder / "cache"),
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "20s",
        }
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **own, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )

    def start_scheduler(self):
        self.scheduler = self._start(
            "scheduler",
            "distributed.cli.dask_scheduler",
            *("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"),
            *("--no-jupyter",),
        )

    def start_worker(self, name, preload="", **environment):
        """Start a worker; ``preload`` is code that it runs first."""
        extra = ()
        if preload:
            file = self.folder / f"{name}_preload.py"
            file.write_text(preload)
            extra = ("--preload", str(file))
        self.workers[name] = self._start(
            name,
            "distributed.cli.dask_worker",
            f"tcp://127.0.0.1:{self.port}",
            *("--name", name, "--nthreads", "1", "--no-nanny", "--no-dashboard"),
            *("--host", "127.0.0.1", "--memory-limit", "0", "--death-timeout", "60"),
            *("--local-directory", str(self.folder / f"{name}_own"), *extra),
            **environment,
        )

    def wait(self, count, seconds=60):
        """Wait until so many workers are there."""
        from distributed import Client

        with Client(f"tcp://127.0.0.1:{self.port}", timeout=30, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=seconds)

    def kill(self, name, how=signal.SIGKILL):
        process = self.scheduler if name == "scheduler" else self.workers[name]
        process.send_signal(how)

    def stop(self):
        for process in [*self.workers.values(), self.scheduler]:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


def until(condition, seconds=30):
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
