"""SetFit with two and with eight labels per topic: the trained arm of ``text_shots`` (chapter 17).

One label per topic has no pair of one topic, which is half of what SetFit learns from.
"""

from __future__ import annotations

from tlbook.course.ch17_few_and_zero_shot.studies.text_shots import SEEDS, trial
from tlbook.course.studies import Study, grid

study = Study(trial, grid(method=("setfit",), k=(2, 8), seed=SEEDS))
