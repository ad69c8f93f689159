"""The same run in one process and in two, by two launchers: how many really ran, same weights?

``accelerate launch --cpu --num_processes 2`` is asked for two processes as well. The script says
how large its world is, so that a launcher that starts fewer is found out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tlbook.course.ch13_pytorch_practice import together
from tlbook.course.studies import Study, grid
from tlbook.training import launch

SCRIPT = ["-m", "tlbook.course.ch13_pytorch_practice.together"]
ACCELERATE = [
    sys.executable,
    "-m",
    "accelerate.commands.launch",
    "--cpu",
    "--num_processes",
    "2",
    "--num_machines",
    "1",
    "--mixed_precision",
    "no",
    "--dynamo_backend",
    "no",
    *SCRIPT,
]


def by_accelerate(wanted: int, out: str) -> str:
    """Return what the script printed under ``accelerate launch``; raises if it failed."""
    done = subprocess.run(
        [*ACCELERATE, str(wanted), out],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def world_size(printed: str) -> int:
    """Return how many processes said that they ran."""
    return len(set(re.findall(r"process (\d+) of", printed)))


def trial(launcher: str, asked: int) -> dict[str, Any]:
    """Return how many processes ran, and the largest difference of a weight to one alone."""
    alone, _ = together.train()
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "weights.safetensors")
        if launcher == "torchrun":
            printed = launch([*SCRIPT, str(asked), out], processes=asked)
        else:
            printed = by_accelerate(0, out)
        difference = together.largest_difference(alone, out)
    return {"ran": world_size(printed), "difference": difference}


study = Study(
    trial,
    cases=[*grid(launcher=("torchrun",), asked=(1, 2, 3)), {"launcher": "accelerate", "asked": 2}],
)
