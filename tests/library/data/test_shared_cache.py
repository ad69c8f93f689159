"""One cache folder for many writers: a reader sees a whole entry or none, also after kill -9."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

AT_WORK = """
import sys, time
from pathlib import Path
import numpy as np
from tlbook.data.cache import read_entry, write_entry

path, made = Path(sys.argv[1]), np.arange(40_000)
print("begun", flush=True)
end = time.monotonic() + 2.0
while time.monotonic() < end:
    write_entry(path, made)
    assert (read_entry(path) == made).all()
"""


@pytest.mark.slow
def test_many_writers_and_one_that_is_killed(tmp_path):
    from tlbook.data.cache import read_entry

    path = tmp_path / "shared" / "entry.joblib"
    command = [sys.executable, "-c", AT_WORK, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    for writer in writers:
        assert writer.stdout.readline() == b"begun\n"
    time.sleep(0.3)
    writers[0].kill()
    assert [writer.wait() for writer in writers] == [-9, 0, 0]
    assert read_entry(path).sum() == sum(range(40_000))
    left = [name for name in os.listdir(path.parent) if name != path.name]
    assert len(left) <= 1  # at most what the killed one was about to move into place
