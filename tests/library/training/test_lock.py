"""One run at a time in a folder of checkpoints, and what a full disk says."""

import os
import subprocess
import sys

import pytest

from tests.library.training.training_cases import blobs, digest, net
from tlbook.training import CheckpointError, Checkpoints, fit

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
