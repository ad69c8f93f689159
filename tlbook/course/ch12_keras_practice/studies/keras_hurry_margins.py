"""The mixtures of ``keras_hurry`` on eight other draws: where the margins of chapter 12 come from.

A margin is half of the effect found here, and is asked of the effect found there.
"""

from __future__ import annotations

from tlbook.course.ch12_keras_practice.studies.keras_hurry import ARMS, MORE, trial
from tlbook.course.studies import Study

SEEDS = tuple(range(8, 16))

study = Study(trial, cases=[{**arm, "seed": seed} for seed in SEEDS for arm in ARMS + MORE])
