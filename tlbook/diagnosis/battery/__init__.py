"""The battery: does a model, a loss or a training function of yours do what it is meant to do?

``checkup(setup)`` asks eleven questions of what your function ``setup`` hands over (``Handover``
says what that is) and returns a ``Finding`` for each; ``tlbook doctor script.py:setup`` prints
them.
"""

from tlbook.diagnosis.battery.checkup import CHECKS, checkup
from tlbook.diagnosis.battery.finding import Finding
from tlbook.diagnosis.battery.handover import Handover

__all__ = ["CHECKS", "Finding", "Handover", "checkup"]
