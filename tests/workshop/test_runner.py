"""``tlbook run`` on tiny notebooks with real kernels: pass, fail, hang, die, break a claim."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import nbformat
import psutil
import pytest
from rich.console import Console

from tests.workshop.fake_chapters import claim_cell, write_notebook
from tlbook.workshop.runner import (
    Outcome,
    RunOptions,
    load_latest,
    make_jobs,
    read_claims,
    run_chapters,
    save_report,
)
from tlbook.workshop.runner import claim_tables as tables
from tlbook.workshop.runner.display import print_outcomes, run_with_progress
from tlbook.workshop.runner.job import Job
from tlbook.workshop.runner.parameters import parameters_for
from tlbook.workshop.runner.pool import run_job
from tlbook.workshop.runner.process import Cancelled, kernel_environment
from tlbook.workshop.runner.select import find_notebooks, new_run_folder
from tlbook.workshop.saved import WIDGET_VIEW, without_widget_views

pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]

LIMIT = 15  # seconds that the hanging chapter costs; enough for a kernel to start


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One run of six chapters, two at a time; returns (outcomes by name, console text, folder)."""
    base = tmp_path_factory.mktemp("run")
    folder = base / "chapters"
    write_notebook(
        folder,
        "01_passes",
        "block = bytearray(200 * 2**20)\nprint('seed', seed, budget, extra)",
        "import os\nprint('threads', os.environ['OMP_NUM_THREADS'])",
        claim_cell(),
        claim_cell(mark="'~'"),
    )
    write_notebook(folder, "02_fails", "print('before')", "raise KeyError('boo')", "print('after')")
    write_notebook(
        folder,
        "03_hangs",
        "import subprocess, sys\nprint('before')\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)  # orphan-3'])",
        "import time\ntime.sleep(300)",
    )
    write_notebook(folder, "04_claims", claim_cell(effect="0.5", mark="'✗'"))
    write_notebook(
        folder,
        "05_dies",
        "print('before')",
        "import os, signal\nos.kill(os.getpid(), 9)",
        "print('after')",
    )
    write_notebook(
        folder,
        "06_prints",
        "for _ in range(50): print('x' * 10**6)",
        "from IPython.display import HTML, display\nfor _ in range(5): display(HTML('y' * 10**7))",
        "print('after')",
    )
    console = Console(width=200, record=True, file=(base / "console.txt").open("w"))
    options = RunOptions(seed=3, parameters={"extra": "word"})
    jobs = make_jobs(find_notebooks([], folder), base / "out", options)
    jobs[2] = replace(jobs[2], time_limit=LIMIT)
    outcomes = run_with_progress(jobs, 2, console)
    if outcomes[2].executed is None or not outputs(outcomes[2]):
        # A machine so busy that no kernel was up in time: once more, with patience.
        outcomes[2] = run_job(replace(jobs[2], time_limit=8 * LIMIT), Event())
    save_report(base / "out", outcomes, options, None)
    print_outcomes(outcomes, console)
    return {o.name: o for o in outcomes}, console.export_text(), base / "out"


