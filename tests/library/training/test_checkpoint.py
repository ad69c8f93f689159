"""Checkpoints: a run that was killed ends as if it had not been; a bad one is refused."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from tests.library.training.training_cases import blobs, digest, judge, make_task, net, noise
from tlbook import models
from tlbook.objective import Objective
from tlbook.training import CheckpointError, Checkpoints, EarlyStopping, fit
from tlbook.training.trees import flatten, unflatten

OPTIONS = {"steps": 40, "batch_size": 16, "lr": 1e-2, "schedule": "one-cycle", "seed": 5}


def run(folder, stop_at=None, seed=0, every=7, keep=3, **change):
    """Train with everything that has state; stop at a step by the callback."""
    model, term = net(seed), judge()
    options = {**OPTIONS, "augment": noise, "clip": 1.0, **change}
    kept = None if folder is None else Checkpoints(folder, every=every, keep=keep)
    history = fit(
        model,
        make_task(),
        Objective(nn.functional.cross_entropy, term),
        checkpoint=kept,
        callback=lambda step, batch: step == stop_at,
        **options,
    )
    return digest(model, term), history, term


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("stop_at", [0, 13, 38])
def test_a_stopped_run_ends_as_the_undisturbed_one(tmp_path, optimizer, stop_at):
    whole, record, _ = run(None, optimizer=optimizer)
    _, first, _ = run(tmp_path, stop_at=stop_at, optimizer=optimizer)
    assert first.stopped == "callback" and first.steps == stop_at + 1
    again, second, term = run(tmp_path, optimizer=optimizer)
    assert again == whole
    assert second.resumed_at == stop_at + 1 and second.stopped is None
    assert term.calls == OPTIONS["steps"]
    for name, values in record.columns.items():
        assert np.array_equal(second.columns[name], values), name


def test_a_finished_run_is_not_run_again(tmp_path):
    whole, record, _ = run(tmp_path)
    again, second, _ = run(tmp_path)
    assert again == whole and second.resumed_at == OPTIONS["steps"]
    assert second.frame.equals(record.frame)


def test_checkpoints_do_not_change_the_run_and_only_the_last_stay(tmp_path):
    assert run(tmp_path, keep=2)[0] == run(None)[0]
    assert Checkpoints(tmp_path).steps() == [35, 40]
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == [".lock", "step-00000035", "step-00000040"]
    names = sorted(p.name for p in (tmp_path / "step-00000040").iterdir())
    assert names == ["state.json", "state.safetensors"]


def test_early_stopping_survives_a_stop(tmp_path):
    rule = EarlyStopping(every=3, patience=4)
    whole, record, _ = run(None, early_stopping=rule, lr=0.3)
    run(tmp_path, stop_at=8, early_stopping=rule, lr=0.3)
    again, second, _ = run(tmp_path, early_stopping=rule, lr=0.3)
    assert again == whole and second.stopped == record.stopped
    assert np.array_equal(
        second.columns["validation"], record.columns["validation"], equal_nan=True
    )
    # once it is over it stays over, and still gives the best weights back
    once_more, third, _ = run(tmp_path, early_stopping=rule, lr=0.3)
    assert once_more == whole and third.steps == record.steps


def test_channels_last_weights_resume_bit_for_bit(tmp_path):
    X = np.random.default_rng(0).random((32, 3, 24, 24), dtype=np.float32)
    y = np.arange(32) % 4

    def train(folder, stop_at=None):
        model = models.create("signnet", n_classes=4)
        fit(
            model,
            (X, y),
            steps=6,
            batch_size=8,
            checkpoint=folder,
            callback=lambda step, batch: step == stop_at,
        )
        return digest(model)

    whole = train(None)
    train(tmp_path, stop_at=2)
    assert train(tmp_path) == whole


SCRIPT = """
import os, random, signal, sys, time
import safetensors.torch, torch, torch._dynamo  # what the first run would import
torch.set_num_threads(1)
folder, root, moments = sys.argv[1], sys.argv[2], random.Random(0)
sys.path.insert(0, root)
from tests.library.training.test_checkpoint import Checkpoints, run
kills = 0
while True:
    # A fork, because starting Python and torch for every kill would take most of the time.
    before, child = Checkpoints(folder).steps()[-1:], os.fork()
    if child == 0:
        print(run(folder, every=1, keep=2, steps=120)[0], flush=True)
        os._exit(0)
    # Each child gets a few steps further, so that the run ends; the moment of its end is random.
    goal = (before[0] if before else 0) + moments.randint(1, 6)
    while (Checkpoints(folder).steps() or [0])[-1] < goal and not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.0005)
    time.sleep(moments.uniform(0, 0.01))
    try:
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    except (ProcessLookupError, ChildProcessError):
        status = 0
    if os.WIFSIGNALED(status):
        kills += 1
    elif Checkpoints(folder).steps()[-1] == 120:
        break
