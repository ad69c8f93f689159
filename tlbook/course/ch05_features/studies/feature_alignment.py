"""The tables of chapter 05: what alignment gives, where it gives nothing, and where it hurts.

``digits``, ``MiniLM`` and ``TF-IDF`` have every setting of the grids, so that the setting chosen
without target labels stands beside the best one; ``matched`` and the two ``label shift`` have the
chosen settings; ``signs`` has the support vector machines on three representations, x being labels
per class; ``moons`` has the turned moons, x being degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlbook import data
from tlbook.course.ch05_features.cases import Case, case
from tlbook.course.ch05_features.methods import GRID, REPRESENTATIONS, SETTINGS, adapted, svm, words
from tlbook.course.ch05_features.rotating_moons import METHODS, STEPS, moons_accuracy
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results feature_alignment"

SEEDS = tuple(range(8))
BUDGETS = (1, 2, 5, 10)
ANGLES = tuple(range(0, 181, 10))
SUPERVISED = {"digits": 90, "MiniLM": 9, "TF-IDF": 9}  # labels per class: nearly all, for texts all
TEXTS = ("MiniLM", "TF-IDF")
SHIFTS = ("matched", "label shift", "label shift, estimated mix")


def align(name: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each method and setting on one of the main cases."""
    one = case(name, seed)
    out = []
    for method, grid in GRID.items():
        for settings in grid:
            model = adapted(method, one.Xt, **settings).fit(one.Xs, one.ys)
            chosen = settings == SETTINGS[name][method]
            row = _row(name, method, words(settings), seed, chosen=chosen)
            if chosen and name in TEXTS:
                row |= _by_text(one, model)
            out.append(row | {"accuracy": one.score(model)})
    k = SUPERVISED[name]
    row = _row(name, "target supervised", f"{k} labels per class", seed)
    return [*out, row | {"accuracy": one.supervised(k, seed)}]


def _by_text(one: Case, model: Any) -> dict[str, str]:
    """Return the numbers of the tested texts and of those answered wrongly, as words."""
    tested: list[str] = []

    def predict(texts: np.ndarray) -> np.ndarray:
        tested.extend(texts)
        return model.predict(one.rows(texts))

    wrong = one.task.report(predict).wrong
    # All torch texts in alphabetical order: the numbers mean the same in every split.
    number = {t: i for i, t in enumerate(sorted({*one.task.target.X, *tested}))}
    ids = [number[t] for t in tested]
    return {"tested": _listed(ids), "wrong": _listed([ids[i] for i in wrong])}


def _listed(numbers: Sequence[int]) -> str:
    return "n " + " ".join(map(str, sorted(numbers)))


def shift(name: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each method with its chosen setting, on one arm of the label shift."""
    one = case(name, seed)
    out = []
    for method, settings in SETTINGS["digits"].items():
        model = adapted(method, one.Xt, **settings).fit(one.Xs, one.ys)
        row = _row(name, method, words(settings), seed)
        out.append(row | {"accuracy": one.score(model)})
    return out


def extract(name: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each label budget of a support vector machine on ``signs``."""
    task = data.load("signs", seed=seed, n_source=71)
    out = []
    for k in BUDGETS:
        model = svm(name, seed).fit(*task.label(k, seed=seed))
        out.append(_row("signs", name, "none", seed, x=k) | {"accuracy": task.score(model.predict)})
    return out


def turn(method: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each angle of the moons (and each size of the gradual steps)."""
    return [
        _row("moons", method, f"step={step}", seed, x=angle)
        | {"accuracy": moons_accuracy(method, angle, seed, step)}
        for step in (STEPS if method == "gradual self-training" else STEPS[:1])
        for angle in ANGLES
    ]


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return case, method, settings, chosen, x, seed, accuracy; for texts also tested, wrong."""
    work: list[tuple[Any, ...]] = []
    for seed in seeds:
        work += [(align, name, seed) for name in SUPERVISED]
        work += [(shift, name, seed) for name in SHIFTS]
        work += [(extract, name, seed) for name in REPRESENTATIONS]
        work += [(turn, method, seed) for method in METHODS]
    return pd.DataFrame([row for rows in map_jobs(_call, work, jobs) for row in rows])


def _call(function: Any, *arguments: Any) -> Any:
    return function(*arguments)


def _row(
    name: str, method: str, settings: str, seed: int, x: float = 0, chosen: bool = True
) -> dict[str, Any]:
    return {
        "case": name,
        "method": method,
        "settings": settings,
        "chosen": int(chosen),
        "x": x,
        "seed": seed,
        "accuracy": np.nan,
        "tested": "",
        "wrong": "",
    }
