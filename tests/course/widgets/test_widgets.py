"""Experiments: pure, checked at both ends of every control, and shown live with a picture."""

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tlbook import plots
from tlbook.course import widgets
from tlbook.course.widgets import Choice, Experiment, Slider, Stepper, Toggle
from tlbook.course.widgets.view import View


def compute(shift=0.0, n=50, bandwidth=1.0, kind="normal", log=False, seed=0):
    if kind == "broken":
        raise ValueError("shift: got nonsense, want <sense>")
    rng = np.random.default_rng(seed)
    return shift + bandwidth * rng.normal(size=n), log


def draw(result, fig):
    values, log = result
    fig, ax = plots.figure(f"The mean is {values.mean():.2f}", fig=fig)
    ax.hist(values, log=log)
    ax.set(xlabel="value (cm)", ylabel="count")
    return fig


CONTROLS = (
    Slider("shift", "Shift", low=-2, high=2, step=0.1, start=0, unit="cm"),
    Slider("n", "Sample size", low=10, high=200, step=10, start=50, kind="int"),
    Slider("bandwidth", "Bandwidth", low=0.03, high=30, step=0.1, start=1, kind="log"),
    Choice("kind", "Kind", options=("normal", "broken")),
    Toggle("log", "Log scale"),
    Stepper("seed", "New sample"),
)
TOY = Experiment("toy", "How does a sample move?", compute, draw, CONTROLS, size="single")


def test_defaults_and_parameters():
    assert TOY.defaults() == {
        "shift": 0,
        "n": 50,
        "bandwidth": 1,
        "kind": "normal",
        "log": False,
        "seed": 0,
    }
    assert TOY.parameters(n=20)["n"] == 20


