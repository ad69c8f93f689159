"""Nothing stays behind where the process that asked for a comparison is killed."""

import os
import signal
import subprocess
import sys

import pytest

from tests.library.scale.machines import ROOT, until

pytest.importorskip("loky")

ASKS = """
import sys
from tests.library.scale import jobs_for_tests as jobs
from tlbook.scale import Call, spread

folder, stay = sys.argv[1:]
calls = [Call(f"job {k}", jobs.slow, {"k": k, "folder": folder, "stay": stay}) for k in range(4)]
done = spread(calls, "local", workers=2, folder=folder + "/run")
print([each.value["k"] for each in done])
"""


def lives(pid):
    """Whether a process runs; one that waits to be counted by its new parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return not state.stdout.startswith("Z") and bool(state.stdout.strip())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process on Windows keeps its parent's number")
def test_workers_end_with_the_process_that_asked_and_the_run_goes_on(tmp_path):
    stay = tmp_path / "stay"
    stay.write_text("")
    command = [sys.executable, "-c", ASKS, str(tmp_path), str(stay)]
    asking = subprocess.Popen(command, cwd=ROOT)
    begun = lambda: sorted(tmp_path.glob("begun-*"))  # noqa: E731
    until(lambda: len(begun()) >= 2, seconds=60)
    workers = {int(file.read_text().split()[0]) for file in begun()}
    assert len(workers) == 2 and all(map(lives, workers))
    asking.send_signal(signal.SIGKILL)
    asking.wait()
    until(lambda: not any(map(lives, workers)), seconds=15)
    stay.unlink()
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert again.stdout.strip() == "[0, 1, 2, 3]", again.stderr
