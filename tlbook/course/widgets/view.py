"""The live view of an experiment: controls, a picture, and that picture for a page with no kernel.

The picture is an Image widget fed with PNG bytes: it works under nbval and papermill, where Output
widgets capture nothing, and is the fastest of the ways that were measured.
"""

import html
import os
import time
from functools import lru_cache
from importlib.resources import files
from typing import Any

from tlbook.course.widgets.controls import Choice, Control, Slider, Stepper, Text, Toggle
from tlbook.course.widgets.experiment import Experiment, Picture


@lru_cache(maxsize=1)
def page_parts() -> str:
    """Return the style sheet of all live views, which starts the script that names their parts."""
    here = files("tlbook.course.widgets")
    style, script = (here.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    return f'<style onload="{html.escape(script)}">{style}</style>'


LABELS = {False: "190px", True: "260px"}
"""Width of the words before a control, without and with large text."""


class Room:
    """Whether views that are shown from now on begin with large text."""

    large = bool(os.environ.get("TLBOOK_LARGE_TEXT"))


NO_KERNEL = "Run this cell to get the live controls. The picture shows the experiment at its start."


def in_kernel() -> bool:
    """Return whether this process is a Jupyter kernel, so that widgets have a way to the page."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def control_widget(control: Control, value: Any) -> Any:
    """Return the ipywidget for a control, set to ``value``."""
    import ipywidgets as w

    unit = getattr(control, "unit", "")
    unit = f" ({unit})" if unit else ""
    words: dict[str, Any] = {"description": control.label + unit, "tooltip": control.label + unit}
    look: dict[str, Any] = words | {
        "style": {"description_width": LABELS[False]},
        "layout": w.Layout(width="auto"),
    }
    if isinstance(control, Slider):
        if control.kind == "int":
            return w.IntSlider(
                value=value,
                min=int(control.low),
                max=int(control.high),
                step=max(1, int(control.step)),
                **look,
            )
        if control.kind == "log":
            steps = sorted({*control.ladder(), value})
            return w.SelectionSlider(options=[(f"{v:.3g}", v) for v in steps], value=value, **look)
        digits = len(f"{control.step:.10g}".partition(".")[2])
        return w.FloatSlider(
            value=value,
            min=control.low,
            max=control.high,
            step=control.step,
            readout_format=f".{digits}f",
            **look,
        )
    if isinstance(control, Choice):
        options = [(str(option), option) for option in control.options]
        kind = w.SelectionSlider if control.slider else w.Dropdown
        return kind(options=options, value=value, **look)
    if isinstance(control, Text):
        # Every key pressed would be a picture of half a word: the kernel hears of the whole line.
        line = {"value": value, "placeholder": control.placeholder, "continuous_update": False}
        return w.Text(**line, **look | {"layout": w.Layout(width="auto")})
    if isinstance(control, Toggle):
        return w.Checkbox(value=value, indent=False, layout=w.Layout(width="auto"), **words)
    if isinstance(control, Stepper):
        return w.Button(icon="refresh", layout=w.Layout(width="auto"), **words)
    raise TypeError(f"control: got {type(control).__name__}, want one of tlbook.course.widgets")


class Shown:
    """A picture on the page: by day, by night (the page's theme picks one), and its words."""

    def __init__(self, name: str) -> None:
        import ipywidgets as w

        self.day, self.night, self.words = w.Image(format="png"), w.Image(format="png"), w.HTML()
        self.day.add_class("tlbook-day")
        self.day.add_class(name)
        self.night.add_class("tlbook-night")
        self.words.add_class("tlbook-words")

    @property
    def widgets(self) -> tuple[Any, ...]:
        """The three in their order on the page: the script takes the words for the pictures."""
        return self.day, self.night, self.words

    def put(self, picture: Picture) -> None:
        """Show another picture."""
        self.resize(picture.width)
        self.day.value, self.night.value = picture.data, picture.night

    def resize(self, width: int) -> None:
        """Make the picture so many pixels wide, where the page has room."""
        self.day.width = self.night.width = str(width)

    def say(self, words: str) -> None:
        """Say what the picture shows: aloud, and as its alternative text."""
        self.words.value = f'<span role="status">{html.escape(words)}</span>'


class View:
    """Ties the controls of one experiment to its picture.

    The page holds back slider messages while the kernel is busy and then sends only the latest, so
    a slow ``compute`` never works through a queue: the newest setting wins.
    """

    def __init__(self, experiment: Experiment, start: dict[str, Any]) -> None:
        import ipywidgets as w

        self.experiment = experiment
        self.start = experiment.parameters(**start)
        self.params = dict(self.start)
        self.seconds: list[float] = []
        self.result: Any = None
        self._quiet = False
        self.controls = {c.name: control_widget(c, self.start[c.name]) for c in experiment.controls}
        self.shown = Shown("tlbook-picture")
        self.shown.resize(experiment.width)
        self.image, self.words = self.shown.day, self.shown.words
        self.message = w.HTML(layout=w.Layout(display="none"))
        self.reset = w.Button(
            description="Reset", tooltip="Back to the start", icon="undo", layout={"width": "auto"}
        )
        self.reset.on_click(self._on_reset)
        self.large = w.ToggleButton(
            value=Room.large, description="Large text", icon="text-height",
            tooltip="For a projector; close the side bar for it", layout={"width": "auto"},
        )  # fmt: skip
        self.large.add_class("tlbook-large-text")
        self.large.observe(lambda e: self.enlarge(e["new"]), "value")
        for control in experiment.controls:
            widget = self.controls[control.name]
            widget.add_class(f"tlbook-control-{control.name}")
            if isinstance(control, Stepper):
                widget.on_click(lambda _, name=control.name: self._step(name))
            else:
                widget.observe(lambda e, name=control.name: self._set(name, e["new"]), "value")
        small = (w.Checkbox, w.Button)
        wide = [c for c in self.controls.values() if not isinstance(c, small)]
        row = [c for c in self.controls.values() if isinstance(c, small)]
        heading = f'{page_parts()}<div class="tlbook-heading">{html.escape(experiment.title)}</div>'
        columns = "repeat(auto-fill, minmax(min(400px, 100%), 1fr))"
        grid = w.Layout(grid_template_columns=columns, grid_gap="0 18px")
        wrap = w.Layout(flex_flow="row wrap", align_items="center", grid_gap="0 18px")
        self.box = w.VBox(
            [
                w.HTML(heading),
                w.GridBox(wide, layout=grid),
                w.Box([*row, self.reset, self.large], layout=wrap),
                self.message,
                *self.shown.widgets,
            ]
        )
        self.show_controls()
        self.box.add_class("tlbook-live")
        self.box.add_class(f"tlbook-{experiment.name}")
        self._set_sizes()

    def enlarge(self, large: bool) -> None:
        """Draw what is shown anew, with large text or without; later views begin like this one."""
        Room.large = large
        self._set_sizes()
        if self.result is not None:
            self.put(self.result)

    def _set_sizes(self) -> None:
        large = self.large.value
        (self.box.add_class if large else self.box.remove_class)("tlbook-large")
        for widget in self.controls.values():
            if hasattr(widget.style, "description_width"):
                widget.style.description_width = LABELS[large]

    def put(self, result: Any) -> Picture:
        """Bring the picture of a result to the page."""
        picture = self.experiment.picture_of(result, self.large.value)
        self.result = result
        self.shown.put(picture)
        return picture

    def show_controls(self) -> None:
        """Hide the controls that mean nothing under the present settings."""
        for control in self.experiment.controls:
            when = getattr(control, "when", None)
            if when is not None:
                shown = self.params[when[0]] == when[1]
                self.controls[control.name].layout.display = None if shown else "none"

    def _set(self, name: str, value: Any) -> None:
        self.params[name] = value
        self.show_controls()
        if not self._quiet:
            self.update()

    def _step(self, name: str) -> None:
        self._set(name, self.params[name] + 1)

    def _on_reset(self, _: Any = None) -> None:
        self._quiet = True
        try:
            for name, value in self.start.items():
                if hasattr(self.controls[name], "value"):
                    self.controls[name].value = value
            self.params = dict(self.start)
            self.show_controls()
        finally:
            self._quiet = False
        self.update()

    def update(self) -> Picture | None:
        """Compute and draw with the present settings; an error becomes a message on the page."""
        began = time.perf_counter()
        try:
            picture = self.put(self.experiment.compute(**self.experiment.parameters(**self.params)))
        except Exception as error:
            words = html.escape(f"{type(error).__name__}: {error}")
            self.message.value = (
                f'<div class="tlbook-error" role="alert">This setting could not be computed; '
                f"the picture below is an earlier one. {words}</div>"
            )
            self.message.layout.display = ""
            return None
        if self.message.value:
            self.message.value, self.message.layout.display = "", "none"
        self.shown.say(picture.alt)
        self.seconds.append(time.perf_counter() - began)
        return picture
