"""Which kind of transfer is this? Describe a problem, get its setting, methods and chapters.

``taxonomy.decide(Problem(target_labels="few", task="other classes"))`` (chapter 03).
"""

from tlbook.taxonomy.contradictions import Contradiction
from tlbook.taxonomy.decision import Advice, Decision, decide
from tlbook.taxonomy.method import Method
from tlbook.taxonomy.methods import METHODS
from tlbook.taxonomy.problem import CHOICES, Problem, every_problem
from tlbook.taxonomy.settings import SETTINGS, Setting, family
from tlbook.taxonomy.tree import Step, paths

__all__ = [
    "CHOICES",
    "METHODS",
    "SETTINGS",
    "Advice",
    "Contradiction",
    "Decision",
    "Method",
    "Problem",
    "Setting",
    "Step",
    "decide",
    "every_problem",
    "family",
    "paths",
]
