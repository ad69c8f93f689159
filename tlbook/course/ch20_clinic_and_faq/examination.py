"""One examination of a task with a known truth: what was said, and how right it was."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.animals import Animal
from tlbook.diagnosis.bench import Expected
from tlbook.diagnosis.findings import Findings, examine
from tlbook.diagnosis.remedies import REMEDIES


def examined(task: Animal, seed: int, rehearsals: int = 5) -> dict[str, Any]:
    """Return what the report said of a task, beside the truth, as one row."""
    found = examine(
        task.source, task.target, task.labeled, rehearsals=rehearsals, permutations=199, seed=seed
    )
    row = {
        "n_source": len(task.source[1]),
        "n_target": len(task.target),
        "features": task.target.shape[1],
        "classes": len(np.unique(task.source[1])),
        "labeled": 0 if task.labeled is None else len(task.labeled[1]),
    }
    return row | judged(found, true_scores(task, found, seed), task.name)


def judged(found: Findings, scores: dict[str, float], right_name: str) -> dict[str, Any]:
    """Return what was found, beside the right name and the true accuracy of every remedy."""
    gains = {name: score - scores["none"] for name, score in scores.items()}
    best = max(gains, key=lambda name: gains[name])
    advised = found.advice.remedy
    known = [each for each in found.expected if each.remedy in gains]
    covered = [each.low <= gains[each.remedy] <= each.high for each in known]
    by = {each.name: each.value for each in found.estimates}
    return {
        "right_name": right_name,
        "named": found.kind,
        "p_value": round(found.shift.p_value, 4),
        "auc": round(found.shift.auc, 3),
        "ess": round(found.ess, 1),
        "outside": round(found.outside, 3),
        "fits": "; ".join(each.name for each in found.believed) or "nothing",
        "tested": "; ".join(f"{a.name} {a.p_value:.3f} ({a.rows})" for a in found.assumptions),
        "mix_changed": int(found.mix.changed),
        "accuracy": round(scores["none"], 2),
        "headline": round(found.headline.value, 2),
        "headline_covers": int(found.headline.low <= scores["none"] <= found.headline.high),
        "atc": round(by["confidence threshold (ATC)"], 2),
        "doc": round(by["confidence drop (DoC)"], 2),
        "agreement": round(by.get("agreement on the line", float("nan")), 2),
        "held_out": round(by["held-out source rows"], 2),
        "advice": advised,
        "expected_gain": round(found.advice.gain, 2),
        "expected": gain_words(found.expected, gains),
        "gain": round(gains[advised], 2),
        "best": best,
        "best_gain": round(gains[best], 2),
        "regret": round(gains[best] - gains[advised], 2),
        "intervals": len(covered),
        "covered": int(sum(covered)),
        "advice_covered": int(found.advice.low <= gains[advised] <= found.advice.high),
    }


def gain_words(expected: tuple[Expected, ...], gains: dict[str, float]) -> str:
    """Return for each remedy: expected and sure gain, interval, true gain."""
    return "; ".join(
        f"{e.remedy} {e.gain:.1f} {e.sure:.1f} [{e.low:.1f}, {e.high:.1f}] {gains[e.remedy]:.1f}"
        for e in expected
        if e.remedy in gains
    )


def true_scores(task: Animal, found: Findings, seed: int) -> dict[str, float]:
    """Return the accuracy of every remedy on fresh target rows, in percent."""
    X, truth = task.test
    scores = {}
    for name, remedy in REMEDIES.items():
        try:
            answers = remedy.fit(*task.source, task.target, found.model.classifier, seed)(X)
        except ValueError:  # one class left
            continue
        scores[name] = 100 * float(np.mean(answers == truth))
    return scores