print(kills)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kill_at_any_moment_and_the_end_is_the_same(tmp_path, pytestconfig):
    folder = tmp_path / "run"
    command = [sys.executable, "-c", SCRIPT, str(folder), str(pytestconfig.rootpath)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    *ends, kills = done.stdout.split()
    assert int(kills) >= 8, "the run was killed too rarely to prove anything"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the script: more threads add in another order
    try:
        assert ends and set(ends) == {run(None, steps=120)[0]}
    finally:
        torch.set_num_threads(threads)
    assert [path.name for path in folder.glob(".*")] == [".lock"]


def test_what_a_killed_writer_leaves_is_ignored_and_removed(tmp_path):
    whole, _, _ = run(None)
    run(tmp_path, stop_at=13)
    half = tmp_path / ".writing-1"
    half.mkdir()
    (half / "state.safetensors").write_bytes(b"half")
    assert run(tmp_path)[0] == whole and not half.exists()


@pytest.mark.slow
@pytest.mark.parametrize("file", ["state.safetensors", "state.json"])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_a_damaged_checkpoint_is_refused_and_the_cure_works(tmp_path, file, harm):
    whole, _, _ = run(None)
    run(tmp_path, stop_at=20)
    last = tmp_path / "step-00000021"
    path = last / file
    content = bytearray(path.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    elif harm == "cut":
        path.write_bytes(bytes(content[: len(content) // 2]))
    else:
        path.unlink()
    with pytest.raises(CheckpointError, match=r"delete step-00000021 .* go on from step 14"):
        run(tmp_path)
    for rest in last.iterdir():
        rest.unlink()
    last.rmdir()
    assert run(tmp_path)[0] == whole


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 41}, "steps: there 40, here 41"),
        ({"lr": 0.02}, "trained"),
        ({"batch_size": 8}, "batch_size"),
        ({"schedule": "cosine"}, "schedule: there 'one-cycle', here 'cosine'"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"clip": None}, "clip"),
        ({"augment": None}, "augment"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(tmp_path, change, words):
    run(tmp_path, stop_at=13)
    with pytest.raises(CheckpointError, match=words):
        run(tmp_path, **change)


def test_other_weights_other_data_and_other_networks_are_refused(tmp_path):
    X, y = blobs()
    fit(net(), (X, y), steps=4, checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match="starting weights"):
        fit(net(1), (X, y), steps=4, checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match="data"):
        fit(net(), (X + 1, y), steps=4, checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match="data"):
        fit(net(), (X, y[::-1].copy()), steps=4, checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match="network"):
        fit(net(h=9), (X, y), steps=4, checkpoint=tmp_path)


def test_another_format_is_refused(tmp_path):
    import hashlib

    fit(net(), blobs(), steps=4, checkpoint=tmp_path)
    path = tmp_path / "step-00000004" / "state.json"
    record = json.loads(path.read_text().split("\n", 1)[1])
    text = json.dumps(record | {"format": 99})
    path.write_text(hashlib.sha256(text.encode()).hexdigest() + "\n" + text)
    with pytest.raises(CheckpointError, match="format 99, want 1"):
        fit(net(), blobs(), steps=4, checkpoint=tmp_path)


def test_a_state_of_any_shape_comes_back_exactly():
    tree = {
        "a": [torch.arange(3), (1, 2.5, None, True, "x")],
        3: {"deep": np.array([0.1, np.nan])},
        "float": 0.1 + 0.2,
    }
    skeleton, tensors = flatten(tree)
    back = unflatten(json.loads(json.dumps(skeleton)), tensors)
    assert back["float"] == tree["float"] and list(back) == ["a", 3, "float"]
    assert torch.equal(back["a"][0], torch.arange(3)) and back["a"][1] == (1, 2.5, None, True, "x")
    assert np.array_equal(back[3]["deep"].numpy(), tree[3]["deep"], equal_nan=True)
    with pytest.raises(ValueError, match=r"state\.a: got set"):
        flatten({"a": {1, 2}})


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="every"):
        Checkpoints("x", every=0)
    with pytest.raises(ValueError, match="keep"):
        Checkpoints("x", keep=0)
