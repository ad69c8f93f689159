"""SetFit's learning rate, chosen on NumPy and SciPy texts: one for all budgets (chapter 17)."""

from __future__ import annotations

from tlbook.course.ch17_few_and_zero_shot.studies.text_shots_tuning import trial
from tlbook.course.studies import Study, grid

study = Study(trial, grid(method=("setfit",), k=(2, 8), seed=(1000, 1001)))
