"""Measuring transfer: metrics, intervals, learning curves, claims, stored results (chapter 01)."""

from tlbook.evaluation import stored
from tlbook.evaluation.checks import check
from tlbook.evaluation.claims import ClaimNotHeld, ClaimRecord, claim
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
from tlbook.evaluation.stored import StaleResult
from tlbook.evaluation.summary import curve_summary

__all__ = [
    "ClaimNotHeld",
    "ClaimRecord",
    "Interval",
    "PairedResult",
    "StaleResult",
    "accuracy",
    "bootstrap_interval",
    "check",
    "claim",
    "confusion_matrix",
    "curve_summary",
    "learning_curve",
    "paired_test",
    "per_class_recall",
    "stored",
    "t_interval",
    "transfer_loss",
    "transfer_ratio",
]
