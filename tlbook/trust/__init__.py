"""Trust: attribution, attacks, membership, privacy, federation, calibration, coverage (chapter 18).

What each function promises is stated in its docstring and checked by a test: integrated
gradients add up, FedAvg with one local step is gradient descent, sets cover, budgets
survive audits.
"""

from tlbook.trust.attacks import feature_attack, fgsm, fooled, pgd
from tlbook.trust.attribution import (
    completeness_error,
    grad_cam,
    input_gradient,
    integrated_gradients,
)
from tlbook.trust.calibration import Calibration, calibration_error, temperature
from tlbook.trust.conformal import (
    PredictionSets,
    conformal_threshold,
    prediction_sets,
    weighted_thresholds,
)
from tlbook.trust.decisions import net_benefit
from tlbook.trust.federated import fed_avg
from tlbook.trust.membership import likelihood_ratio, logit_confidence, true_positive_rate
from tlbook.trust.privacy import Audit, audit_epsilon, epsilon_of, gaussian_epsilon, rho_of
from tlbook.trust.private_ridge import PrivateRidge
from tlbook.trust.sanity import edges, mass_inside, randomized

__all__ = [
    "Audit",
    "Calibration",
    "PredictionSets",
    "PrivateRidge",
    "audit_epsilon",
    "calibration_error",
    "completeness_error",
    "conformal_threshold",
    "edges",
    "epsilon_of",
    "feature_attack",
    "fed_avg",
    "fgsm",
    "fooled",
    "gaussian_epsilon",
    "grad_cam",
    "input_gradient",
    "integrated_gradients",
    "likelihood_ratio",
    "logit_confidence",
    "mass_inside",
    "net_benefit",
    "pgd",
    "prediction_sets",
    "randomized",
    "rho_of",
    "temperature",
    "true_positive_rate",
    "weighted_thresholds",
]