def test_render_is_pure_and_has_the_size_of_the_page():
    assert TOY.render() == TOY.render()
    assert TOY.render(shift=1.0) != TOY.render()
    picture = TOY.picture()
    assert picture.width == 672
    assert picture.alt.startswith("How does a sample move?: The mean is")
    assert Image.open(BytesIO(picture.data)).width == 672 * 120 // 96


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"shift": 3}, "shift: got 3, want a number from -2 to 2"),
        ({"shift": float("nan")}, "shift: got nan"),
        ({"n": 10.5}, "n: got 10.5, want a whole number"),
        ({"n": True}, "n: got True"),
        ({"kind": "x"}, "kind: got 'x', want one of 'normal', 'broken'"),
        ({"log": 1}, "log: got 1, want True or False"),
        ({"seed": -1}, "seed: got -1"),
        ({"size": 3}, "toy: got parameter 'size', want shift"),
    ],
)
def test_bad_parameters_get_a_clear_message(params, message):
    with pytest.raises(ValueError, match=message):
        TOY.render(**params)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Slider("a", "A", low=1, high=0, step=1, start=0), "a: got low=1"),
        (lambda: Slider("a", "A", low=0, high=1, step=0, start=0), "a: got low=0"),
        (lambda: Slider("a", "A", low=0, high=1, step=1, start=0, kind="log"), "above 0"),
        (lambda: Slider("a", "A", low=0, high=1, step=1, start=2), "a: got 2"),
        (lambda: Slider("a", "A", low=0, high=1, step=1, start=0, kind="x"), "kind: got"),
        (lambda: Choice("a", "A", options=("x",)), "a: got 1 option"),
        (lambda: Choice("a", "A", options=("x", "y"), start="z"), "a: got 'z'"),
        (lambda: Experiment("a", "A", compute, draw, ()), "controls: got"),
        (lambda: Experiment("a", "A", compute, draw, CONTROLS[:1] * 2), "controls: got"),
        (lambda: widgets.get("no_such"), "name: got 'no_such'"),
    ],
)
def test_bad_descriptions_get_a_clear_message(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_live_view_follows_its_controls_and_resets():
    view = View(TOY, {"n": 60})
    view.update()
    first = view.image.value
    view.controls["shift"].value = 1.5
    assert view.params["shift"] == 1.5 and view.image.value != first
    view.controls["seed"].click()
    assert view.params["seed"] == 1
    view.controls["log"].value = True
    view.reset.click()
    assert view.params == TOY.parameters(n=60)
    assert view.image.value == first
    assert view.controls["shift"].value == 0 and view.controls["log"].value is False


def test_reset_draws_once():
    view = View(TOY, {})
    view.update()
    view.controls["shift"].value = 1
    view.controls["n"].value = 100
    before = len(view.seconds)
    view.reset.click()
    assert len(view.seconds) == before + 1


def test_an_error_becomes_a_message_and_the_next_good_setting_clears_it():
    view = View(TOY, {})
    view.update()
    good = view.image.value
    view.controls["kind"].value = "broken"
    assert "ValueError: shift: got nonsense, want &lt;sense&gt;" in view.message.value
    assert view.message.layout.display != "none"
    assert view.image.value == good
    view.controls["kind"].value = "normal"
    assert view.message.value == "" and view.message.layout.display == "none"


def test_sliders_reach_both_ends():
    view = View(TOY, {})
    for control in TOY.controls[:3]:
        for end in control.ends():
            view.controls[control.name].value = end
            assert view.message.value == "", (control.name, end)
            assert TOY.parameters(**view.params)[control.name] == end


def test_a_log_slider_meets_its_start_and_both_ends_in_even_steps():
    ladder = np.array(TOY.controls[2].ladder())
    assert {0.03, 1.0, 30.0} <= set(ladder)
    steps = np.diff(np.log10(ladder))
    assert steps[1:-1] == pytest.approx(0.1, abs=0.01)
    assert (steps > 0.02).all()


def test_controls_say_label_and_unit():
    view = View(TOY, {})
    assert view.controls["shift"].description == "Shift (cm)"
    assert view.controls["shift"].tooltip == "Shift (cm)"
    assert view.controls["shift"].readout_format == ".1f"
    assert all(control.description for control in view.controls.values())
    assert view.image.width == "672"


def test_large_text_draws_the_same_result_anew_and_is_remembered(monkeypatch):
    from tlbook.course.widgets.view import Room

    monkeypatch.setattr(Room, "large", False)
    view = View(TOY, {})
    view.update()
    small, computed = view.image.value, len(view.seconds)
    view.large.value = True
    picture = TOY.picture_of(view.result, large=True)
    assert view.image.value == picture.data != small and view.shown.night.value == picture.night
    assert view.image.width == str(picture.width) and len(view.seconds) == computed
    assert "tlbook-large" in view.box._dom_classes
    later = View(TOY, {})
    assert later.large.value and "tlbook-large" in later.box._dom_classes
    view.large.value = False
    assert view.image.value == small and not View(TOY, {}).large.value


def test_by_night_the_picture_has_the_same_size_and_is_dark():
    picture = TOY.picture()
    day, night = (Image.open(BytesIO(data)) for data in (picture.data, picture.night))
    assert day.size == night.size
    assert np.asarray(day.convert("L")).mean() > 200 > 80 > np.asarray(night.convert("L")).mean()


def test_without_a_kernel_show_returns_the_picture():
    picture = widgets.show(TOY, shift=1.0)
    assert picture == TOY.picture(shift=1.0)
    data, metadata = picture._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == picture.alt


@pytest.mark.slow
def test_in_a_kernel_show_leaves_the_live_view_and_then_its_picture():
    import nbformat
    from nbclient import NotebookClient

    cell = (
        "from tests.course.widgets.test_widgets import TOY, widgets\nwidgets.show(TOY, shift=1.0)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    live, still = notebook.cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in live.data
    assert live.data["text/plain"].startswith("Run this cell to get the live controls.")
    assert still.output_type == "display_data"
    assert set(still.data) == {"image/png", "text/plain"}
    assert still.metadata["image/png"]["alt"].startswith("How does a sample move?")


def test_importing_widgets_is_cheap_and_needs_no_torch():
    code = (
        "import sys, tlbook.course.widgets; "
        "print([m for m in ('torch', 'ipywidgets', 'pandas', 'IPython', 'matplotlib.pyplot')"
        " if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("name", widgets.names())
def test_every_experiment_is_whole(name):
    experiment = widgets.get(name)
    assert experiment.name == name and experiment.title
    start = experiment.render()
    assert start == experiment.render(), "the same parameters should give the same picture"
    assert getattr(experiment.figure(), "alt", ""), "the picture needs a title: plots.figure"
    for control in experiment.controls:
        ends = [experiment.render(**{control.name: end}) for end in control.ends()]
        changed = ends[0] != ends[1] and (ends[0] != start or ends[1] != start)
        assert changed or control.unchanged, f"{control.name} changes nothing"
