"""SetFit with one to eight labels per topic: the trained arm of ``text_shots`` (chapter 17)."""

from __future__ import annotations

from tlbook.course.ch17_few_and_zero_shot.studies.text_shots import SEEDS, trial
from tlbook.course.ch17_few_and_zero_shot.text_cases import BUDGETS
from tlbook.course.studies import Study, grid

study = Study(trial, grid(method=("setfit",), k=BUDGETS, seed=SEEDS))
