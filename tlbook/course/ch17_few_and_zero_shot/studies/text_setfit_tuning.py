"""SetFit's learning rate on NumPy and SciPy texts: chosen at eight labels for all (chapter 17)."""

from __future__ import annotations

from tlbook.course.ch17_few_and_zero_shot.studies.text_shots_tuning import trial
from tlbook.course.studies import Study, grid

study = Study(trial, grid(method=("setfit",), k=(8,), seed=(1000, 1001)))
