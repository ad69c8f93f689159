"""Which settings of an experiment its page stores: a sparse grid around the start."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from tlbook.course.widgets import Choice, Control, Experiment, Slider, Stepper, Text, Toggle

Params = dict[str, Any]
Levels = list[list[Any]]


def levels(control: Control) -> Levels:
    """Return the values of a control by importance: the start, both ends, then finer ones.

    Examples
    --------
    >>> levels(Slider("shift", "Shift", 0, 4, 1, 0))
    [[0.0], [4.0], [2.0], [1.0, 3.0]]
    >>> levels(Toggle("labels", "Labels"))
    [[False], [True]]
    """
    if isinstance(control, Slider):
        return _halved(_places(control), control.initial)
    if isinstance(control, Choice):
        return _halved(list(control.options), control.initial)
    if isinstance(control, Toggle):
        return [[control.initial], [not control.initial]]
    if isinstance(control, Stepper):
        return [[control.start], [control.start + 1], [control.start + 2]]
    if isinstance(control, Text):
        ends = [text for text in control.ends() if text != control.initial]
        others = [control.check(text) for text in control.examples]
        return [[control.initial], ends, [t for t in others if t not in (*ends, control.initial)]]
    raise TypeError(f"control: got {type(control).__name__}, want one of tlbook.course.widgets")


def _places(slider: Slider) -> list[Any]:
    """Return where a slider can stand."""
    if slider.kind == "log":
        return list(slider.ladder())
    steps = int((slider.high - slider.low) / slider.step + 1e-9)
    places = {slider.check(slider.low + k * slider.step) for k in range(steps + 1)}
    return sorted(places | {slider.initial, *slider.ends()})


def _halved(places: list[Any], start: Any) -> Levels:
    """Return the start, the ends, the middles of the gaps between, the middles of those …"""
    here = places.index(start)
    found, known = [[start]], sorted({0, here, len(places) - 1})
    found.append([places[i] for i in known if i != here])
    while len(known) < len(places):
        middles = [(a + b) // 2 for a, b in itertools.pairwise(known) if b - a > 1]
        found.append([places[i] for i in middles])
        known = sorted({*known, *middles})
    return found


def chosen(experiment: Experiment, most: int) -> list[Params]:
    """Return the settings to store, the important ones first, and at most ``most`` of them.

    The first ones move one control to an end and leave the others at the start: they are returned
    even if there are more than ``most``. A control that is shown only beside another's value is
    moved there. Then come finer values of one control, and pairs, triples, … at their ends: a
    sparse grid, in which a combination is as rare as it has many controls in fine positions.

    Examples
    --------
    >>> from tlbook.course import widgets
    >>> len(chosen(widgets.get("shift_simulator"), 20))
    20
    """
    controls = {control.name: control for control in experiment.controls}
    steps = {name: levels(control) for name, control in controls.items()}
    found: dict[tuple, Params] = {}

    def add(params: Params) -> None:
        if all(_shown(controls[name], params) for name in params if _moved(controls, params, name)):
            found.setdefault(tuple(map(repr, params.values())), params)

    start = experiment.defaults()
    add(start)
    for name, control in controls.items():
        for value in (control.initial, *steps[name][1]):
            add({**start, **_needed(controls, control), name: value})
    wanted = max(most, len(found))
    for total in range(2, sum(len(step) - 1 for step in steps.values()) + 1):
        for params in _combined(steps, start, total):
            if len(found) >= wanted:
                return list(found.values())
            add(params)
    return list(found.values())


def _combined(steps: dict[str, Levels], start: Params, total: int) -> Iterator[Params]:
    """Yield settings whose levels sum to ``total``, those that move few controls first."""
    names = list(steps)
    for count in range(1, min(total, len(names)) + 1):
        for moved in itertools.combinations(names, count):
            for heights in _sums(total, count):
                if any(h >= len(steps[n]) for h, n in zip(heights, moved, strict=True)):
                    continue
                values = [steps[n][h] for h, n in zip(heights, moved, strict=True)]
                for combination in itertools.product(*values):
                    yield {**start, **dict(zip(moved, combination, strict=True))}


def _sums(total: int, count: int) -> Iterator[tuple[int, ...]]:
    if count == 1:
        yield (total,)
        return
    for first in range(1, total - count + 2):
        for rest in _sums(total - first, count - 1):
            yield (first, *rest)


def _needed(controls: dict[str, Control], control: Control) -> Params:
    """Return what has to be set so that a control is shown."""
    when = getattr(control, "when", None)
    return {} if when is None else {**_needed(controls, controls[when[0]]), when[0]: when[1]}


def _moved(controls: dict[str, Control], params: Params, name: str) -> bool:
    return bool(params[name] != controls[name].initial)


def _shown(control: Control, params: Params) -> bool:
    when = getattr(control, "when", None)
    return when is None or params[when[0]] == when[1]
