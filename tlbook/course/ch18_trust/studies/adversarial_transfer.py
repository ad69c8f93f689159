"""Adversarial examples between the public base, two children and a network from scratch: 8 seeds.

A picture counts as fooled only if the network had it right before; of the base, which knows letters
alone, a picture counts as fooled if its letter changes.
"""

from __future__ import annotations

from tlbook.course.ch18_trust.attacks import matrix
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))

study = Study(matrix, grid(seed=SEEDS))
