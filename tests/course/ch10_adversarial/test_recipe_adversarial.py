"""The recipe of chapter 10 as a script on folders: whole, killed and resumed, with bad files."""

import os
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tlbook.workshop import recipes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two classes of bars, printed with labels and drawn thicker without; two damaged files."""
    root, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)

    def save(path, upright, thick):
        x = rng.integers(0, 60, size=(12, 12)).astype(np.uint8)
        at = int(rng.integers(2, 7))
        x[(slice(None), slice(at, at + thick))[:: 1 if upright else -1]] = 220
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(x).save(path)

    for i in range(120):
        name = "upright" if i % 2 else "flat"
        save(root / "printed" / name / f"{i:03}.png", i % 2, 2)
        save(root / "drawn" / f"{i:03}.png", i % 2, 4)
    for part in ("printed/flat", "drawn"):
        (root / part / "broken.png").write_bytes(b"no picture")
    return root


def script(folders, out, **options):
    options = {"data": folders / "printed", "target": folders / "drawn", "epochs": 3} | options
    return recipes.write("adversarial", out, device="cpu", **options)


def run(path):
    command, environment = recipes.command(path), recipes.environment()
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_a_whole_run_and_the_same_after_a_kill(folders, tmp_path):
    done = run(script(folders, tmp_path / "whole"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("left out, not readable: broken.png") == 2
    assert "120 unlabeled pictures" in done.stdout and "chosen without a target" in done.stdout
    table = pd.read_csv(tmp_path / "whole" / "answers.csv")
    assert len(table) == 120 and set(table.answer) <= {"flat", "upright"}
    assert "not known" in (tmp_path / "whole" / "README.md").read_text(encoding="utf-8")

    path = script(folders, tmp_path / "killed")
    game = subprocess.Popen(
        recipes.command(path), env=recipes.environment(), stdout=subprocess.PIPE, text=True
    )
    for line in game.stdout:
        if "λ 0.3 seed 0 epoch 1" in line:
            os.kill(game.pid, signal.SIGKILL)
            break
    game.wait()
    began = time.time()
    again = run(path)
    assert again.returncode == 0, again.stderr
    assert "λ 0.0 seed 1 epoch 3/3" not in again.stdout, "it began anew"
    assert again.stdout.splitlines()[-4:] == done.stdout.splitlines()[-4:]
    first, second = (
        torch.load(tmp_path / name / "model.pt", weights_only=True) for name in ("whole", "killed")
    )
    assert all(torch.equal(v, second["net"][key]) for key, v in first["net"].items())
    assert time.time() - began < 100


def test_what_cannot_be_used_is_named(folders, tmp_path):
    (tmp_path / "data" / "empty").mkdir(parents=True)
    (tmp_path / "data" / "full").mkdir()
    Image.new("L", (12, 12)).save(tmp_path / "data" / "full" / "a.png")
    failed = run(script(folders, tmp_path / "out", data=tmp_path / "data"))
    assert failed.returncode != 0 and "empty" in failed.stderr
    failed = run(script(folders, tmp_path / "out2", target=tmp_path / "data" / "empty"))
    assert failed.returncode != 0 and "TARGET: got" in failed.stderr
