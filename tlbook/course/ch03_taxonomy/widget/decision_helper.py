"""Chapter 03: describe a problem, follow it through the decision tree, read what fits and why."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch03_taxonomy.taxonomy import (
    METHODS,
    Contradiction,
    Decision,
    Problem,
    Step,
    decide,
    paths,
)
from tlbook.course.ch03_taxonomy.taxonomy.decision import title
from tlbook.course.ch03_taxonomy.taxonomy.vocabulary import QUESTIONS
from tlbook.course.widgets.controls import Choice, Control, Toggle
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.figure import headline

LABELS = ("none", "few", "many")
CONTROLS: tuple[Control, ...] = (
    Choice("source_labels", "Labels in the source", LABELS, "many"),
    Choice("target_labels", "Labels in the target", LABELS, "none"),
    Choice("task", "Task", ("same", "other classes", "other meaning")),
    Choice("features", "Feature space", ("same", "different")),
    Choice("inputs", "P(X)", ("same", "different"), "different"),
    Choice("access", "Of the source you have", ("data", "model")),
    Choice("overlap", "Source inputs wherever target", ("yes", "unknown", "no"), "unknown"),
    Toggle("target_inputs", "Unlabeled target inputs", True),
    Toggle("both", "One model for both"),
    Toggle("label_shift", "Only class shares moved"),
    Toggle("descriptions", "Classes are described"),
    Toggle("pairs", "Pairs across feature spaces"),
)
ANSWERS: dict[str, dict[str, Any]] = {
    "start": {},
    "(a) zero-shot": {"task": "other classes", "descriptions": True},
    "(b) self-taught": {"source_labels": "none", "target_labels": "few"},
    "(c) only a model": {"access": "model"},
}

SIZE = (10.4, 9.1)
TREE_BOX = (0.005, 0.435, 0.99, 0.505)
FIRST, STEP, BEND = 0.47, 1.12, 0.42  # inches: first question, to the next, to where a line turns
LEAF = FIRST + 6 * STEP + BEND + 0.54  # after the seven questions of the longest way
ON, OFF, BAD = plots.color("source"), "#9A9A9A", plots.color("wrong")
INK, FADED = "#1A1A1A", "#6E6E6E"

Path = tuple[Step, ...]


@dataclass(frozen=True)
class Result:
    """A description with its decision, or with the contradiction in it."""

    problem: Problem
    decision: Decision | None
    clash: Contradiction | None


def compute(both: bool = False, **answers: Any) -> Result:
    """Return the decision for a description, or what makes it impossible.

    Parameters
    ----------
    both : bool
        Whether one model is to serve source and target.
    **answers
        The other answers of :class:`tlbook.course.ch03_taxonomy.taxonomy.Problem`.
    """
    problem = Problem(goal="both" if both else "target", **answers)
    try:
        return Result(problem, decide(problem), None)
    except Contradiction as clash:
        return Result(problem, None, clash)


@lru_cache(maxsize=1)
def _layout() -> dict[Path, tuple[float, str]]:
    """Return for every place in the tree its row and its words; keys are the steps so far."""
    rows: dict[Path, list[int]] = {}
    words: dict[Path, str] = {}
    for row, (steps, end) in enumerate(paths()):
        words[steps] = end
        for depth in range(len(steps) + 1):
            rows.setdefault(steps[:depth], []).append(row)
            if depth < len(steps):
                words[steps[:depth]] = steps[depth].question
    return {path: (sum(r) / len(r), words[path]) for path, r in rows.items()}


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the tree with the way taken, and under it the reason, the methods or the clash."""
    fig.clear()
    fig.set_layout_engine("none")  # fixed places: every text has its room whatever the answers
    found, clash = result.decision, result.clash
    headline(fig, f"{_capital(title(found))}" if found else "This description cannot be")
    _tree(fig.add_axes(TREE_BOX), found.path if found else None)
    _said(fig, result)
    if found:
        _reason(fig, found)
        _methods(fig, found)
    elif clash:
        _clash(fig, clash)
    return fig


