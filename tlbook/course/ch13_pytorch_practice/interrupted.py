"""A small training run to be killed and taken up again: ``python -m … FOLDER``.

The chapter starts it in a process of its own, kills that without warning, looks at what is on the
disk, and goes on from there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tlbook._base.checks import check_positive

STEPS, EVERY = 32, 4
PAUSE = 0.05
"""Seconds that the process sleeps after each step, so that there is time to kill it."""


def train(
    folder: str | Path | None = None, *, pause: float = 0.0, seed: int = 0, lr: float = 3e-3
) -> Any:
    """Fine-tune ``signnet`` on fifty pictures; with a folder, checkpoints are kept and taken up.

    Parameters
    ----------
    folder : str or Path, optional
        Of the checkpoints, one every four steps.
    pause : float
        Seconds to sleep after each step.
    seed : int
        Of the labels, the head, the draws and the augmentation.
    lr : float
        Learning rate at the start.

    Returns
    -------
    model, history
    """
    import torch

    from tlbook.course.ch13_pytorch_practice.methods import augmenter
    from tlbook.data.signs import load_signs
    from tlbook.models import create
    from tlbook.training import Checkpoints, fit

    check_positive(pause, "pause", zero_ok=True)
    X, y = load_signs(seed=seed).label(5, seed=seed)
    model = create("signnet", weights="embedded", n_classes=10, seed=seed)

    def rest(step: int, batch: Any) -> None:
        time.sleep(pause)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order would round otherwise
    try:
        history = fit(
            model,
            (X, y),
            steps=STEPS,
            batch_size=16,
            lr=lr,
            schedule="cosine",
            augment=augmenter("photometric", 1),
            seed=seed,
            device="cpu",
            checkpoint=None if folder is None else Checkpoints(folder, every=EVERY, keep=2),
            callback=rest if pause else None,
            progress=False,
        )
    finally:
        torch.set_num_threads(threads)
    return model, history


def start(folder: str | Path, *, seed: int = 0) -> subprocess.Popen[str]:
    """Start the run in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tlbook.course.ch13_pytorch_practice.interrupted",
        str(folder),
        str(seed),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TLBOOK_QUIET": "1"}
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    )


def kill_after(
    process: subprocess.Popen[str], folder: str | Path, step: int, *, timeout: float = 300
) -> int:
    """Kill the process (by its id, without warning) once it has kept a checkpoint of ``step``.

    Returns
    -------
    int
        Its exit status; on Linux and macOS −9, the number of the signal that nobody can catch.

    Raises
    ------
    RuntimeError
        If it ended by itself, or nothing was kept in time; it is stopped in any case.
    """
    from tlbook.training import Checkpoints

    kept, end = Checkpoints(folder), time.monotonic() + timeout
    try:
        while process.poll() is None and time.monotonic() < end:
            if kept.steps() and kept.steps()[-1] >= step:
                process.kill()
                return process.wait()
            time.sleep(0.01)
        late = process.poll() is None
    finally:
        if process.poll() is None:
            process.kill()
        _, said = process.communicate()
    if late:
        raise RuntimeError(f"no checkpoint of step {step} within {timeout:g} s")
    raise RuntimeError(f"the run ended by itself before it was killed: {said.strip()[-500:]}")


def on_disk(folder: str | Path) -> list[str]:
    """Return the files below the folder with their sizes, without the path to it."""
    top = Path(folder)
    files = sorted(path for path in top.rglob("*") if path.is_file())
    return [f"{f.relative_to(top).as_posix()}  {f.stat().st_size:,} bytes" for f in files]


def differing(first: Any, second: Any) -> list[str]:
    """Return the names of the tensors in which two networks are not the same, bit for bit."""
    import torch

    ours, theirs = first.state_dict(), second.state_dict()
    if ours.keys() != theirs.keys():
        raise ValueError("second: got other layers than first, want the same network")
    return [name for name, value in ours.items() if not torch.equal(value, theirs[name])]


if __name__ == "__main__":
    train(sys.argv[1], pause=PAUSE, seed=int(sys.argv[2]))
