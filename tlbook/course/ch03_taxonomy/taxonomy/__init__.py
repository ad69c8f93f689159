"""Which kind of transfer is this? Describe a problem, get its setting, methods and chapters.

``taxonomy.decide(Problem(target_labels="few", task="other classes"))`` (chapter 03).
"""

from tlbook.course.ch03_taxonomy.taxonomy.contradictions import Contradiction
from tlbook.course.ch03_taxonomy.taxonomy.decision import Advice, Decision, decide
from tlbook.course.ch03_taxonomy.taxonomy.method import Method
from tlbook.course.ch03_taxonomy.taxonomy.methods import METHODS
from tlbook.course.ch03_taxonomy.taxonomy.problem import CHOICES, Problem, every_problem
from tlbook.course.ch03_taxonomy.taxonomy.settings import SETTINGS, Setting, family
from tlbook.course.ch03_taxonomy.taxonomy.tree import Step, paths

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
