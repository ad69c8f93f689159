"""The bench of chapter 11: controls as in the registry, runs that are kept, looks that count."""

import inspect
import json
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from tlbook.adversarial import DANN
from tlbook.alignment import self_train
from tlbook.course import widgets
from tlbook.course.ch11_alignment.methods import METHODS, SHIFT_METHODS
from tlbook.course.ch11_alignment.settings import GRID, SETTINGS
from tlbook.course.ch11_alignment.widget import (
    _bench_compare,
    _bench_knobs,
    _bench_run,
    experiment_bench,
)
from tlbook.course.ch11_alignment.widget._bench_run import MEASURES, planned, task
from tlbook.course.ch11_alignment.widget._bench_view import BenchView
from tlbook.course.widgets import Toggle
from tlbook.course.widgets.live_experiment import one_thread, unwatched

pytestmark = pytest.mark.slow

EXPERIMENT = widgets.get("experiment_bench")
FAST = {"steps": 50}


def result(**params):
    return experiment_bench.compute(**EXPERIMENT.parameters(**params))


@pytest.fixture
def view(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = BenchView(replace(EXPERIMENT, pace=30.0), FAST)
    yield shown
    shown.close()
    assert shown.worker is None or shown.worker.join(60)


def until(condition, seconds=60.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.01)


def test_methods_and_defaults_are_those_of_the_registry():
    assert set(experiment_bench.METHODS) == (
        (set(METHODS) - {"upper bound"}) | (set(SHIFT_METHODS) - {"true-mix MMD"})
    )
    assert set(experiment_bench.TASKS) == set(_bench_run.TASKS)
    own = inspect.signature(DANN).parameters | inspect.signature(self_train).parameters
    for name, value in _bench_knobs.DEFAULTS.items():
        assert own[name].default == value, name


@pytest.mark.parametrize("method", experiment_bench.METHODS)
def test_every_row_of_the_grid_can_be_set_and_the_start_is_the_chosen_one(method):
    knobs = experiment_bench.KNOBS[method]
    assert all(knob.when == ("method", method) for knob in knobs.values())
    for row in (*GRID[method], SETTINGS[method]):
        for key, value in row.items():
            if key in knobs:
                assert knobs[key].check(value) == value
            else:
                assert all(r.get(key) == value for r in GRID[method])
    found = experiment_bench.settings(**EXPERIMENT.parameters(method=method))
    full = {k: v for k, v in _bench_knobs.DEFAULTS.items() if k in knobs}
    assert found == full | SETTINGS[method]


@pytest.mark.parametrize("method", experiment_bench.METHODS)
def test_every_method_runs_on_the_plane_and_makes_the_steps_it_announced(method):
    seen = []
    shown = experiment_bench.train(
        lambda snapshot: seen.append(snapshot().step) or False,
        **EXPERIMENT.parameters(method=method, steps=50),
    )
    assert shown.step == shown.steps == planned(method, 50)
    assert len(seen) >= 9 and seen == sorted(set(seen))
    assert set(shown.measures) == set(MEASURES)
    assert all(np.isfinite(values).all() for values in shown.measures.values())
    assert np.isfinite(shown.parts["L_S"][0]) and shown.at[-1] == shown.step
    assert shown.model is not None and set(np.unique(shown.answers)) <= {0, 1}


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("method", [m for m in experiment_bench.METHODS if GRID.get(m, ({},))[0]])
def test_both_ends_of_all_settings_together(method, end):
    params = {knob.name: knob.ends()[end] for knob in experiment_bench.KNOBS[method].values()}
    shown = result(method=method, steps=50, **params)
    assert shown.step == planned(method, 50)
    for knob in experiment_bench.KNOBS[method].values():
        value = params[knob.name]
        assert f"{value:g}" in shown.title or str(value) in shown.title


def test_a_run_of_the_bench_is_the_run_of_the_registry():
    """Listening, measuring and looking on change nothing: the very same weights."""
    name = "fonts → handwriting"
    settings = {"weight": 1.0, "hidden": 64, "dropout": 0.5, "discriminator_steps": 1}
    seen = []
    ours = _bench_run.run(
        lambda snapshot: seen.append(snapshot()) or False, name, "DANN", settings, 3, 30, "DANN"
    )
    with one_thread():
        plain = METHODS["DANN"](task(name), 3, steps=30, device="cpu", **settings)
    for a, b in zip(ours.model.parameters(), plain.model.parameters(), strict=True):
        assert torch.equal(a, b)
    assert len(seen) == 6
    for name in ("L_S", "DANN"):
        want = plain.history.columns[name].reshape(-1, 5).mean(axis=1)
        assert ours.parts[name] == pytest.approx(want, rel=1e-5)


def test_the_number_of_threads_changes_nothing():
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(experiment_bench.train(unwatched, **EXPERIMENT.parameters(**FAST)))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    for one, two in zip(*(r.model.parameters() for r in found), strict=True):
        assert torch.equal(one, two)


def test_alignment_helps_on_the_blobs_and_the_criteria_see_it():
    """The toy is no trap: what raises the information raises the accuracy (three seeds)."""
    here = task(experiment_bench.TASKS[0])
    gains, more = [], []
    for seed in (0, 1, 2):
        plain, aligned = result(method="source only", seed=seed), result(seed=seed)
        more.append(aligned.measures["information"][-1] - plain.measures["information"][-1])
        gains.append(here.score(_predict(aligned.model)) - here.score(_predict(plain.model)))
    assert np.mean(gains) > 0.08 and min(more) > 0.05


def _predict(model):
    from tlbook.training import predictor

    return predictor(model)


def test_nothing_but_the_score_looks_at_target_labels():
    here = task(experiment_bench.TASKS[0])
    before = here.looks
    result(method="self-training", steps=50)
    EXPERIMENT.render(steps=50)
    assert here.looks == before


def test_a_picture_at_both_ends_of_the_common_controls():
    start = EXPERIMENT.render(**FAST)
    for name, ends in {"seed": (0, 9), "steps": (50, 200)}.items():
        pictures = [EXPERIMENT.render(**(FAST | {name: end})) for end in ends]
        assert pictures[0] != pictures[1]
    assert EXPERIMENT.render(**FAST) == start
    assert "source validation" in EXPERIMENT.picture(**FAST).alt


def test_a_run_in_the_view_equals_the_run_at_once_and_is_kept(view, tmp_path):
    assert view.kept.layout.display == "none" and not (tmp_path / "runs").exists()
    view.run.click()
    until(lambda: view.worker.over)
    assert view.worker.state == "done" and view.worker.error is None
    assert view.image.value == EXPERIMENT.render(**FAST)
    (run,) = [json.loads(x) for x in (tmp_path / "runs/experiment_bench.jsonl").open()]
    assert run["status"] == "done" and run["method"] == "MK-MMD" and run["steps"] == 50
    assert run["measures"]["information"] == pytest.approx(
        result(**FAST).measures["information"][-1]
    )
    assert view.chosen.value == (run["id"],) and bytes(view.comparison.value[:4]) == b"\x89PNG"
    assert "MK-MMD" in view.table.value and view.kept.layout.display is None


def test_moving_a_control_starts_nothing_and_shows_the_settings_of_the_method_only(view):
    view.controls["method"].value = "DANN"
    assert view.worker is None and "press Run" in view.status.value
    shown = {n for n, c in view.controls.items() if c.layout.display != "none"}
    own = {knob.name for knob in experiment_bench.KNOBS["DANN"].values()}
    assert shown == {"task", "method", "steps", "seed"} | own
    view.reset.click()
    shown = {n for n, c in view.controls.items() if c.layout.display != "none"}
    assert shown == {"task", "method", "steps", "seed", "mk_mmd_weight"}


def test_a_cancelled_run_is_marked_and_cannot_be_scored(view):
    view.one.click()
    until(lambda: view.worker.state == "paused")
    view.stop.click()
    until(lambda: view.worker.over)
    (run,) = view.log.runs()
    assert run["status"] == "cancelled" and 0 < run["steps"] < 50
    assert view.score.disabled and "cancelled" in view.table.value
    view.look()
    assert view.log.runs()[0].get("score") is None


def test_the_score_is_one_look_each_time_and_is_kept(view):
    here = task(experiment_bench.TASKS[0])
    before = here.looks
    assert view.score.disabled
    view.run.click()
    until(lambda: view.worker.over and not view.score.disabled)
    view.score.click()
    (run,) = view.log.runs()
    assert here.looks == before + 1 and run["looks"] == 1 and 0.5 < run["score"] <= 1
    assert "(look 1 at this target)" in view.status.value
    view.score.click()
    assert view.log.runs()[0]["looks"] == 2 and "(look 2 at" in view.status.value
    view.controls["seed"].value = 1
    view.run.click()
    assert view.score.disabled, "the older run could still be scored"
    until(lambda: view.worker.over)


def test_a_run_that_fails_is_kept_with_its_error(view, monkeypatch, capfd):
    def broken(*args, **kwargs):
        raise RuntimeError("no <such> luck")

    monkeypatch.setattr(_bench_run, "run", broken)
    view.run.click()
    until(lambda: view.worker.over and view.log.runs())
    (run,) = view.log.runs()
    assert run["status"] == "failed" and run["error"] == "RuntimeError: no <such> luck"
    assert "no &lt;such&gt; luck" in view.message.value and capfd.readouterr().err == ""


def test_a_folder_that_cannot_be_written_to_costs_the_record_only(view, tmp_path):
    (tmp_path / "runs").write_text("a file in the way")
    view.run.click()
    until(lambda: view.worker.over)
    assert view.worker.state == "done" and "could not be kept" in view.message.value
    assert view.image.value == EXPERIMENT.render(**FAST)


def test_damaged_lines_are_counted_and_the_rest_is_shown(view):
    view.log.path.parent.mkdir()
    view.log.path.write_bytes(b'{"id": "x", "sta\n' + b"\xff\xfe\n")
    view.log.append({"status": "failed", "method": "<b>JAN</b>", "error": "x"})
    view.refresh()
    assert "2 line(s)" in view.table.value and "&lt;b&gt;JAN" in view.table.value
    assert len(view.chosen.options) == 1 and view.comparing.layout.display == "none"


def test_agreement_compares_seeds_of_one_setting(view):
    base = {"status": "done", "task": "t", "method": "m", "settings": {"weight": 1.0}, "asked": 50}
    a = view.log.append(base | {"seed": 0, "answers": "0011"})
    b = view.log.append(base | {"seed": 1, "answers": "0111"})
    view.log.append(base | {"seed": 1, "answers": "0000", "settings": {"weight": 3.0}})
    view.log.append(base | {"seed": 2, "answers": "0000", "status": "cancelled"})
    assert _bench_compare.agreements(view.log.runs()) == {a["id"]: 75.0, b["id"]: 75.0}


def test_the_comparison_draws_only_what_is_chosen(view):
    for seed in (0, 1):
        view.controls["seed"].value = seed
        view.run.click()
        until(lambda: view.worker.over)
    until(lambda: len(view.chosen.value) == 2)
    both = view.comparison.value
    view.chosen.value = view.chosen.value[:1]
    assert view.comparison.value != both
    view.chosen.value = ()
    assert view.comparing.layout.display == "none"


def test_without_a_kernel_nothing_is_started_or_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = threading.active_count()
    assert widgets.show(EXPERIMENT, **FAST) == EXPERIMENT.picture(**FAST)
    assert threading.active_count() == before and list(tmp_path.iterdir()) == []


def test_toggles_and_sliders_are_the_right_kind():
    knobs = experiment_bench.KNOBS["DANN"]
    assert isinstance(knobs["spectral_norm"], Toggle) and knobs["weight"].slider
    assert (
        result(**FAST).step
        == experiment_bench.train(unwatched, **EXPERIMENT.parameters(**FAST)).step
    )
