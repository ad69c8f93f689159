"""Three machines: the serial table bit for bit, whatever is killed, full, hung or late."""

import os
import signal
import threading

import pandas as pd
import pytest

from tests.library.scale import jobs_for_tests as jobs
from tests.library.scale.machines import Machines, until
from tlbook.evaluation import compare
from tlbook.scale import Call, spread

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
pytest.importorskip("distributed")

NO_DISK = """
import resource

async def dask_setup(worker):  # from now on no file can grow
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
"""
TOMORROW = """
import time

def in_a_day(now=getattr(time, "real", time.time)):
    return now() + 86400

time.real, time.time = getattr(time, "real", time.time), in_a_day
"""


@pytest.fixture
def machines(tmp_path):
    found = Machines(tmp_path)
    yield found
    found.stop()


def rows_once(done, folder):
    """No row lost, none twice: each call has its value, and its one file."""
    assert [each.value for each in done] == [jobs.expected(k) for k in range(len(done))]
    assert not any(each.error for each in done)
    assert len(list((folder / "rows").rglob("*.json"))) == len(done)
    assert not list((folder / "rows").rglob("*.part"))


def calls_of(folder, count, **arguments):
    return [
        Call(f"job {k}", jobs.slow, {"k": k, "folder": str(folder), **arguments})
        for k in range(count)
    ]


def in_background(function):
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    return thread, found


def test_the_table_of_three_machines_is_the_serial_one(machines, tmp_path):
    """One of them has a full disk, another a clock that is a day ahead."""
    machines.start_worker("good")
    machines.start_worker("full", preload=NO_DISK)
    machines.start_worker("tomorrow", preload=TOMORROW)
    machines.wait(3)
    methods = {"nearest": jobs.nearest, "random": jobs.random_weights}
    settings = {"nearest": [{"k": 1}, {"k": 4}]}
    one, two = jobs.moons(3), jobs.moons(3)
    alone = compare(methods, {"one": one, "fresh": jobs.moons}, range(4), settings=settings)
    folder = tmp_path / "run"
    options = {"settings": settings, "on": machines.on, "folder": folder}
    spread_out = compare(methods, {"one": two, "fresh": jobs.moons}, range(4), **options)
    pd.testing.assert_frame_equal(
        alone.drop(columns="seconds"), spread_out.drop(columns="seconds"), check_exact=True
    )
    assert sorted(one.look_log) == sorted(two.look_log)  # summed over the workers
    assert len(list((folder / "rows").rglob("*.json"))) == len(alone)
    # Which hour it is on the worker reaches no row's place; all three took part.
    hours = spread([Call(f"hour {k}", jobs.hour, {"k": k}) for k in range(30)], machines.on)
    assert len({done.value["hour"] for done in hours}) >= 2
    assert [done.value["k"] for done in hours] == list(range(30))
    assert len({done.worker for done in hours}) == 3
    assert all(0 <= done.seconds < 60 for done in hours)


def test_a_worker_killed_in_mid_job_and_one_that_hangs(machines, tmp_path):
    for name in ("first", "second", "third"):
        machines.start_worker(name)
    machines.wait(3)
    folder, stay = tmp_path / "run", tmp_path / "stay"
    stay.write_text("")
    calls = calls_of(tmp_path, 12, stay=str(stay))
    thread, found = in_background(
        lambda: spread(calls, machines.on, folder=folder, limit=8, progress=False)
    )
    by_pid = {process.pid: name for name, process in machines.workers.items()}
    until(lambda: sum(file.read_text() != "" for file in tmp_path.glob("begun-*")) >= 3)
    doomed, hung = sorted(tmp_path.glob("begun-*"))[:2]
    machines.kill(by_pid[int(doomed.read_text().split()[0])])
    machines.kill(by_pid[int(hung.read_text().split()[0])], signal.SIGSTOP)
    stay.unlink()
    thread.join(100)
    rows_once(found[0], folder)
    # The killed and the hung job were begun a second time, by the third worker.
    assert len(doomed.read_text().split()) >= 2 and len(hung.read_text().split()) >= 2


def test_the_scheduler_is_killed_and_another_takes_its_place(machines, tmp_path):
    machines.start_worker("before")
    machines.wait(1)
    folder = tmp_path / "run"
    calls = calls_of(tmp_path, 8, seconds=0.3)
    thread, found = in_background(lambda: spread(calls, machines.on, folder=folder))
    until(lambda: len(list(folder.glob("rows/*/*.json"))) >= 2)
    machines.kill("scheduler")
    machines.kill("before")
    machines.scheduler.wait()
    machines.start_scheduler()
    machines.start_worker("after")
    thread.join(100)
    rows_once(found[0], folder)
    assert len({done.worker for done in found[0]}) == 2


def test_a_worker_of_other_code_is_refused_by_name(machines, tmp_path):
    """It has another tlbook in front on its path."""
    import shutil

    from tests.library.scale.machines import ROOT
    from tlbook.scale import OtherCode

    other = tmp_path / "other"
    ignore = shutil.ignore_patterns("__pycache__", "weight_files")
    shutil.copytree(ROOT / "tlbook", other / "tlbook", ignore=ignore)
    with (other / "tlbook" / "augmentation.py").open("a") as file:
        file.write("\nCHANGED = 1\n")
    machines.start_worker("stale", PYTHONPATH=os.pathsep.join([str(other), str(ROOT)]))
    machines.wait(1)
    with pytest.raises(OtherCode, match=r"worker tcp://.* \(.*:\d+\): tlbook is .*, want .*"):
        spread(calls_of(tmp_path, 2), machines.on)
    machines.start_worker("good")
    machines.wait(2)
    done = spread(calls_of(tmp_path, 6, seconds=0.2), machines.on, folder=tmp_path / "run")
    rows_once(done, tmp_path / "run")
    assert {each.worker.split(":")[-1] for each in done} == {f"{machines.workers['good'].pid})"}
    assert os.path.exists(tmp_path / "run" / "run.json")
