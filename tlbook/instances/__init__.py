"""Instances: which source rows to use, and how much each should count (chapter 04).

Estimators with one signature, ``fit(Xs, Xt, ys=None)``, and ``weights_``, a weight for every
source row with mean 1; label shift, sample selection, and the diagnostics that say when weighting
cannot work.
"""

from tlbook.instances.class_weighting import LabelShift
from tlbook.instances.kliep import KLIEP
from tlbook.instances.kmm import KMM
from tlbook.instances.label_shift import (
    PriorEstimate,
    bbse_prior,
    em_prior,
    reweight_posteriors,
)
from tlbook.instances.overlap import (
    OverlapReport,
    OverlapWarning,
    effective_sample_size,
    overlap_report,
)
from tlbook.instances.ratio import DensityRatio
from tlbook.instances.selection import select_similar
from tlbook.instances.tradaboost import TrAdaBoost
from tlbook.instances.validation import weighted_cv_error

__all__ = [
    "KLIEP",
    "KMM",
    "DensityRatio",
    "LabelShift",
    "OverlapReport",
    "OverlapWarning",
    "PriorEstimate",
    "TrAdaBoost",
    "bbse_prior",
    "effective_sample_size",
    "em_prior",
    "overlap_report",
    "reweight_posteriors",
    "select_similar",
    "weighted_cv_error",
]
