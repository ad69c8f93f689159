"""Kill runs, set-ups and labs at random moments: ``python -m tests.workshop.kills run 50``.

What is killed carries a mark in its environment, which all its descendants inherit. After each kill
nothing with the mark may live, and nothing half-made may lie there.
"""

import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psutil

from tests.workshop.fake_chapters import write_notebook
from tests.workshop.fake_project import make_project

ROOT = Path(__file__).resolve().parents[2]
MARK = "TLBOOK_KILL_TEST"
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")
PATIENCE = 30.0

# A cell with a child, and a daemon that has left the family, the session and its parent.
LONG = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(299)"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(299)"])
    os._exit(0)
time.sleep(299)
"""
SETUP = """
import sys
from pathlib import Path
from tlbook.workshop.bootstrap.install import setup
from tlbook.workshop.bootstrap.project import Project
setup(Project(Path(sys.argv[1]), verify="import tinydep"), ("test",), Path(sys.argv[2]))
"""
LAB = """
import sys
from pathlib import Path
from tlbook.workshop import lab
book = lab.Workbook(Path(sys.argv[1]) / "workbook")
lab.prepare(book, sorted((Path(sys.argv[1]) / "notebooks").glob("*.ipynb")))
lab.launch(book.folder, "02_x.ipynb", ip="127.0.0.1", browser=False)
"""


def start(command, folder, **more):
    """Start a command with a mark of its own; return the process and the mark."""
    mark = uuid.uuid4().hex
    environment = {**os.environ, **more, MARK: mark, "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    return process, mark


def alive(mark):
    """Return the command lines of what has the mark and lives."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def nothing_lives(process, mark):
    """Wait until the process and all that it started are gone, and say so; clean up if not."""
    end = time.monotonic() + PATIENCE
    while (left := alive(mark)) and time.monotonic() < end:
        process.poll()
        time.sleep(0.1)
    told = [" ".join(each.cmdline())[:120] for each in left if each.is_running()]
    for each in left:
        each.kill()
    process.wait()
    assert not told, told


def a_moment(rng, mark, seconds, whole=True):
    """Wait a random time, and half of the times until something more has been started."""
    time.sleep(rng.uniform(0, seconds))
    if whole and rng.random() < 0.7:
        end = time.monotonic() + 3 * seconds
        while len(alive(mark)) < 5 and time.monotonic() < end:
            time.sleep(0.1)


def victims(rng, process, mark):
    """Return what is to be killed: mostly the command itself, or some of its family, or both."""
    family = [each for each in alive(mark) if each.pid != process.pid]
    some = rng.sample(family, min(len(family), rng.randint(1, 2)))
    return rng.choice([[process], [process], [process, *some], some or [process]])


def kill(rng, process, mark):
    name = rng.choice(SIGNALS)
    for each in victims(rng, process, mark):
        try:
            each.send_signal(getattr(signal, name))
        except (psutil.Error, OSError):
            continue


def within(limit, times):
    """Count to ``times``, but begin nothing after ``limit`` seconds, except for the first."""
    began = time.monotonic()
    for number in range(times):
        if number and time.monotonic() - began > limit:
            return
        yield number


def kill_runs(folder, times, seed, limit=math.inf):
    """Kill ``tlbook run``, its worker, its kernel, its guard, or several of them at once."""
    rng = random.Random(seed)
    write_notebook(folder / "book", "01_long", LONG)
    out = folder / "out"
    command = [sys.executable, "-m", "tlbook", "run", "--dir", str(folder / "book"), "--out"]
    for _ in within(limit, times):
        process, mark = start([*command, str(out), "--timeout", "20"], folder)
        a_moment(rng, mark, 3.0)
        kill(rng, process, mark)
        nothing_lives(process, mark)
        for path in [*out.glob("[!.]*.ipynb"), *out.glob("report.json")]:
            json.loads(path.read_text(encoding="utf-8"))
    write_notebook(folder / "book", "01_long", "print('done')")
    assert subprocess.call([*command, str(out)], cwd=ROOT, stdout=subprocess.DEVNULL) == 0
    names = {path.name for path in out.iterdir()}
    assert names == {"01_long.ipynb", "01_long.html", "report.json"}, names