def answers() -> Figure:
    """Return the way through the tree in the states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "Two changes lead to zero-shot or self-taught learning. A model alone rules out 4 methods",
        size=(10.4, 5.6), columns=len(ANSWERS),
    )  # fmt: skip
    labels = {control.name: control.label for control in CONTROLS}
    start = decide(compute(**EXPERIMENT.parameters()).problem)
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        found = decide(compute(**EXPERIMENT.parameters(**state)).problem)
        ax.set(xlim=(0, 1), ylim=(11.4, -0.4))
        ax.axis("off")
        said = [labels[n] + ("" if value is True else f": {value}") for n, value in state.items()]
        ax.set_title(name, loc="left", fontsize=11, fontweight="bold")
        ax.text(0, -0.35, "\n".join(said) or "as the widget opens", va="top", fontsize=10)
        _way(ax, found, start)
    return fig


def _way(ax: Axes, found: Decision, start: Decision) -> None:
    """Write the questions of a way downward, new answers in color, and what fits or is gone."""
    for row, step in enumerate(found.path, start=1):
        on = step not in start.path
        box = {"boxstyle": "round,pad=0.14", "fc": "white", "ec": ON if on else OFF, "lw": 1.2}
        ax.plot([0.06, 0.06], [row, row + 1], color=ON if on else OFF, lw=2.4 if on else 1.2)
        ax.text(0.02, row, step.question, fontsize=10, va="center", bbox=box, color=INK)
        ax.text(
            0.1, row + 0.5, step.answer, fontsize=10, va="center", color=ON if on else FADED,
            fontweight="bold" if on else "normal",
        )  # fmt: skip
    _leaf(ax, 0.02, len(found.path) + 1, found.setting, True)
    new = [n for n in found.methods() if found == start or n not in start.methods()]
    gone = [n for n in start.methods() if n not in found.methods()]
    words, color = ("fits", plots.color("right")) if new else ("does not fit any more", BAD)
    ax.text(0, 8.9, words, color=color, fontsize=10, fontweight="bold", va="top")
    ax.text(0, 9.3, "\n".join(new or gone), fontsize=10, va="top", linespacing=1.2, color=INK)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _tree(ax: Axes, taken: Path | None) -> None:
    places = _layout()
    bottom = max(row for row, _ in places.values())
    ax.set(xlim=(0, SIZE[0] * TREE_BOX[2]), ylim=(bottom + 0.6, -0.6))
    ax.axis("off")
    ways = {end for end, _ in paths()}
    for path, (row, words) in places.items():
        on = taken is not None and taken[: len(path)] == path
        leaf = path in ways
        x = LEAF if leaf else FIRST + STEP * len(path)
        if path:
            _edge(ax, places[path[:-1]][0], FIRST + STEP * (len(path) - 1), row, x, path[-1], on)
        if leaf:
            _leaf(ax, x, row, words, on)
        else:
            _question(ax, x, row, words, on)


def _edge(
    ax: Axes, above: float, start: float, row: float, end: float, step: Step, on: bool
) -> None:
    bend = start + BEND
    color, width, order = (ON, 2.6, 2) if on else ("#CFCFCF", 1.1, 1)
    ax.plot([start, bend, bend, end], [above, above, row, row], color=color, lw=width, zorder=order)
    color = ON if on else FADED
    ax.text(bend + 0.04, row - 0.08, step.answer, fontsize=10, va="bottom", color=color)


def _question(ax: Axes, x: float, row: float, words: str, on: bool) -> None:
    box = {"boxstyle": "round,pad=0.14", "fc": "white", "ec": ON if on else "white", "lw": 1.4}
    lines = "\n".join(textwrap.wrap(words, 12))
    ax.text(
        x, row, lines, ha="center", va="center", fontsize=10, linespacing=1.05, bbox=box,
        color=INK if on else FADED, zorder=4,
    )  # fmt: skip


def _leaf(ax: Axes, x: float, row: float, words: str, on: bool) -> None:
    box = {"boxstyle": "round,pad=0.22", "fc": ON if on else "white", "ec": ON if on else "white"}
    color = "white" if on else FADED
    ax.text(x, row, words, va="center", fontsize=10, color=color, bbox=box, zorder=5)


def _wrapped(fig: Figure, x: float, y: float, words: str, width: int, **style: Any) -> float:
    """Write wrapped words from (x, y) downward and return where the next line starts."""
    lines = textwrap.wrap(words, width)
    size = style.setdefault("fontsize", 10)
    fig.text(x, y, "\n".join(lines), va="top", linespacing=1.25, **style)
    return y - len(lines) * 1.36 * size / 72 / SIZE[1]


def _said(fig: Figure, result: Result) -> None:
    p = result.problem
    parts = [f"labels: source {p.source_labels}, target {p.target_labels}", f"task: {p.task}",
             f"feature space: {p.features}", f"P(X): {p.inputs}", f"source: {p.access}",
             f"overlap: {p.overlap}"]  # fmt: skip
    parts += [QUESTIONS[n] for n in ("target_inputs", "label_shift") if getattr(p, n)]
    parts += ["one model for both"] if p.goal == "both" else []
    parts += [n for n in ("descriptions", "pairs") if getattr(p, n)]
    _wrapped(
        fig, 0.012, 0.425, "You said.  " + "  ·  ".join(parts), 128, color="#444444", fontsize=10
    )


def _reason(fig: Figure, found: Decision) -> None:
    y = _wrapped(fig, 0.012, 0.372, "Why.  " + found.reason, 118, color=INK, fontsize=10.5)
    _wrapped(fig, 0.012, y - 0.004, "The name.  " + found.note, 128, color="#444444", fontsize=10)


def _methods(fig: Figure, found: Decision) -> None:
    top, green = 0.262, plots.color("right")
    fig.text(0.012, top, "Fits (chapter)", color=green, fontweight="bold", va="top", fontsize=10.5)
    kinds: dict[str, list[str]] = {}
    for a in found.fits:
        kinds.setdefault(a.kind, []).append(f"{a.method} ({', '.join(a.chapters)})")
    y = top - 0.03
    for kind, names in kinds.items():
        y = _wrapped(fig, 0.012, y, f"{kind}: " + " · ".join(names), 66, color=INK, fontsize=10)
    words = "Tempting, but does not fit"
    fig.text(0.52, top, words, color=BAD, fontweight="bold", va="top", fontsize=10.5)
    y = top - 0.03
    reasons: dict[str, list[str]] = {}
    for a in tempting(found)[:6]:
        reasons.setdefault(a.why, []).append(a.method)
    for why, names in list(reasons.items())[:4]:
        y = _wrapped(fig, 0.52, y, f"{', '.join(names)}: {why}", 66, color=INK, fontsize=10)
    chapters = " · ".join(map(str, found.chapters[:5])) + (" …" if len(found.chapters) > 5 else "")
    fig.text(0.012, 0.012, f"Read: {chapters}", fontsize=10, color=ON, fontweight="bold")


def tempting(found: Decision) -> list[Any]:
    """Return the methods that do not fit, those that miss the least first."""
    missing = {m.name: sum(not n.met(found.problem) for n in m.needs) for m in METHODS}
    return sorted(found.unfit, key=lambda a: missing[a.method])


def _clash(fig: Figure, clash: Contradiction) -> None:
    fig.text(0.012, 0.35, "These answers exclude each other:", va="top", fontsize=11, color=INK)
    box = {"boxstyle": "round,pad=0.45", "fc": "#FDF1EA", "ec": BAD, "lw": 1.6}
    for i, statement in enumerate(clash.statements):
        row, column = divmod(i, 3)
        x, y = 0.025 + 0.33 * column, 0.285 - 0.065 * row
        fig.text(x, y, statement, va="center", fontsize=10, bbox=box, color=INK)
    y = 0.245 - 0.065 * ((len(clash.statements) - 1) // 3)
    _wrapped(fig, 0.012, y, clash.why, 110, color=BAD, fontsize=11, fontweight="bold")
    fig.text(0.012, 0.012, "Change one of them to go on.", fontsize=10, color="#444444")


EXPERIMENT = Experiment(
    "decision_helper",
    "Describe your problem: which kind of transfer is it?",
    compute,
    draw,
    CONTROLS,
    size=SIZE,
    large_text=1.05,
)
