"""A full disk and a clone that cannot be written: one line each, and nothing half-made."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workshop.fake_chapters import write_notebook
from tlbook.workshop import bootstrap

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import sys
from pathlib import Path
from tlbook import __main__ as entry
from tlbook.course import chapters
from tlbook.workshop import bootstrap
here = Path(sys.argv[1])
chapters.root = lambda: here
chapters.CHAPTERS = (chapters.Chapter("02", "02_x", "X", None),)
sys.exit(bootstrap.main(sys.argv[2:], entry.run_here))
"""
COMMANDS = {
    "run": ["run", "02"],
    "lab": ["lab", "02", "--no-browser", "--ip", "127.0.0.1"],
    "reset": ["reset", "02"],
}


def in_a_mount(tmp_path, options, arguments):
    """Run a command of the workbook in a clone on a disk of its own; skip where that cannot be."""
    place = tmp_path / "clone"
    place.mkdir()
    write_notebook(tmp_path / "notebooks", "02_x", "print(1)")
    mount = f"mount -t tmpfs -o size={options} tmpfs {place} && cp -r {tmp_path}/notebooks {place}"
    mount += f" && head -c 1000000 /dev/zero > {place}/rest 2>/dev/null; "
    if options != "4k":
        mount = mount.replace("head -c 1000000 /dev/zero", "true")
        mount += f"mount -o remount,ro {place} && "
    command = ["unshare", "-m", "sh", "-c", mount + 'exec "$@"', "sh", sys.executable, "-c", CODE]
    environment = {**os.environ, "TLBOOK_SKIP_SETUP": "1", "PYTHONPATH": str(ROOT)}
    environment["JUPYTER_DATA_DIR"] = str(tmp_path / "jupyter")
    return subprocess.run(
        [*command, str(place), *arguments], capture_output=True, text=True, env=environment
    )


@pytest.fixture(scope="module")
def mounts():
    if shutil.which("unshare") is None:
        pytest.skip("no mount namespaces here")
    trial = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(trial, capture_output=True).returncode:
        pytest.skip("no mount namespaces here")


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "words"), [("1m", "Read-only file system"), ("4k", "No space left on device")]
)
def test_one_line(mounts, tmp_path, command, options, words):
    done = in_a_mount(tmp_path, options, COMMANDS[command])
    assert done.returncode == 1, done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note:")]
    assert len(lines) == 1 and lines[0].startswith("tlbook: "), done.stderr
    assert words in lines[0] and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOENT, errno.ENOTDIR, errno.EISDIR]
)
def test_errors_of_the_disk_are_one_line(monkeypatch, capsys, number):
    def fail(*_):
        raise OSError(number, os.strerror(number), "/clone/runs")

    monkeypatch.setattr(bootstrap, "dispatch", fail)
    assert bootstrap.main(["run"]) == 1
    assert capsys.readouterr().err == f"tlbook: /clone/runs: {os.strerror(number)}\n"


@pytest.mark.parametrize("number", [errno.EBADF, errno.ENOENT])
def test_other_errors_of_the_system_are_not_hidden(monkeypatch, number):
    def fail(*_):
        raise OSError(number, os.strerror(number))  # of no file

    monkeypatch.setattr(bootstrap, "dispatch", fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        bootstrap.main(["run"])
