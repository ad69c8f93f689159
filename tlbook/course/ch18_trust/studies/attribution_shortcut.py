"""A colored corner that tells the class of a source: accuracy, transfer, attribution; 8 seeds."""

from __future__ import annotations

from tlbook.course.ch18_trust.shortcut import BASES, measured
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))

study = Study(measured, grid(seed=SEEDS, kind=BASES))
