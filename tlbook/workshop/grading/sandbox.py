"""A confined run: limits, no network, a throw-away folder, and another user where that is allowed.

What of it a system gives is found out by a trial and told (:attr:`Sandbox.missing`).
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import psutil

from tlbook.course import chapters
from tlbook.workshop.offline import namespace_prefix
from tlbook.workshop.runner.process import Watched, kernel_environment, python_module

_MIB = 2**20
# Between the users of people and those of the system's own services.
_FIRST_USER, _USERS = 61184, 4000


@dataclass(frozen=True)
class Limits:
    """What one notebook may use: seconds in all and in a cell, MiB, processes and threads."""

    seconds: float = 600.0
    cell_seconds: float = 120.0
    memory_mib: float = 4096.0
    processes: int = 400


class Guarded(Watched):
    """A process whose family is ended when it grows beyond its limits; ``broken`` says how."""

    def __init__(self, command: list[str], folder: Path, log: Path, limits: Limits) -> None:
        self.limits = limits
        self.broken = ""
        super().__init__(command, _environment(folder), log, stdin=subprocess.PIPE)

    def sample(self) -> None:
        super().sample()
        alive = [p for p in self.family.values() if p.is_running()]
        memory = 0.0
        for process in alive:
            try:
                memory += process.memory_info().rss / _MIB
            except psutil.Error:
                continue
        if memory > self.limits.memory_mib:
            self.broken = f"used more than {self.limits.memory_mib:.0f} MiB of memory"
        elif len(alive) > self.limits.processes:
            self.broken = f"started more than {self.limits.processes} processes"

    def until_end(self) -> str:
        """Wait for the end, and return what limit was broken, if one was."""
        end = time.monotonic() + self.limits.seconds
        while self.process.poll() is None and not self.broken:
            self.sample()
            if time.monotonic() > end:
                self.broken = f"ran longer than {self.limits.seconds:.0f} s"
            time.sleep(0.1)
        self.stop()
        return self.broken


@dataclass(frozen=True)
class Means:
    """What a system can do: a prefix without a network, other folders, another user."""

    prefix: tuple[str, ...] = ()
    own_folders: bool = False
    user: int = 0


class Sandbox:
    """Runs modules of this Python confined; ask :attr:`missing` what this system does not give."""

    def __init__(self) -> None:
        self.runs = itertools.count()

    @cached_property
    def means(self) -> Means:
        """The strongest means that a trial run gets through with."""
        user = 0
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            user = _FIRST_USER + os.getpid() % _USERS
        apart = tuple(namespace_prefix(_APART) or ())
        quiet = tuple(namespace_prefix() or ())
        for means in (
            Means(apart, bool(apart), user),
            Means(apart, bool(apart)),
            Means(quiet, False, user),
            Means(quiet),
        ):
            if self._works(means):
                return means
        return Means()

    def _works(self, means: Means) -> bool:
        folder = Path(tempfile.mkdtemp(prefix="tlbook-grade-"))
        try:
            command = self._command(means, folder, Limits(), ("-c", _TRIAL))
            if means.user:
                os.chown(folder, means.user, means.user)
            trial = subprocess.run(
                command, env=_environment(folder), stdin=subprocess.DEVNULL, capture_output=True
            )
            return trial.returncode == 0
        except OSError:
            return False
        finally:
            throw_away(folder)

    @property
    def missing(self) -> list[str]:
        """What a notebook is not kept from on this system, in words."""
        found = []
        if not self.means.prefix:
            found.append("it can reach the network")
        if not self.means.own_folders and not self.means.user:
            found.append("it runs as you, and can read and change your files")
        return found

    def run(self, module: str, job: Path, limits: Limits) -> str:
        """Run ``python -m module JOB`` in the job's folder; return the limit that it broke."""
        folder, means = job.parent, self._of_its_own()
        if means.user:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, means.user, means.user)
        command = self._command(means, folder, limits, ("-m", module, str(job)))
        handle, log = tempfile.mkstemp(prefix="tlbook-grade-", suffix=".log")
        os.close(handle)
        watched = Guarded(command, folder, Path(log), limits)
        try:
            return watched.until_end()
        finally:
            watched.stop()
            os.unlink(log)

    def _of_its_own(self) -> Means:
        """Return the means with a user of its own for each run.

        Limits of processes count by user, and a user may stop its other processes: of notebooks
        that run at once, none can take the processes of another.
        """
        user = self.means.user
        if not user:
            return self.means
        number = user - _FIRST_USER + next(self.runs)
        return replace(self.means, user=_FIRST_USER + number % _USERS)

    def _command(
        self, means: Means, folder: Path, limits: Limits, python: tuple[str, ...]
    ) -> list[str]:
        confined = {
            "hidden": _HIDDEN if means.own_folders else [],
            "kept": [sys.prefix, sys.base_prefix, str(chapters.root())],
            "own": str(folder),
            "processes": limits.processes + (0 if means.prefix else _threads_of_this_user()),
            "file_bytes": 256 * _MIB,
            "data_bytes": int(2 * limits.memory_mib * _MIB),
            "user": means.user,
        }
        return [
            *means.prefix,
            *python_module("tlbook.workshop.grading.confine", json.dumps(confined)),
            sys.executable,
            *python,
        ]


_APART = ("--pid", "--fork", "--mount-proc", "--kill-child")
_HIDDEN = sorted({str(Path.home()), "/home", "/root", tempfile.gettempdir(), "/tmp", "/var/tmp"})
_TRIAL = "import nbclient, ipykernel, tlbook.course.chapters; open('trial', 'w').close()"


def _threads_of_this_user() -> int:
    """Return how many threads this user has: the limit counts them too."""
    mine, count = os.getuid() if hasattr(os, "getuid") else None, 0
    for process in psutil.process_iter():
        try:
            count += process.num_threads() if mine in (None, process.uids().real) else 0
        except (psutil.Error, AttributeError):
            continue
    return count


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which everything that is kept lies in the throw-away folder."""
    environment = kernel_environment(None)
    environment["PYTHONPATH"] = str(chapters.root())
    for name in [n for n in environment if n.startswith(("XDG_", "JUPYTER_", "IPYTHON"))]:
        del environment[name]
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    for name in ("HOME", "TMPDIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        environment[name] = str(folder)
    environment["TLBOOK_CACHE"] = str(folder / "cache")
    environment["USER"] = environment["LOGNAME"] = "learner"
    environment["TLBOOK_SKIP_SETUP"] = "1"
    return environment


def throw_away(folder: Path) -> None:
    """Remove a folder, whatever rights its files were given."""
    shutil.rmtree(folder, ignore_errors=True)
