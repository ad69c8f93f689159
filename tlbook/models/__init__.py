"""Networks with a cut: the course's small ones, torchvision's, and a wrapper for any module.

A model of this course is any ``nn.Module`` with ``features(x) -> z`` and ``head(z) -> logits``.
That cut is where knowledge is taken out of a network: everything before it transfers, the head
belongs to the task.
"""

from tlbook.models.create import create, names
from tlbook.models.lenet import LeNet
from tlbook.models.model_card import card
from tlbook.models.seeding import seeded
from tlbook.models.small import DigitNet, SignNet
from tlbook.models.split import Split, wrap

__all__ = [
    "DigitNet",
    "LeNet",
    "SignNet",
    "Split",
    "card",
    "create",
    "names",
    "seeded",
    "wrap",
]
