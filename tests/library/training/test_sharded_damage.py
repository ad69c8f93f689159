"""Sharded checkpoints that are damaged, planted or of another network: refused, nothing is run."""

import io
import os
import pickle
import random
import shutil
from types import SimpleNamespace

import pytest
import torch

from tlbook.training import CheckpointError, ShardedCheckpoints
from tlbook.training.sums import SUMS, write_sums


def network(width=3):
    torch.manual_seed(width)
    net = torch.nn.Sequential(torch.nn.Linear(6, width), torch.nn.Linear(width, 2))
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.ones(1, 6)).sum().backward()
    optimizer.step()
    return net, optimizer


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    ShardedCheckpoints(folder).save(7, *network())
    return folder


def damaged(data, kind, rng):
    """Return a file's bytes after an accident; None where it is gone."""
    at = rng.randrange(len(data))
    if kind == "a bit":
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if kind == "zeros":
        return data[:at] + bytes(len(data[at : at + 50]) or 1) + data[at + 50 :] + b"0"
    return {"cut": data[:at], "more": data + b"x", "gone": None}[kind]


@pytest.mark.parametrize("kind", ["a bit", "zeros", "cut", "more", "gone"])
def test_damage_is_refused_with_a_cure(written, kind, tmp_path):
    rng = random.Random(kind)
    for number in range(12):
        folder = shutil.copytree(written, tmp_path / str(number))
        path = rng.choice(sorted(folder.glob("step-*/*")))
        if (data := damaged(path.read_bytes(), kind, rng)) is None:
            path.unlink()
        else:
            path.write_bytes(data)
        with pytest.raises(CheckpointError, match="checkpoint: step-00000007/.*; delete the fold"):
            ShardedCheckpoints(folder).load(*network())


class Evil:
    def __reduce__(self):
        return os.mkdir, ("code-was-run",)


def test_a_planted_index_runs_nothing(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(written, tmp_path / "kept")
    place = folder / "step-00000007"
    for planted in (pickle.dumps(Evil()), pickle.dumps({"no": "index"}), b"junk"):
        (place / ".metadata").write_bytes(planted)
        (place / f"{SUMS}.0").unlink()
        write_sums(place, 0, 1)  # who plants an index can write its sum, too
        with pytest.raises(CheckpointError, match="does not fit this network and optimizer"):
            ShardedCheckpoints(folder).load(*network())
    assert not (tmp_path / "code-was-run").exists()


def test_a_planted_value_runs_nothing(tmp_path, monkeypatch):
    from tlbook.training.sharded_reading import Planner

    monkeypatch.chdir(tmp_path)
    planner = Planner()
    planner.flatten_state_dict, planner.state_dict = False, {}
    item = SimpleNamespace(dest_index=SimpleNamespace(fqn="rate"))
    for value, safe in ((0.5, True), (Evil(), False)):
        buffer = io.BytesIO()
        torch.save(value, buffer)
        buffer.seek(0)
        if safe:
            planner.load_bytes(item, buffer)
        else:
            with pytest.raises(pickle.UnpicklingError):
                planner.load_bytes(item, buffer)
    assert planner.state_dict == {"rate": 0.5} and not (tmp_path / "code-was-run").exists()


def test_another_network_is_refused(written):
    with pytest.raises(CheckpointError, match="step-00000007 does not fit this network"):
        ShardedCheckpoints(written).load(*network(width=4))
