"""Trust: coverage, calibration, membership, privacy (chapter 18)."""

from tlbook.trust.calibration import Calibration, calibration_error, temperature
from tlbook.trust.conformal import (
    PredictionSets,
    conformal_threshold,
    prediction_sets,
    weighted_thresholds,
)
from tlbook.trust.membership import likelihood_ratio, logit_confidence, true_positive_rate
from tlbook.trust.privacy import Audit, audit_epsilon, epsilon_of, gaussian_epsilon, rho_of
from tlbook.trust.private_ridge import PrivateRidge

__all__ = [
    "Audit",
    "Calibration",
    "PredictionSets",
    "PrivateRidge",
    "audit_epsilon",
    "calibration_error",
    "conformal_threshold",
    "epsilon_of",
    "gaussian_epsilon",
    "likelihood_ratio",
    "logit_confidence",
    "prediction_sets",
    "rho_of",
    "temperature",
    "true_positive_rate",
    "weighted_thresholds",
]
