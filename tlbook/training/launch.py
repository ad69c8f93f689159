"""Start a script in several processes on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tlbook._base.checks import check_positive


def launch(
    command: Sequence[str | Path], processes: int = 2, *, threads: int = 1, timeout: float = 600
) -> str:
    """Run ``torchrun --nproc-per-node processes COMMAND`` on loopback and return what it printed.

    Parameters
    ----------
    command : sequence of str
        A script and its arguments, or ``["-m", "package.module", …]``.
    processes, threads : int
        How many processes, and threads of each.
    timeout : float
        Seconds until all are stopped.

    Returns
    -------
    str
        Standard output of all processes.

    Raises
    ------
    ValueError
        If a number is not positive, or the command is empty.
    RuntimeError
        If a process failed; the message ends with what it said. If they were not done in time.
    """
    check_positive(processes, "processes", integer=True)
    check_positive(threads, "threads", integer=True)
    check_positive(timeout, "timeout")
    if isinstance(command, str | Path) or not command:
        raise ValueError(f"command: got {command!r}, want a list: a script and its arguments")
    runner = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    # A free port, and addresses that need no name service: it also works without a network.
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    meeting += ["--local-addr", "127.0.0.1", "--max-restarts", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MASTER_ADDR": "127.0.0.1"}
    if sys.platform == "linux":
        environment.setdefault("GLOO_SOCKET_IFNAME", "lo")
    started = subprocess.Popen(
        [*runner, *meeting, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment,
    )
    try:
        out, said = started.communicate(timeout=timeout)
    except BaseException as error:
        _end(started)
        if isinstance(error, subprocess.TimeoutExpired):
            raise RuntimeError(f"launch: not done after {timeout:g} s; all were ended") from None
        raise
    if started.returncode:
        raise RuntimeError(f"launch: a process failed\n{_cause(said)}")
    return out


def _end(launcher: subprocess.Popen[str]) -> None:
    """End the launcher so that it ends its processes: killed at once, it would leave them."""
    launcher.terminate()
    try:
        launcher.communicate(timeout=40)  # it waits 30 s for them itself
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.communicate()


def _cause(stderr: str) -> str:
    """Return the first traceback of a worker: the launcher's own comes after it and says less."""
    lines = stderr.strip().splitlines()
    start = next((i for i, line in enumerate(lines) if "Traceback" in line), 0)
    for end in range(start + 1, len(lines)):
        if lines[end] and "Error" in lines[end] and not lines[end].startswith(" "):
            return "\n".join(lines[start : end + 1])
    return "\n".join(lines[-20:])
