"""An experiment that moves without a kernel: computed once, kept by the content of its code."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlbook.course import files, widgets
from tlbook.course.results.fingerprint import fingerprint
from tlbook.course.widgets import Choice, Control, Experiment, Slider, Stepper, Text, Toggle
from tlbook.course.widgets.live_experiment import LiveExperiment
from tlbook.workshop.site import pack, states

MOST, MOST_TRAINED = 48, 24
"""Settings of one experiment; of one that trains for each of them."""


@dataclass(frozen=True)
class Made:
    """One packed experiment: where it lies and what it took."""

    name: str
    path: Path
    pictures: int
    seconds: float

    @property
    def words(self) -> str:
        """Return a line on it."""
        kilobytes = self.path.stat().st_size / 1000
        return f"{self.name}: {self.pictures} pictures, {kilobytes:.0f} KB, {self.seconds:.0f} s"


def key(name: str) -> str:
    """Return the name of the code that a pack depends on: the experiment's, and the packing's."""
    module = files.modules("ch*/widget/*.py")[name]
    parts = (fingerprint(module, "EXPERIMENT"), fingerprint(__name__, "script"))
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stored(name: str, cache: Path) -> Path:
    """Return where the pack of an experiment lies, or would lie, in the cache."""
    most = MOST_TRAINED if isinstance(widgets.get(name), LiveExperiment) else MOST
    return cache / f"{name}-{most}-{key(name)}.js"


def make(name: str, cache: Path) -> Made:
    """Return the pack of an experiment, computed if the cache has none of its present code.

    Parameters
    ----------
    name : str
        Of the experiment.
    cache : Path
        Folder; older packs of this experiment are deleted from it.
    """
    path = stored(name, cache)
    began = time.perf_counter()
    if not path.exists():
        limit = int(path.stem.split("-")[1])
        text = script(widgets.get(name), limit)
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{name}-{limit}-*.js"):
            old.unlink()
        path.write_text(text, encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        count = int(file.readline().rsplit(" ", 1)[1])
    return Made(name, path, count, time.perf_counter() - began)


def script(experiment: Experiment, most: int) -> str:
    """Compute the pack: a comment with the number of pictures, then what the page loads."""
    pictures, words, chosen = [], [], states.chosen(experiment, most)
    for params in chosen:
        fig = experiment.figure(**params)
        words.append(getattr(fig, "alt", "") or experiment.title)
        pictures.append(pack.vectors(fig))

    def facts(count: int) -> dict[str, Any]:
        return facts_of(experiment, chosen[:count]) | {"words": words[:count]}

    ends = len(states.chosen(experiment, 1))
    text, count = pack.fitted(experiment.name, facts, pictures, ends)
    return f"// {experiment.name}, pictures: {count}\n{text}"


def facts_of(experiment: Experiment, chosen: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the page has to know: the controls with their stored values, and the settings."""
    controls = []
    places: dict[str, list[Any]] = {}
    for control in experiment.controls:
        values: list[Any] = []
        for params in chosen:
            if params[control.name] not in values:
                values.append(params[control.name])
        order = _order(control)
        places[control.name] = values = sorted(values, key=order) if order else values
        entry: dict[str, Any] = {
            "name": control.name,
            "label": control.label,
            "unit": getattr(control, "unit", ""),
            "kind": _kind(control),
            "values": [shown(control, value) for value in values],
            "start": values.index(control.initial),
        }
        when = getattr(control, "when", None)
        if when is not None:
            entry["when"] = [when[0], when[1]]
        controls.append(entry)
    for entry in controls:
        if "when" in entry:
            other, value = entry["when"]
            entry["when"] = [other, places[other].index(value)]
    rows = [[places[name].index(value) for name, value in params.items()] for params in chosen]
    width, height = experiment.inches
    return {
        "title": experiment.title,
        "size": [width, height],
        "controls": controls,
        "states": rows,
    }


def _order(control: Control) -> Any:
    if isinstance(control, Choice):
        return control.options.index
    return None if isinstance(control, Text) else (lambda value: value)


def _kind(control: Control) -> str:
    if isinstance(control, Slider) or (isinstance(control, Choice) and control.slider):
        return "slider"
    kinds = {Choice: "list", Text: "list", Toggle: "toggle", Stepper: "step"}
    return kinds[type(control)]


def shown(control: Control, value: Any) -> str:
    """Return a value as the page writes it."""
    if isinstance(control, Slider):
        return f"{value:.4g}"
    return str(value) if value != "" else "(empty)"
