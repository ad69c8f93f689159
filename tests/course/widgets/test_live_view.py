"""Runs in the background: what they show, who may interrupt them, and what they leave alone."""

import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import pytest
import torch

from tlbook import plots
from tlbook.course.widgets import Choice, Slider, Stepper, Toggle, show
from tlbook.course.widgets.live_experiment import LiveExperiment, unwatched
from tlbook.course.widgets.live_view import LiveView
from tlbook.course.widgets.worker import TURN, Worker, foreground

pytestmark = pytest.mark.slow

SLICES = 12


@dataclass(frozen=True)
class Walk:
    step: int
    steps: int
    sum: float


def train(watch, drift=0.0, broken=False, kind="a", seed=0):
    """Walk at random on torch's global generator, as a network with dropout would."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7 + seed)
        total = 0.0
        for step in range(1, SLICES + 1):
            total += drift + float(torch.randn(3).sum())
            time.sleep(0.004)
            if broken and step == 4:
                raise RuntimeError("the <walk> fell over\nand more")
            now = Walk(step, SLICES, total)
            if watch(lambda now=now: now):
                return now
    return now


def compute(**params):
    return train(unwatched, **params)


def draw(result, fig):
    fig, ax = plots.figure(f"Step {result.step}: the sum is {result.sum:.6f}", fig=fig)
    ax.plot([0, result.step], [0, result.sum])
    return fig


TOY = LiveExperiment(
    "walk",
    "Where does it go?",
    compute,
    draw,
    (
        Slider("drift", "Drift", low=-1, high=1, step=0.5, start=0),
        Toggle("broken", "Broken"),
        Choice("kind", "Kind", ("a", "b"), unchanged="only for the test"),
        Stepper("seed", "New sample"),
    ),
    size=(3.0, 2.0),
    train=train,
)


@pytest.fixture
def view():
    shown = LiveView(TOY, {})
    yield shown
    shown.close()
    if shown.worker is not None:
        assert shown.worker.join(20)


def until(condition, seconds=20.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.005)


def test_a_run_in_the_background_ends_in_the_very_same_picture(view):
    still = view.update()
    view.image.value = b""
    worker = view.begin()
    assert worker.thread.daemon and worker.join(20)
    assert worker.state == "done" and worker.error is None
    assert view.image.value == still.data == TOY.render()
    assert view.frames >= SLICES and "finished: 12 steps" in view.status.value
    assert "the sum is" in view.words.value


def test_moving_a_control_starts_a_run_with_the_new_setting(view):
    view.update()
    view.controls["drift"].value = 1.0
    first = view.worker
    view.controls["drift"].value = 0.5
    assert view.worker is not first and view.worker.join(20) and first.join(20)
    assert view.image.value == TOY.render(drift=0.5), "the older run drew last"


def test_a_stepper_starts_a_run_too(view):
    view.controls["seed"].click()
    assert view.worker.join(20) and view.image.value == TOY.render(seed=1) != TOY.render()


def test_pause_step_and_go_on(view):
    view.step()
    until(lambda: view.worker.state == "paused")
    until(lambda: "paused at step 1 of 12" in view.status.value)
    assert view.pause.description == "Continue" and not view.stop.disabled
    assert "tlbook-busy" not in view.box._dom_classes
    shown = view.image.value
    time.sleep(0.1)
    assert view.image.value == shown and view._made == 1, "it went on while paused"
    for at in (2, 3):
        view.one.click()
        until(lambda at=at: f"paused at step {at} of 12" in view.status.value)
    view.pause.click()
    assert view.worker.join(20) and view.worker.state == "done"
    assert view.image.value == TOY.render()
    assert view.pause.disabled and view.stop.disabled and view.pause.description == "Pause"


def test_pausing_a_run_that_works_draws_where_it_stands(view):
    slow = LiveExperiment(
        "slow", "?", compute, draw, TOY.controls, size=(3.0, 2.0), train=train, pace=100.0
    )
    lazy = LiveView(slow, {})
    lazy.begin()
    until(lambda: lazy.frames == 1)
    lazy.toggle()
    until(lambda: lazy.worker.state == "paused" or lazy.worker.over)
    assert lazy.worker.state == "paused"
    until(lambda: lazy.frames == 2)
    assert f"paused at step {lazy._made} of 12" in lazy.status.value
    lazy.close()
    assert lazy.worker.join(20) and lazy.worker.state == "stopped"


def test_stop_ends_it_where_it_stands_also_when_it_is_paused(view):
    view.step()
    until(lambda: view.worker.state == "paused")
    view.stop.click()
    assert view.worker.join(20) and view.worker.state == "stopped"
    assert "stopped at step" in view.status.value and view._made < SLICES
    view.run.click()
    assert view.worker.join(20) and view.image.value == TOY.render()


def test_reset_stops_the_run_and_shows_the_start(view):
    still = view.update().data
    view.controls["drift"].value = 1.0
    worker = view.worker
    view.reset.click()
    assert view.controls["drift"].value == 0 and view.image.value == still
    assert worker.join(20) and worker.state == "stopped"
    assert view.image.value == still, "the stopped run drew over the start"
    assert view.worker is None


def test_a_run_that_dies_says_so_in_one_line_and_nothing_goes_to_stderr(view, capfd):
    view.controls["broken"].value = True
    assert view.worker.join(20)
    assert view.worker.state == "failed"
    assert "RuntimeError: the &lt;walk&gt; fell over" in view.message.value
    assert "and more" not in view.message.value and "\n" not in view.message.value
    assert view.message.layout.display != "none" and "error at step" in view.status.value
    assert TURN.job is None
    assert capfd.readouterr().err == ""
    view.controls["broken"].value = False
    assert view.worker.join(20) and view.message.value == ""


def test_closing_the_view_stops_the_run_and_so_does_showing_it_again(view):
    view.begin()
    view.box.close()
    assert view.worker.join(20) and view.worker.state == "stopped"
    first = LiveView(TOY, {})
    first.begin()
    second = LiveView(TOY, {})
    assert first.worker.join(20) and first.worker.state == "stopped"
    second.close()


def test_random_numbers_of_run_and_notebook_do_not_mix(view):
    torch.manual_seed(3)
    alone = [torch.rand(2).tolist() for _ in range(30)]
    torch.manual_seed(3)
    mixed = []
    view.begin()
    while len(mixed) < 30:
        with foreground():  # what a cell of the notebook is
            mixed.append(torch.rand(2).tolist())
        time.sleep(0.002)
    assert view.worker.join(20)
    assert mixed == alone
    assert view.image.value == TOY.render()
    assert torch.rand(1).item() == torch.rand(1, generator=_after(alone)).item()


def _after(drawn):
    generator = torch.Generator().manual_seed(3)
    for _ in drawn:
        torch.rand(2, generator=generator)
    return generator


def test_two_runs_at_once_take_turns():
    views = [LiveView(TOY, {"drift": d}) for d in (0.0, 1.0)]
    for shown in views:
        shown.begin()
    # Showing the same experiment again does not end a run that is begun afterwards.
    assert all(shown.worker.join(20) for shown in views)
    assert [shown.image.value for shown in views] == [TOY.render(), TOY.render(drift=1.0)]
    for shown in views:
        shown.close()


def test_a_cell_keeps_runs_at_rest_and_waits_for_a_slice_only():
    seen, done = [], threading.Event()

    def job(worker):
        while not done.is_set():
            time.sleep(0.003)
            seen.append(time.monotonic())
            if worker.yield_turn():
                return

    worker = Worker(job).start()
    until(lambda: len(seen) > 3)
    began = time.monotonic()
    with foreground():
        waited = time.monotonic() - began
        at_rest = len(seen)
        time.sleep(0.1)
        assert len(seen) == at_rest, "the job worked while the cell did"
    until(lambda: len(seen) > at_rest)
    done.set()
    assert worker.join(20) and waited < 5.0


def test_a_job_cancelled_while_a_cell_runs_ends_after_the_cell():
    with foreground():
        worker = Worker(lambda w: pytest.fail("it should not have begun")).start()
        worker.cancel()
        time.sleep(0.05)
        assert not worker.over
    assert worker.join(20) and worker.state == "stopped" and worker.error is None


def test_what_on_end_raises_is_kept_and_the_turn_given_back():
    worker = Worker(lambda w: None, on_end=lambda w: 1 / 0).start()
    assert worker.join(20) and worker.state == "failed"
    assert isinstance(worker.error, ZeroDivisionError) and TURN.job is None


def test_a_process_ends_quietly_while_a_run_is_on():
    code = (
        "from tests.course.widgets.test_live_view import TOY\n"
        "from tlbook.course.widgets.live_view import LiveView\n"
        "view = LiveView(TOY, {})\nview.begin()\nprint(view.worker.state)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert out.returncode == 0 and out.stdout.strip() == "working" and out.stderr == ""


def test_without_a_kernel_no_thread_is_started():
    before = threading.active_count()
    assert show(TOY, drift=0.5) == TOY.picture(drift=0.5)
    assert threading.active_count() == before


def test_a_cell_of_a_real_kernel_holds_the_run_and_stays_clean():
    """The hooks: numbers drawn in cells are those of a notebook without a run."""
    nbformat = pytest.importorskip("nbformat")
    from nbclient import NotebookClient

    cells = [
        "import torch, time\nfrom tests.course.widgets.test_live_view import TOY\n"
        "from tlbook.course.widgets.live_view import _SHOWN\n"
        "from tlbook.course.widgets import show\nshow(TOY)\ntorch.manual_seed(3);",
        "view = _SHOWN['walk']\nview.begin()\nfirst = torch.rand(2)\nat = view.frames\n"
        "time.sleep(0.2)\nassert view.frames == at, 'it drew during a cell'",
        "second = torch.rand(2)",
        "import asyncio\nfor _ in range(100):\n    if view.worker.over: break\n"
        "    await asyncio.sleep(0.01)\nview.worker.state",
        "third = torch.rand(2)\ntorch.manual_seed(3)\n"
        "assert torch.stack([first, second, third]).equal("
        "torch.stack([torch.rand(2) for _ in range(3)]))",
    ]
    cells.insert(3, "import threading\nthreading.active_count() > 0")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(notebook, kernel_name="python3", timeout=120)
    client.execute()
    outputs = [o for cell in notebook.cells for o in cell.outputs]
    assert not [o for o in outputs if o.output_type in ("error", "stream")]
