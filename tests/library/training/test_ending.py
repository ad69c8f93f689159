"""An error of one process is told once and ends the others; nobody outlives the launcher."""

import os
import signal
import subprocess
import sys

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file

from tests.library.scale.machines import ROOT, until
from tests.library.scale.test_orphans import lives
from tests.library.training import processes_script
from tlbook.training import launch
from tlbook.training.ending import is_loss

TRAINS = """
import os, pathlib, sys, time
from safetensors.torch import save_file
from tests.library.training import processes_script
from tlbook.training import Checkpoints, join

folder, how = pathlib.Path(sys.argv[1]), sys.argv[2]
with join(2, "cpu") as world:

    def after(step, batch):
        if how == "stays":
            (folder / f"pid-{world.rank}").write_text(str(os.getpid()))
            time.sleep(0.2)
        if step == 3 and how == "killed" and world.rank == 1:
            os.kill(os.getpid(), 9)
        if step == 3 and how == "one" and world.rank == 1:
            raise ZeroDivisionError("the second is ill")
        if step == 3 and how == "both":
            raise LookupError("all are ill")

    kept = Checkpoints(folder / "kept", every=2) if how in ("killed", "again") else None
    steps = 1000 if how == "stays" else 20
    result = processes_script.run("plain", steps=steps, callback=after, checkpoint=kept)
    save_file(result, folder / f"end-{world.rank}.safetensors")
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "trains.py"
    path.write_text(TRAINS)
    return path


def started(script, how):
    ours = [sys.executable, "-m", "tlbook.workshop.torchrun", "--standalone"]
    ours += ["--local-addr", "127.0.0.1", "--nproc-per-node", "2"]
    command = [*ours, str(script), str(script.parent), how]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def said(script, how):
    """Return what the two processes and the launcher write to stderr."""
    done = started(script, how)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.slow
def test_an_error_of_one_process_is_the_only_traceback(script):
    text = said(script, "one")
    assert text.count("Traceback (most recent call last)") == 1
    assert "[rank1]: ZeroDivisionError: the second is ill" in text
    assert "which do not fit together" not in text, "the input of the other process was right"
    assert text.strip().splitlines()[-1] == (
        "tlbook: process 1 ended with exit status 1, and the others with it"
    )


@pytest.mark.slow
def test_an_error_of_all_processes_is_told_once(script):
    text = said(script, "both")
    assert text.count("Traceback (most recent call last)") == 1
    assert text.count("]: LookupError: all are ill") == 1


@pytest.mark.slow
def test_a_killed_process_leaves_a_line_and_the_same_command_goes_on(script, tmp_path):
    text = said(script, "killed")
    assert "Traceback" not in text
    assert "process 1 ended by signal 9 (often because memory ran out)" in text
    before = {path.name for path in (tmp_path / "kept").glob("step-*")}
    assert before and max(before) <= "step-00000004"
    again = started(script, "again")
    assert again.returncode == 0, again.stderr
    whole = processes_script.run("plain")
    for rank in range(2):
        found = load_file(tmp_path / f"end-{rank}.safetensors")
        assert found.keys() == whole.keys() and len(found["columns.loss"]) == 20
        for name in whole.keys() - {"rows"}:
            torch.testing.assert_close(
                found[name].double(), whole[name].double(), atol=2e-5, rtol=0
            )


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process on Windows keeps its parent's number")
def test_processes_end_with_their_launcher(script, tmp_path):
    runner = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    runner += ["--local-addr", "127.0.0.1", "--nproc-per-node", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    launcher = subprocess.Popen([*runner, script, tmp_path, "stays"], env=environment)
    files = [tmp_path / f"pid-{rank}" for rank in range(2)]
    until(lambda: all(file.exists() and file.read_text() for file in files), seconds=90)
    pids = [int(file.read_text()) for file in files]
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    until(lambda: not any(map(lives, pids)), seconds=15)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="looks at processes as POSIX shows them")
def test_launch_leaves_nothing_behind_where_time_is_up(tmp_path):
    script = tmp_path / "sleeps.py"
    script.write_text(
        "import os, sys, time\n"
        "open(sys.argv[1] + '/pid-' + os.environ['RANK'], 'w').write(str(os.getpid()))\n"
        "time.sleep(100)\n"
    )
    with pytest.raises(RuntimeError, match="launch: not done after 20 s; all were ended"):
        launch([script, tmp_path], 2, timeout=20)
    pids = [int(file.read_text()) for file in tmp_path.glob("pid-*")]
    assert len(pids) == 2 and not any(map(lives, pids))


def test_which_errors_only_say_that_another_process_is_gone():
    lost = RuntimeError("[gloo/transport/tcp/pair.cc:561] Connection closed by peer [::1]:4995")
    told = ValueError("model: got model LeNet, which do not fit together")
    told.__cause__ = lost
    assert is_loss(lost) and is_loss(told)
    assert is_loss(dist.DistBackendError("ncclRemoteError: remote process exited"))
    assert not is_loss(RuntimeError("Timed out waiting 600000ms for recv operation"))
    assert not is_loss(ConnectionResetError("Connection reset by peer")), "of a download, say"
    assert not is_loss(ValueError("broken pipe"))
