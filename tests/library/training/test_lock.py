"""One run at a time in a folder of checkpoints, and what a full disk says."""

import os
import subprocess
import sys

import pytest
import torch

from tests.library.training.training_cases import blobs, digest, net
from tlbook.training import CheckpointError, Checkpoints, ShardedCheckpoints, fit, lock

TAKE = "import sys, time; from tlbook._base.lock import take; from pathlib import Path\n"
TAKE += "take(Path(sys.argv[1])); print('taken', flush=True); time.sleep(120)"


@pytest.fixture
def other(tmp_path):
    """Another process that holds the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", TAKE, str(tmp_path / ".lock")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "taken\n"
        yield process
        process.kill()


def train(folder, **change):
    model = net()
    history = fit(model, blobs(), checkpoint=folder, seed=1, **{"steps": 6, **change})
    return digest(model), history


def test_a_second_run_is_told_who_has_the_folder_and_harms_nothing(tmp_path, other):
    half = tmp_path / f".writing-{other.pid}"
    half.mkdir()
    with pytest.raises(CheckpointError, match=rf"in use by another run \(process {other.pid}, sin"):
        train(tmp_path)
    assert half.exists(), "what the other is writing is not swept away"
    other.kill()
    other.wait()
    assert train(tmp_path)[0] == train(None)[0]
    assert not half.exists()


def test_one_process_may_call_again_and_lets_go_at_the_end(tmp_path):
    train(tmp_path)
    assert train(tmp_path)[1].resumed_at == 6
    taken = subprocess.run(
        [sys.executable, "-c", TAKE.split("; print")[0], str(tmp_path / ".lock")],
        capture_output=True,
        text=True,
    )
    assert taken.returncode == 0, taken.stderr


def test_an_error_lets_the_folder_go(tmp_path):
    def fail(step, batch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(net(), blobs(), steps=6, checkpoint=tmp_path, callback=fail)
    test_one_process_may_call_again_and_lets_go_at_the_end(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="limits of Unix")
def test_a_full_disk_is_one_line_and_the_run_goes_on_afterwards(tmp_path):
    import resource

    kept = Checkpoints(tmp_path, every=2)
    train(kept, callback=lambda step, batch: step == 1)
    before = sorted(path.name for path in tmp_path.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(step, batch):
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))

    try:
        with pytest.raises(
            CheckpointError, match=r"disk of .* is full .*from step-00000002"
        ) as told:
            train(kept, callback=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(told.value) and str(tmp_path) in str(told.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "nothing half-made"
    again, history = train(kept)
    assert history.resumed_at == 2 and again == train(None)[0]


def test_a_path_that_is_no_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(CheckpointError, match="checkpoint: got .*file.*, want a folder"):
            train(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(CheckpointError, match="cannot write in"):
        train(tmp_path)
    tmp_path.chmod(0o700)


def test_a_sharded_checkpoint_has_one_writer_too(tmp_path, other):
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    kept = ShardedCheckpoints(tmp_path)
    told = rf"in use by another run \(process {other.pid}"
    with pytest.raises(CheckpointError, match=told):
        kept.save(1, model, optimizer)
    with pytest.raises(CheckpointError, match=told):
        kept.load(model, optimizer)
    other.kill()
    other.wait()
    kept.save(1, model, optimizer)
    command = [sys.executable, "-c", TAKE.split("; print")[0], str(tmp_path / ".lock")]
    held = subprocess.run(command, capture_output=True, text=True)
    assert f"Held: process {os.getpid()}, since" in held.stderr
    del kept
    assert subprocess.run(command).returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="no umask here")
@pytest.mark.parametrize(("umask", "rights"), [(0o002, 0o664), (0o077, 0o600)])
def test_the_lock_follows_the_umask(tmp_path, umask, rights):
    code = TAKE.split("; print")[0]
    subprocess.run([sys.executable, "-c", code, tmp_path / "lock"], check=True, umask=umask)
    assert (tmp_path / "lock").stat().st_mode & 0o777 == rights


def test_the_lock_of_another_user_is_not_passed_over(tmp_path, monkeypatch):
    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(lock, "take", closed)
    with pytest.raises(CheckpointError, match=r"\.lock belongs to another user .*another folder"):
        train(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)  # nobody writes there: only read
    assert train(tmp_path)[1].resumed_at == 0


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are followed here")
def test_a_link_in_place_of_the_lock_empties_nothing(tmp_path):
    (tmp_path / "mine").write_text("kept")
    (tmp_path / "lock").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic links"):
        lock.take(tmp_path / "lock")
    assert (tmp_path / "mine").read_text() == "kept"
