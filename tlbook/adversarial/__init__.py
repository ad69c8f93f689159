"""Gradient reversal, DANN, CDAN, ADDA, and what to look at when they fail (chapter 10)."""

from tlbook.adversarial.adda import InvertedLabels, adda
from tlbook.adversarial.cdan import CDAN, entropy_weight
from tlbook.adversarial.dann import DANN
from tlbook.adversarial.diagnostics import (
    Collapse,
    collapse,
    domain_confusion,
    gradient_flow,
)
from tlbook.adversarial.discriminator import Discriminator, domain_loss
from tlbook.adversarial.domain_classifier import (
    Diagnosis,
    diagnosis,
    diagnosis_of,
    features_of,
    fresh_accuracy,
)
from tlbook.adversarial.reversal import reverse

__all__ = [
    "CDAN",
    "DANN",
    "Collapse",
    "Diagnosis",
    "Discriminator",
    "InvertedLabels",
    "adda",
    "collapse",
    "diagnosis",
    "diagnosis_of",
    "domain_confusion",
    "domain_loss",
    "entropy_weight",
    "features_of",
    "fresh_accuracy",
    "gradient_flow",
    "reverse",
]
