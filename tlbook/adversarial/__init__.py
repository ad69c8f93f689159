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
from tlbook.adversarial.reversal import reverse
from tlbook.adversarial.verdict import Verdict, features_of, fresh_accuracy, judge, verdict

__all__ = [
    "CDAN",
    "DANN",
    "Collapse",
    "Discriminator",
    "InvertedLabels",
    "Verdict",
    "adda",
    "collapse",
    "domain_confusion",
    "domain_loss",
    "entropy_weight",
    "features_of",
    "fresh_accuracy",
    "gradient_flow",
    "judge",
    "reverse",
    "verdict",
]
