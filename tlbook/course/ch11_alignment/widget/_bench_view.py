"""The live view of the bench: a run, the file of all runs, their comparison, and the score."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlbook.course.ch11_alignment.widget._bench_compare import SHOWN, draw_comparison, label, table
from tlbook.course.ch11_alignment.widget._bench_knobs import settings
from tlbook.course.ch11_alignment.widget._run_log import RunLog
from tlbook.course.widgets.experiment import LIVE_DPI, Picture
from tlbook.course.widgets.live_experiment import LiveExperiment
from tlbook.course.widgets.live_view import LiveView, _button
from tlbook.course.widgets.view import Shown
from tlbook.course.widgets.worker import Worker, foreground
from tlbook.plots.figure import PAGE_DPI, CourseFigure, style
from tlbook.plots.large import enlarge
from tlbook.plots.night import day_and_night

LOG = Path("runs") / "experiment_bench.jsonl"
"""In the folder that the notebook runs in."""

SIZE = (10.4, 2.9)


class BenchView(LiveView):
    """Adds to a live view what is kept of its runs.

    Attributes
    ----------
    log : RunLog
        The file; written to when a run ends, however it ends.
    last : dict or None
        The record of the run in the picture, once it is over.
    """

    def __init__(self, experiment: LiveExperiment, start: dict[str, Any]) -> None:
        import ipywidgets as w

        self.log = RunLog(LOG)
        self.last: dict[str, Any] | None = None
        self._model: Any = None
        self._params: dict[str, Any] = {}
        super().__init__(experiment, start)
        self.score = _button("Score", "eye", "Ask for the target's labels once: counts as a look")
        self.score.on_click(lambda _: self.look())
        self.panel.children = (*self.panel.children[:-1], self.score, self.panel.children[-1])
        self.chosen = w.SelectMultiple(
            description="Compare runs",
            rows=6,
            style={"description_width": "100px"},
            layout=w.Layout(width="820px", max_width="100%"),
        )
        self.chosen.add_class("tlbook-runs")
        self.chosen.observe(self._on_choice, "value")
        self.table = w.HTML()
        self.compared = Shown("tlbook-comparison")
        self.comparison = self.compared.day
        self.comparing = w.VBox(self.compared.widgets)
        self.kept = w.VBox([self.chosen, self.comparing, self.table])
        self.box.children = (*self.box.children, self.kept)
        self._filling = False
        self.refresh()
        self.tell()

    # -- the file -------------------------------------------------------------------------------

    def begin(self, slices: int | None = None) -> Worker:
        """Start a new run; what was there before can no longer be scored."""
        self.last, self._model = None, None
        self._params = dict(self.params)
        return super().begin(slices)

    def finished(self, worker: Worker, params: dict[str, Any], result: Any) -> None:
        """Keep the run in the file, also one that was stopped."""
        from tlbook.course.ch11_alignment.widget._bench_run import TASK_SEED

        record = self.keep(
            {
                "status": "cancelled" if worker.cancelled else "done",
                "task": params["task"],
                "method": params["method"],
                "settings": settings(**params),
                "seed": params["seed"],
                "task_seed": TASK_SEED,
                "steps": result.step,
                "asked": params["steps"],
                "seconds": round(worker.seconds, 2),
                "measures": {n: v[-1] for n, v in result.measures.items() if len(v)},
                "at": result.at,
                "curves": {n: v.round(4) for n, v in result.measures.items()},
                "answers": "".join(map(str, result.answers)),
            }
        )
        if record is not None and self.worker is worker and not worker.cancelled:
            self.last, self._model = record, result.model
        self.refresh(None if record is None else record["id"])

    def _ended(self, worker: Worker) -> None:
        super()._ended(worker)
        if worker.error is not None:
            first = str(worker.error).strip().split("\n")[0]
            error = f"{type(worker.error).__name__}: {first}"
            own = {name: worker.params[name] for name in ("task", "method", "seed")}
            self.keep({"status": "failed", "error": error, **own})
            self.refresh()

    def keep(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """Append to the file; where that fails the page says so and the run stays as it is."""
        try:
            return self.log.append(event)
        except OSError as error:
            words = error.strerror or str(error)
            self._say(f"The run could not be kept in {self.log.path.name}: {words}")
            return None

    def _read(self) -> tuple[list[dict[str, Any]], int]:
        try:
            return self.log.read()
        except OSError as error:
            self._say(f"{self.log.path.name} could not be read: {error.strerror or error}")
            return [], 0

    def look(self) -> None:
        """Score the run in the picture on the target's test part: one look, which is kept."""
        record, model = self.last, self._model
        if record is None or model is None:
            return
        from tlbook.course.ch11_alignment.widget._bench_run import task
        from tlbook.training import predictor

        with foreground():
            accuracy = task(record["task"]).score(predictor(model))
            self.last = record | {"score": accuracy, "looks": record.get("looks", 0) + 1}
            self.keep({name: self.last[name] for name in ("id", "score", "looks")})
        self.refresh(record["id"])
        self.tell()

    def tell(self) -> None:
        """Bring buttons and the line beside them up to date."""
        super().tell()
        if hasattr(self, "score"):
            self.score.disabled = self._model is None

    def line(self, state: str) -> str:
        """Return what stands beside the buttons."""
        words = super().line(state)
        shown = self._params if self.worker is not None else self.start
        if state not in ("working", "paused") and self.params != shown:
            words = f"{words}; press Run for these settings" if words else "press Run"
        if self.last is not None and "score" in self.last:
            here = self.log.looks(task=self.last["task"])
            words += (
                f"; target accuracy {100 * self.last['score']:.1f} % (look {here} at this target)"
            )
        return words

    # -- what is compared -----------------------------------------------------------------------

    def refresh(self, also: str | None = None) -> None:
        """Read the file again, and show its runs; ``also`` is chosen on top of what is."""
        runs, damaged = self._read()
        numbers = {run["id"]: number for number, run in enumerate(runs, start=1)}
        options = [(label(numbers[run["id"]], run), run["id"]) for run in reversed(runs)]
        wanted = [i for i in (*self.chosen.value, also) if i in numbers]
        if not self.chosen.options and not wanted:
            wanted = [run["id"] for run in runs if run.get("at")][-SHOWN:]
        with self._lock:
            self._filling = True
            try:
                self.chosen.options = options
                self.chosen.value = tuple(dict.fromkeys(wanted))[-SHOWN:]
            finally:
                self._filling = False
        note = f"<p>{damaged} line(s) of the file could not be read.</p>" if damaged else ""
        self.table.value = table(runs, html.escape(self.log.path.as_posix())) + note
        self.kept.layout.display = None if runs or damaged else "none"
        self.compare(runs, self.chosen.value)

    def _on_choice(self, change: Any) -> None:
        if not self._filling:
            self.compare(self._read()[0], change["new"])

    def compare(self, runs: list[dict[str, Any]], ids: Sequence[str]) -> None:
        """Draw the chosen runs over each other."""
        numbered = [(number, run) for number, run in enumerate(runs, start=1) if run["id"] in ids]
        numbered = [(number, run) for number, run in numbered if run.get("at")][-SHOWN:]
        self.comparing.layout.display = None if numbered else "none"
        if not numbered:
            return
        with foreground(), style():
            fig = draw_comparison(numbered, CourseFigure(figsize=SIZE))
            enlarge(fig)
            day, night = day_and_night(fig, LIVE_DPI)
        words = "The chosen runs over each other: " + ", ".join(
            f"run {number}, {run['method']}" for number, run in numbered
        )
        self.compared.put(Picture(day, round(PAGE_DPI * SIZE[0]), words, night))
        self.compared.say(words)

    def update(self) -> Any:
        """Show the whole run with the present settings, computed at once and not kept."""
        self.last, self._model = None, None
        return super().update()
