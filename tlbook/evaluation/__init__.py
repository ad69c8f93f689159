"""Measuring transfer: metrics, intervals, learning curves, claims (chapter 01)."""

from tlbook.evaluation.checks import check
from tlbook.evaluation.claims import ClaimNotHeld, ClaimRecord, claim
from tlbook.evaluation.compare import compare, measure
from tlbook.evaluation.curves import learning_curve
from tlbook.evaluation.metrics import (
    accuracy,
    confusion_matrix,
    per_class_recall,
    transfer_loss,
    transfer_ratio,
)
from tlbook.evaluation.statistics import (
    Interval,
    PairedResult,
    bootstrap_interval,
    paired_test,
    t_interval,
)
from tlbook.evaluation.summary import curve_summary

__all__ = [
    "ClaimNotHeld",
    "ClaimRecord",
    "Interval",
    "PairedResult",
    "accuracy",
    "bootstrap_interval",
    "check",
    "claim",
    "compare",
    "confusion_matrix",
    "curve_summary",
    "learning_curve",
    "measure",
    "paired_test",
    "per_class_recall",
    "t_interval",
    "transfer_loss",
    "transfer_ratio",
]
