"""Runs of the bench side by side: a table, and their curves over each other."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tlbook.course.ch11_alignment.widget._run_log import compare, words
from tlbook.plots.curves import label_ends
from tlbook.plots.figure import headline
from tlbook.plots.palette import CYCLE

STYLE = """<style>
.tlbook-table { border-collapse: collapse; font-size: 1em; line-height: 1.25; }
.tlbook-table th, .tlbook-table td { padding: 2px 7px; text-align: left; vertical-align: top; }
.tlbook-table td { border-top: 1px solid #D9D9D9; }
</style>"""
SHOWN = 6
ROWS = 12
PANELS = {
    "source validation": "source validation (% right)",
    "information": "information (nats)",
    "density": "neighborhood density (nats)",
}
HEADS = {
    "no": "run",
    "task": "task",
    "method": "method",
    "settings": "settings",
    "seed": "seed",
    "steps": "steps",
    "seconds": "s",
    "source validation": "validation %",
    "information": "information",
    "density": "density",
    "agreement": "agreement %",
    "target accuracy": "target %",
    "looks": "looks",
    "status": "status",
}
FORMATS = {"source validation": ".1f", "information": ".3f", "density": ".3f", "seconds": ".1f"}


def label(number: int, run: Mapping[str, Any]) -> str:
    """Return a run in one line."""
    parts = [f"{number}: {run.get('method')}", f"seed {run.get('seed')}"]
    parts += [f"{run.get('steps')} steps", str(run.get("task"))]
    if run.get("status") != "done":
        parts.append(str(run.get("status")))
    parts.append(words(run.get("settings")))
    return ", ".join(part for part in parts if part)


def agreements(runs: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return, by id, how often a run agrees with those of the same setting and other seeds.

    In percent of the unlabeled target rows; runs without such a partner are left out.
    """
    from tlbook.selection import agreement_of_each

    groups: dict[tuple[Any, ...], dict[Any, Mapping[str, Any]]] = {}
    for run in runs:
        answers = run.get("answers")
        if run.get("status") == "done" and isinstance(answers, str) and answers.isdigit():
            names = ("task", "method", "asked")
            key = (*(run.get(name) for name in names), words(run.get("settings")), len(answers))
            groups.setdefault(key, {})[run.get("seed")] = run  # the latest of each seed
    found: dict[str, float] = {}
    for group in groups.values():
        if len(group) > 1:
            rows = np.array([[int(a) for a in run["answers"]] for run in group.values()])
            each = 100 * agreement_of_each(rows)
            found |= {run["id"]: float(a) for run, a in zip(group.values(), each, strict=True)}
    return found


def table(runs: Sequence[Mapping[str, Any]], path: str) -> str:
    """Return the latest runs as an HTML table, the newest first."""
    frame = compare(runs)
    frame["no"] = range(1, len(frame) + 1)
    frame["agreement"] = [agreements(runs).get(i) for i in frame["id"]] if len(frame) else []
    frame["target accuracy"] = 100 * frame["target accuracy"].astype(float)
    frame = frame.reindex(columns=list(HEADS))
    heads = "".join(f"<th>{head}</th>" for head in HEADS.values())
    rows = [
        "".join(f"<td>{_cell(name, value)}</td>" for name, value in row.items())
        for row in frame.iloc[::-1][:ROWS].to_dict("records")
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    more = f"the latest {ROWS} of {len(frame)} runs" if len(frame) > ROWS else f"{len(frame)} runs"
    return (
        f"{STYLE}<p>{more} in <code>{path}</code>; agreement is with runs of the same setting and "
        f"other seeds</p><div style='overflow-x: auto'><table class='tlbook-table'><thead><tr>"
        f"{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(name: str, value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float):
        return format(value, FORMATS.get(name, ".1f" if value != int(value) else ".0f"))
    return html.escape(str(value))


def draw_comparison(runs: Sequence[tuple[int, Mapping[str, Any]]], fig: Figure) -> Figure:
    """Draw validation and two criteria of some runs over their steps, named by their numbers.

    Parameters
    ----------
    runs : sequence of (number, run)
        With ``at`` and ``curves`` as the bench keeps them.
    """
    fig.clear()
    named = [f"run {number}: {run.get('method')}" for number, run in runs]
    headline(fig, "Chosen runs, without a target label: " + ", ".join(dict.fromkeys(named)))
    for i, (name, title) in enumerate(PANELS.items()):
        ax = fig.add_axes((0.05 + 0.325 * i, 0.17, 0.235, 0.54))
        ends = []
        for index, (number, run) in enumerate(runs):
            at = np.asarray(run["at"], dtype=float)
            curve = run.get("curves", {}).get(name, [])
            values = np.array([np.nan if v is None else v for v in curve], dtype=float)[: len(at)]
            at, color = at[: len(values)], CYCLE[index % len(CYCLE)]
            solid = run.get("status") == "done"
            ax.plot(at, values, color=color, ls="-" if solid else "--")
            if len(at) and np.isfinite(values[-1]):
                ends.append((str(number), float(at[-1]), float(values[-1]), color))
        ax.set_xlim(left=0)
        ax.set_xlabel("step (dashed: stopped)" if i == 0 else "step")
        ax.set_title(title, fontsize=10.5)
        label_ends(ax, ends, size=9.5)
    return fig