def kill_setups(folder, times, seed, limit=math.inf):
    """Kill set-ups of a small project, one after the other; the last one is left alone."""
    rng = random.Random(seed)
    fake, wheels = make_project(folder / "clone")
    command = [sys.executable, "-c", SETUP, str(fake.root), str(wheels)]
    more = {"TLBOOK_MIN_FREE_GB": "0.1"}
    for number in within(limit, times):
        if number % 3 == 0:  # from nothing; else from what the last kill has left
            shutil.rmtree(fake.venv, ignore_errors=True)
        else:
            fake.stamp.unlink(missing_ok=True)
        process, mark = start(command, folder, **more)
        a_moment(rng, mark, 8.0, whole=False)
        process.send_signal(getattr(signal, rng.choice(SIGNALS)))
        nothing_lives(process, mark)
    process, mark = start(command, folder, **more)
    assert process.wait() == 0, (folder / "log").read_text()
    assert not fake.unfinished.exists() and fake.stamp.exists()
    code = "import tinydep, tinytest, fakebook_check; print(tinydep.version, tinytest.version)"
    code = code.replace(", fakebook_check", "")
    done = subprocess.run([fake.python, "-c", code], capture_output=True, text=True)
    assert done.stdout == "1.2 1.0\n", done.stderr


def kill_labs(folder, times, seed, limit=math.inf):
    """Kill labs while they copy, while they start, and while they serve a kernel."""
    rng = random.Random(seed)
    for number in range(2, 10):
        write_notebook(folder / "notebooks", f"0{number}_x", "print(1)")
    places = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("DATA", "RUNTIME")}
    places["JUPYTER_CONFIG_DIR"] = str(folder / "config")
    book = folder / "workbook"
    for number in within(limit, times):
        if number % 3 == 0:
            shutil.rmtree(book, ignore_errors=True)
        process, mark = start([sys.executable, "-c", LAB, str(folder)], folder, **places)
        time.sleep(rng.uniform(0, 3))
        if number % 2:
            start_kernel(folder / "runtime", process)
        kill(rng, process, mark)
        if process.poll() is None and not alive(mark):
            process.kill()
        stop_kindly(process)
        nothing_lives(process, mark)
        for path in book.glob("*.ipynb"):
            json.loads(path.read_text(encoding="utf-8"))
    from tlbook.workshop.lab import Workbook

    chapters = sorted((folder / "notebooks").glob("*.ipynb"))
    assert Workbook(book).fill(chapters)[1] == []
    assert {path.name for path in book.glob("*.ipynb")} == {path.name for path in chapters}
    assert not list(book.glob("*.partial"))


def start_kernel(runtime, process):
    """Ask a server that is up for a kernel; one that does not come up in time has none."""
    import urllib.request

    info = runtime / f"jpserver-{process.pid}.json"
    end = time.monotonic() + 20
    while not info.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    try:
        about = json.loads(info.read_text(encoding="utf-8"))
        request = urllib.request.Request(
            f"{about['url']}api/kernels", b"{}", {"Authorization": f"token {about['token']}"}
        )
        urllib.request.urlopen(request, timeout=20).close()
    except (OSError, ValueError):
        pass


def stop_kindly(process):
    """A server that lost its kernel, or was asked once by Ctrl-C, goes on: end it as users do."""
    for _ in range(3):
        try:
            process.wait(timeout=1.0)
            return
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)


KINDS = {"run": kill_runs, "setup": kill_setups, "lab": kill_labs}


if __name__ == "__main__":
    kind, times, seed = sys.argv[1], int(sys.argv[2]), int((*sys.argv[3:], 0)[0])
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        KINDS[kind](Path(place), times, seed)
        print(f"{kind}: {times} kills, nothing left: {time.monotonic() - began:.0f} s")
