"""The tables of chapter 05: what alignment gives, where it gives nothing, and where it hurts.

``digits``, ``MiniLM`` and ``TF-IDF`` have every setting of the grids, so that the setting chosen
without target labels stands beside the best one; ``matched`` and the two ``label shift`` have the
chosen settings; ``signs`` has the support vector machines on three representations, x being labels
per class; ``moons`` has the turned moons, x being degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tlbook import data
from tlbook.course.ch05_features import rotating_moons
from tlbook.course.ch05_features.cases import Represented
from tlbook.course.ch05_features.cases import case as make_case
from tlbook.course.ch05_features.methods import METHODS, SVMS, target_supervised
from tlbook.course.ch05_features.settings import GRID, SETTINGS, SVM_SETTINGS
from tlbook.course.studies import Study, words
from tlbook.evaluation import measure
from tlbook.evaluation.compare import Predict

SEEDS = tuple(range(8))
BUDGETS = (1, 2, 5, 10)
ANGLES = tuple(range(0, 181, 10))
SUPERVISED = {"digits": 90, "MiniLM": 9, "TF-IDF": 9}  # labels per class: nearly all, for texts all
TEXTS = ("MiniLM", "TF-IDF")
SHIFTS = ("matched", "label shift", "label shift, estimated mix")
NO_TEXTS = {"tested": "", "wrong": ""}


def align(
    case: str, method: str, settings: dict[str, Any], chosen: int, x: int, seed: int
) -> dict[str, Any]:
    """Return the accuracy of an aligner; with the chosen settings also which texts were wrong."""
    task = make_case(case, seed)
    predict = METHODS[method](task, seed, **settings)
    texts = NO_TEXTS
    if chosen and case in TEXTS and isinstance(task, Represented):
        texts = by_text(task, predict)
    return {"accuracy": task.score(predict), **texts}


def by_text(task: Represented, predict: Predict) -> dict[str, str]:
    """Return the numbers of the tested texts and of those answered wrongly, as words."""
    tested: list[str] = []

    def remember(texts: Any) -> Any:
        tested.extend(texts)
        return predict(task.rows(texts))

    wrong = task.task.report(remember).wrong
    # All torch texts in alphabetical order: the numbers mean the same in every split.
    number = {t: i for i, t in enumerate(sorted({*task.task.target.X, *tested}))}
    ids = [number[t] for t in tested]
    return {"tested": _listed(ids), "wrong": _listed([ids[i] for i in wrong])}


def _listed(numbers: Sequence[int]) -> str:
    return "n " + " ".join(map(str, sorted(numbers)))


def supervise(
    case: str, method: str, settings: dict[str, Any], chosen: int, x: int, seed: int
) -> dict[str, Any]:
    """Return what the same classifier reaches with nearly all target labels and no source."""
    measured = measure(target_supervised, make_case(case, seed), seed, settings)
    text = f"{settings['k']} labels per class"
    return {"settings": text, "accuracy": measured["accuracy"], **NO_TEXTS}


def extract(
    case: str, method: str, settings: dict[str, Any], chosen: int, x: int, seed: int
) -> dict[str, Any]:
    """Return the accuracy of a support vector machine on ``signs`` with ``x`` labels per class."""
    task = data.load("signs", seed=seed, n_source=71)
    measured = measure(SVMS[method], task, seed, {"k": x, **SVM_SETTINGS[method]})
    return {"accuracy": measured["accuracy"], **NO_TEXTS}


def turn(
    case: str, method: str, settings: dict[str, Any], chosen: int, x: int, seed: int
) -> dict[str, Any]:
    """Return the accuracy on moons turned by ``x`` degrees."""
    task = rotating_moons.moons(x, seed)
    measured = measure(rotating_moons.METHODS[method], task, seed, settings)
    text = words(settings or {"step": rotating_moons.STEPS[0]})  # what makes no stops stands there
    return {"settings": text, "accuracy": measured["accuracy"], **NO_TEXTS}


def _case(
    case: str, method: str, seed: int, settings: Any = (), chosen: bool = True, x: int = 0
) -> dict[str, Any]:
    return {
        "case": case,
        "method": method,
        "settings": dict(settings),
        "chosen": int(chosen),
        "x": x,
        "seed": seed,
    }


MAIN = [
    _case(name, method, seed, settings, chosen=settings == SETTINGS[name][method])
    for seed in SEEDS
    for name in SUPERVISED
    for method, tried in GRID.items()
    for settings in tried
]
CEILINGS = [
    _case(name, "target supervised", seed, {"k": k})
    for seed in SEEDS
    for name, k in SUPERVISED.items()
]
SHIFTED = [
    _case(name, method, seed, settings)
    for seed in SEEDS
    for name in SHIFTS
    for method, settings in SETTINGS["digits"].items()
]
SIGNS = [_case("signs", method, seed, x=k) for seed in SEEDS for method in SVMS for k in BUDGETS]
MOONS = [
    _case("moons", method, seed, settings, x=angle)
    for seed in SEEDS
    for method, tried in rotating_moons.GRID.items()
    for settings in tried
    for angle in ANGLES
]
study = (
    Study(align, MAIN + SHIFTED)
    + Study(supervise, CEILINGS)
    + Study(extract, SIGNS)
    + Study(turn, MOONS)
)
