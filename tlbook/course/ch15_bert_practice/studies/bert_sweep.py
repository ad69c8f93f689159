"""What may move, and how fast: learning rate × blocks that learn, and LoRA's rates (chapter 15).

On development seeds. The rate of each arm is chosen here, by source validation: no target label
is asked for.
"""

from __future__ import annotations

import time

from tlbook import data
from tlbook.course.ch15_bert_practice.corpus_features import corpus_features
from tlbook.course.ch15_bert_practice.methods import CHOICE, METHODS
from tlbook.course.studies import Study

SEEDS = (100, 101)
STRENGTHS = (3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
RATES = {"lora": (1e-4, 3e-4, 1e-3, 3e-3), "full": (1e-5, 3e-5, 1e-4, 3e-4)}
TOPS = (4, 2, 1)


def trial(mode: str, top: int, value: float, seed: int) -> dict[str, float]:
    """Return validation accuracy and processor seconds of one setting on one split of the source.

    ``top`` blocks learn; ``value`` is C of the head or the learning rate.
    """
    task = data.load("docstrings", seed=seed)
    Z = corpus_features(task.source.X)
    settings = {CHOICE[mode]: value} | ({"top": top} if mode == "full" else {})
    start = time.process_time()
    predict = METHODS[mode](task, seed, features=Z, **settings)
    seconds = time.process_time() - start
    held = task.validation
    validation = float((predict(held.X) == held.y).mean())
    return {"validation": validation, "seconds": round(seconds, 2)}


CASES = [
    {"mode": mode, "top": top, "value": value, "seed": seed}
    for mode, top, values in (
        ("frozen", 0, STRENGTHS),
        ("lora", 6, RATES["lora"]),
        ("full", 6, RATES["full"]),
        *(("full", top, RATES["full"][1:]) for top in TOPS),
    )
    for value in values
    for seed in SEEDS
]
study = Study(trial, CASES)
