"""The detectors of ``detection_scenes`` with 500 scenes: as much work as both other numbers."""

from __future__ import annotations

from tlbook.course.ch19a_applications_vision.detection import ARMS
from tlbook.course.ch19a_applications_vision.studies.detection_scenes import SEEDS, trial
from tlbook.course.studies import Study, grid

study = Study(trial, grid(n=(500,), arm=ARMS, seed=SEEDS))
