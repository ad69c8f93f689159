"""Agreement against the information score as the judge of settings, on tasks nothing was scored on.

On the development tasks the information score lost less than agreement when it set the knobs of
one method (``adaptation_choices.within_methods``). That was found with their labels, so it is
tested here on eight further tasks: methods of which the two choose other settings, trained with
either, beside source only and self-training alone.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook.course.ch11_alignment.methods import adapt
from tlbook.course.ch11_alignment.runs import settings_of, task
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.results import stored
from tlbook.course.studies._parallel import map_jobs
from tlbook.training import predictor

COMMAND = "tlbook results adaptation_second_choice"

SEEDS = tuple(range(8, 16))
JUDGES = ("agreement", "information maximization")
BESIDE = ("source only", "self-training")


def plan() -> list[tuple[str, str, str]]:
    """Return (method, settings, judges) of all that is trained; judges is "both" where they agree.

    ``BESIDE`` have the settings of both judges.
    """
    tuning = stored.load("adaptation_tuning")
    first, second = (adaptation_tuning.best(tuning, judge) for judge in JUDGES)
    rows = []
    for name in first:
        if first[name] != second[name]:
            rows += [(name, first[name], JUDGES[0]), (name, second[name], JUDGES[1])]
        elif name in BESIDE:
            rows.append((name, first[name], "both"))
    return rows


def trial(name: str, text: str, judge: str, seed: int) -> dict[str, Any]:
    """Return one row: a method with these settings trained and scored on one task."""
    here = task(seed)
    model = adapt(name, here, 1000 * seed, device="cpu", **settings_of(name, text)).model
    accuracy = here.score(predictor(model))
    return {
        "method": name,
        "judge": judge,
        "settings": text,
        "seed": seed,
        "accuracy": accuracy,
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, judge, settings, seed, accuracy."""
    work = [(*row, seed) for seed in SEEDS for row in plan()]
    return pd.DataFrame(map_jobs(trial, work, jobs))