def outputs(outcome):
    notebook = nbformat.read(outcome.executed, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return "".join(o.get("text", "") for cell in cells for o in cell.outputs)


def test_a_good_chapter(ran):
    outcome = ran[0]["01_passes"]
    assert (outcome.status, outcome.broken, outcome.good) == ("passed", 0, True)
    assert outcome.marks == {"✓": 1, "~": 1, "✗": 0}  # what is only seen does not turn a run red
    assert outputs(outcome) == "seed 3 quick word\nthreads 1\n"
    assert "seed 3 quick word" in outcome.html.read_text(encoding="utf-8")


def test_the_peak_is_that_of_the_kernel(ran):
    peak = {name: outcome.peak_mib for name, outcome in ran[0].items()}
    assert 200 < peak["01_passes"] < 600
    assert 20 < peak["02_fails"] < 180


def test_a_failing_cell_fails_the_chapter_and_keeps_its_part(ran):
    outcome = ran[0]["02_fails"]
    assert (outcome.status, outcome.good) == ("failed", False)
    assert "KeyError: 'boo'" in outcome.message
    assert outputs(outcome) == "before\n"
    assert "before" in outcome.html.read_text(encoding="utf-8")


def test_a_hanging_chapter_is_stopped_with_all_its_processes(ran):
    outcome = ran[0]["03_hangs"]
    assert (outcome.status, outcome.good) == ("hung", False)
    assert outcome.seconds < 8 * LIMIT + 30
    assert outputs(outcome) == "before\n"
    assert outcome.html.exists()
    lines = [" ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])]
    assert not any("time.sleep(300)  # orphan-3" in line for line in lines)


def test_what_a_cell_prints_is_kept_up_to_a_bound(ran):
    printing = ran[0]["06_prints"]
    assert printing.status == "passed"
    assert printing.executed.stat().st_size < 60e6 and printing.html.stat().st_size < 60e6
    kept = outputs(printing)
    assert kept.startswith("xxx") and kept.endswith("after\n")
    assert kept.count("x") == 10**6 and "cut: more than a million characters" in kept


def test_a_dead_kernel_takes_no_other_chapter_down(ran):
    outcome = ran[0]["05_dies"]
    assert outcome.status == "failed"
    assert outcome.message == "cell 3: the kernel died"
    assert outputs(outcome) == "before\n"


def test_a_claim_that_does_not_hold_is_not_good(ran):
    outcome = ran[0]["04_claims"]
    assert (outcome.status, outcome.broken, outcome.good) == ("passed", 1, False)


def test_the_table_says_it_all(ran):
    text = ran[1]
    assert "2 of 6 chapters are good" in text
    assert "claim not held: a beats b (+0.5 points, more than 1 asked)" in text
    row = next(line for line in text.splitlines() if "01_passes " in line and "│" in line)
    assert [part.strip() for part in row.split("│")][5:8] == ["1", "1", "0"]
    assert re.search(r"03_hangs: stopped after \d+ seconds", text)
    assert "05_dies.html" in text


def test_the_report_is_complete(ran):
    report = json.loads((ran[2] / "report.json").read_text(encoding="utf-8"))
    assert [c["status"] for c in report["chapters"]] == [
        "passed",
        "failed",
        "hung",
        "passed",
        "failed",
        "passed",
    ]
    assert {(c["budget"], c["seed"]) for c in report["chapters"]} == {("quick", 3)}


def test_an_interrupt_stops_the_kernel(tmp_path):
    path = write_notebook(tmp_path, "01_long", "import time\ntime.sleep(299)  # orphan-4")
    job = Job("01_long", path, tmp_path / "out", {}, 200)
    cancel, caught = Event(), []

    def work():
        try:
            run_job(job, cancel)
        except Cancelled as error:
            caught.append(error)

    before = set(psutil.pids())
    thread = Thread(target=work)
    thread.start()
    time.sleep(3)
    cancel.set()
    thread.join(timeout=30)
    assert caught
    mine = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not [p for p in mine if p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_whatever_ends_the_runner_leaves_nothing_alive(tmp_path, end):
    """The kernel writes its process id, and its child's; then the runner is ended.

    A daemon has left the kernel's family: only the mark finds it.
    """
    nap = f"297.{os.getpid()}"
    cell = (
        "import os, pathlib, subprocess, sys, time\n"
        f"os.system('setsid sleep {nap} &')\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(299)'])\n"
        f"target = pathlib.Path({str(tmp_path / 'pids')!r})\n"
        "target.with_suffix('.part').write_text(f'{os.getpid()} {child.pid}')\n"
        "target.with_suffix('.part').rename(target)\n"
        "time.sleep(299)"
    )
    write_notebook(tmp_path / "book", "01_long", cell)
    command = [sys.executable, "-m", "tlbook", "run", "--dir", str(tmp_path / "book")]
    log = (tmp_path / "log").open("w")
    runner = subprocess.Popen([*command, "--out", str(tmp_path / "out")], stdout=log, stderr=log)
    family = []
    try:
        assert _until(lambda: (tmp_path / "pids").exists(), 120), (tmp_path / "log").read_text()
        family = psutil.Process(runner.pid).children(recursive=True)
        kernel, child = map(int, (tmp_path / "pids").read_text().split())
        assert {kernel, child} <= {process.pid for process in family}
        assert asleep(nap) and not {p.pid for p in asleep(nap)} & {p.pid for p in family}
        runner.send_signal(getattr(signal, end))
        runner.wait(timeout=30)
        gone = _until(lambda: not [p for p in family + asleep(nap) if _alive(p)], 30)
    finally:
        for process in [p for p in family + asleep(nap) if _alive(p)]:
            process.kill()
        if runner.poll() is None:
            runner.kill()
    assert gone


def asleep(nap):
    """Return the daemon that sleeps so long."""
    every = psutil.process_iter(["cmdline"])
    return [p for p in every if (p.info["cmdline"] or [""])[-1] == nap]


def _alive(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _until(true, seconds):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.2)
    return true()


def test_stress_counts_how_often_a_claim_has_each_mark(tmp_path):
    folder = tmp_path / "chapters"
    write_notebook(folder, "01_a", claim_cell(effect="2.0 - seed", mark="'~✗'[seed]"))
    console = Console(width=160, record=True, file=(tmp_path / "console.txt").open("w"))
    good = tables.stress_claims(
        [], 2, RunOptions(jobs=2), console, folder=folder, out=tmp_path / "out"
    )
    assert not good
    text = console.export_text()
    row = next(line for line in text.splitlines() if "a beats b" in line)
    cells = [part.strip() for part in row.split("│")][1:-1]
    assert cells == ["01", "✗", "a beats b", "0", "1", "1", "+1.0 points", "more than 1"]
    assert not list((tmp_path / "out").glob("*.html"))


def claim_record(effect=2.0, mark="✓", form="margin"):
    return {
        "form": form,
        "mark": mark,
        "effect": effect,
        "low": 1.0,
        "high": 3.0,
        "margin": 1.0,
        "unit": "points",
        "n": 3,
        "over": "seeds",
        "text": "x",
    }


def test_tabulate_collects_by_chapter_and_place():
    one, two, three = claim_record(2.0), claim_record(0.5, "✗"), claim_record(0.7, "~")
    rows = tables.tabulate([("01", [one, two]), ("01", [two, three]), ("02", [one])])
    assert [(r.chapter, list(r.marks.values()), r.worst["effect"]) for r in rows] == [
        ("01", [1, 0, 1], 0.5),
        ("01", [0, 1, 1], 0.5),
        ("02", [1, 0, 0], 2.0),
    ]


@pytest.mark.parametrize(
    ("form", "effects", "worst"),
    [
        ("margin", [3.0, -1.0, 2.0], -1.0),
        ("ratio", [3.0, 0.2, 2.0], 0.2),
        ("at_most", [3.0, -5.0, 2.0], 3.0),
        ("within", [3.0, -5.0, 2.0], -5.0),
        ("margin", [3.0, None, -9.0], None),
    ],
)
def test_the_worst_effect_is_on_the_side_that_the_form_forbids(form, effects, worst):
    marks = ["✗" if effect is None else "✓" for effect in effects]
    runs = [("01", [claim_record(e, m, form)]) for e, m in zip(effects, marks, strict=True)]
    assert tables.tabulate(runs)[0].worst["effect"] == worst


@pytest.mark.parametrize(
    ("marks", "seeds", "good"),
    [("✓✓", 2, True), ("✓~", 2, True), ("✓✗", 2, False), ("✓✓", 3, False)],
)
def test_stress_fails_on_one_cross_or_a_run_without_the_claim(tmp_path, marks, seeds, good):
    rows = tables.tabulate([("01", [claim_record(mark=mark)]) for mark in marks])
    console = Console(width=120, file=(tmp_path / "out.txt").open("w"))
    assert tables.print_stress(rows, [], seeds, console) == good


def test_the_claims_of_the_last_runs(tmp_path):
    options = RunOptions()
    stated = {**claim_record(None, "✓", "check"), "low": None, "high": None, "margin": None, "n": 0}
    sure = Outcome("01_a", "passed", 3.0, 90.0, [claim_record(), stated], None, None)
    seen = Outcome("02_b", "passed", 3.0, 90.0, [claim_record(1.2, "~", "ratio")], None, None)
    broken = Outcome("02_b", "passed", 3.0, 90.0, [claim_record(0.2, "✗")], None, None)
    latest = tmp_path / "latest.json"
    console = Console(width=120, record=True, file=(tmp_path / "out.txt").open("w"))
    save_report(tmp_path, [sure], options, latest)
    save_report(tmp_path, [seen], options, latest)
    assert [c["name"] for c in load_latest(latest)["chapters"]] == ["01_a", "02_b"]
    assert tables.list_claims(console, latest)
    text = console.export_text()
    assert "3 claims: 2 ✓ sure, 1 ~ seen but not certain, 0 ✗ not held" in text
    assert "×1.2" in text and "nan" not in text
    save_report(tmp_path, [broken], options, latest)
    assert not tables.list_claims(console, latest)
    assert "3 claims: 2 ✓ sure, 0 ~ seen but not certain, 1 ✗ not held" in console.export_text()
    with pytest.raises(ValueError, match="no run yet"):
        tables.list_claims(console, tmp_path / "none.json")


def test_a_failed_run_is_named_among_the_claims_and_the_others_are_remembered(tmp_path):
    latest = tmp_path / "latest.json"
    console = Console(width=120, record=True, file=(tmp_path / "out.txt").open("w"))
    good = Outcome("01_why_transfer", "passed", 3.0, 90.0, [claim_record()], None, None)
    failed = Outcome("02_domains_tasks_shift", "failed", 3.0, 90.0, [], None, None, "cell 4: no")
    save_report(tmp_path, [good], RunOptions(), latest)
    save_report(tmp_path, [failed], RunOptions(), latest)
    assert not tables.list_claims(console, latest)
    text = console.export_text()
    assert "1 claims: 1 ✓ sure" in text
    assert "02_domains_tasks_shift: the last run failed: cell 4: no" in text
    assert tables.list_claims(console, latest, ["01"])
    with pytest.raises(ValueError, match="chapter: got '99'"):
        tables.list_claims(console, latest, ["99"])
    with pytest.raises(ValueError, match="no run yet"):
        tables.list_claims(console, latest, ["08"])


def test_a_claim_log_that_is_damaged(tmp_path):
    log = tmp_path / "x.jsonl"
    assert read_claims(log) == []
    log.write_text(json.dumps(claim_record()) + "\nhalf a li", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        read_claims(log)
    log.write_text(json.dumps(claim_record(mark="?")), encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        read_claims(log)


def test_notebooks_are_found_by_number_and_name(tmp_path):
    for name in ("01_a", "02_b"):
        write_notebook(tmp_path, name)
    assert [p.stem for p in find_notebooks([], tmp_path)] == ["01_a", "02_b"]
    assert [p.stem for p in find_notebooks(["2", "01_a", "02"], tmp_path)] == ["02_b", "01_a"]
    with pytest.raises(ValueError, match="got '7', want one of 01_a, 02_b"):
        find_notebooks(["7"], tmp_path)
    with pytest.raises(ValueError, match="no notebook"):
        find_notebooks([], tmp_path / "empty")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sed": 7}, "-p: got 'sed', want one of .*; did you mean seed?"),
        ({"foo": 1}, "-p: got 'foo', want one of budget, device, extra, rate, rates, seed$"),
        ({"seed": "abc"}, "-p: got seed='abc', want a value of type int as 0"),
        ({"seed": True}, "want a value of type int"),
        ({"rates": 0.1}, "want a value of type list"),
    ],
)
def test_a_parameter_that_no_chapter_has_or_of_another_type_is_refused(tmp_path, given, message):
    write_notebook(tmp_path / "book", "01_a", "raise SystemExit")
    with pytest.raises(ValueError, match=message):
        run_chapters([], RunOptions(parameters=given), tmp_path / "out", tmp_path / "book")
    assert not (tmp_path / "out").exists()


def test_a_chapter_gets_the_parameters_that_it_has(tmp_path):
    write_notebook(tmp_path, "01_a")
    other = write_notebook(tmp_path, "02_b")
    other.write_text(other.read_text(encoding="utf-8").replace("rate = 0.5", "pace = 0.5"))
    options = RunOptions(parameters={"rate": 1})
    first, second = make_jobs(find_notebooks([], tmp_path), tmp_path, options)
    assert first.parameters["rate"] == 1
    assert "rate" not in second.parameters
    assert second.parameters["seed"] == 0


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("seed", "7", 7),
        ("rate", "1e-3", 0.001),
        ("rate", "2", 2.0),
        ("rates", "[1e-3, 0.5]", ["1e-3", 0.5]),
        ("extra", "no", "no"),
        ("extra", "12", "12"),
        ("extra", "'12'", "12"),
        ("extra", "a: b: c", "a: b: c"),
    ],
)
def test_a_text_is_read_as_the_chapters_own_value_is_typed(tmp_path, name, text, value):
    path = write_notebook(tmp_path, "01_a")
    (found,) = parameters_for([path], {name: text})
    assert found == {name: value} and type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text"), [("seed", "1.5"), ("seed", "yes"), ("rate", "fast"), ("rates", "[1")]
)
def test_a_text_of_another_type_is_refused(tmp_path, name, text):
    path = write_notebook(tmp_path, "01_a")
    with pytest.raises(ValueError, match=f"-p: got {name}=.*, want a value of type"):
        parameters_for([path], {name: text})


def test_the_parameter_cell_is_read_once(tmp_path, monkeypatch):
    from tlbook.workshop.runner import parameters

    write_notebook(tmp_path / "book", "01_a", "pass")
    read, own = [], parameters.parameters_of
    monkeypatch.setattr(parameters, "parameters_of", lambda path: read.append(path) or own(path))
    monkeypatch.setattr("tlbook.workshop.runner.select.run_with_progress", lambda *_: [])
    run_chapters([], RunOptions(parameters={"rate": "1"}), tmp_path / "out", tmp_path / "book")
    assert len(read) == 1


def test_two_runs_that_end_at_once_are_both_remembered(tmp_path):
    latest = tmp_path / "latest.json"

    def one(number):
        outcome = Outcome(f"{number:02d}_x", "passed", 1.0, 9.0, [], None, None)
        save_report(tmp_path / str(number), [outcome], RunOptions(), latest)

    threads = []
    for number in range(12):
        (tmp_path / str(number)).mkdir()
        threads.append(Thread(target=one, args=(number,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(load_latest(latest)["chapters"]) == 12


@pytest.mark.parametrize("content", ["", "{", "[]", '{"chapters": [3]}'])
def test_a_damaged_memory_of_runs_is_named(tmp_path, content):
    latest = tmp_path / "latest.json"
    latest.write_text(content)
    with pytest.raises(ValueError, match=r"latest.json is damaged: delete it"):
        load_latest(latest)


def test_two_runs_in_one_second_get_two_folders(tmp_path):
    assert new_run_folder(tmp_path) != new_run_folder(tmp_path)


def test_the_environment_of_a_kernel(monkeypatch):
    monkeypatch.setenv("TLBOOK_STRICT", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    plain = kernel_environment(Path("claims.jsonl"))
    assert "TLBOOK_STRICT" not in plain
    assert (plain["OMP_NUM_THREADS"], plain["TLBOOK_CLAIM_LOG"]) == ("1", "claims.jsonl")
    assert kernel_environment(None, strict=True)["TLBOOK_STRICT"] == "1"


def test_widget_views_go_and_pictures_stay():
    def output(**data):
        return nbformat.v4.new_output("display_data", data=data)

    view = {WIDGET_VIEW: {"model_id": "x"}, "text/plain": "VBox()"}
    kept = without_widget_views(
        [
            output(**view),
            output(**view, **{"image/png": "abc"}),
            output(**{"image/png": "def"}),
            nbformat.v4.new_output("stream", name="stdout", text="hi"),
        ]
    )
    assert len(kept) == 3
    assert kept[0].data["image/png"] == "abc"
    assert all(WIDGET_VIEW not in o.get("data", {}) for o in kept)
