"""Four runs of the experiment bench, as its widget makes them: curves, and the look at the end.

Two under label shift, with and without class weights; two on the whole task, with and without a
strong entropy term. The tasks are the bench's own draw, the steps its start; one seed each.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.ch11_alignment.widget import _bench_run
from tlbook.course.studies import Study
from tlbook.course.widgets.live_experiment import unwatched
from tlbook.training import predictor

WHOLE, SHIFTED = "fonts → handwriting", "fonts → handwriting, label shift"
STEPS, SEED = 200, 0


def trial(task: str, method: str, settings: Settings) -> list[dict[str, Any]]:
    """Return a row for each slice of the run; the accuracy is that of its end."""
    result = _bench_run.run(unwatched, task, method, dict(settings), SEED, STEPS, method)
    assert result.model is not None
    accuracy = _bench_run.task(task).score(predictor(result.model))
    return [
        {
            "step": step,
            **{name: values[i] for name, values in result.measures.items()},
            "accuracy": accuracy,
        }
        for i, step in enumerate(result.at)
    ]


study = Study(
    trial,
    [
        {"task": SHIFTED, "method": "MK-MMD", "settings": {"weight": 3.0}},
        {"task": SHIFTED, "method": "BBSE-weighted MMD", "settings": {"weight": 3.0}},
        {"task": WHOLE, "method": "source only", "settings": {}},
        {"task": WHOLE, "method": "entropy", "settings": {"weight": 0.3}},
    ],
)
