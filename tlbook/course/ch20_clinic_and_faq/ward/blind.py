"""A patient drawn at random: its chart and its code, without the name of what it has."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from tlbook.course.ch20_clinic_and_faq.ward.grading import grade
from tlbook.course.ch20_clinic_and_faq.ward.patient import Code, Patient
from tlbook.course.exercises.feedback import Feedback, show


class Blind:
    """What a learner gets: story, symptom, promise and sick code.

    Attributes
    ----------
    bed : int
        Number of the bed; it says nothing about the fault.
    code : callable
        The sick code under test.
    """

    def __init__(self, patient: Patient, bed: int) -> None:
        self._patient = patient
        self.bed = bed
        self._hints = 0

    @property
    def code(self) -> Code:
        return self._patient.sick

    @property
    def chart(self) -> str:
        """Story, symptom and promise, in plain text."""
        p = self._patient
        return f"Bed {self.bed}\n{p.story}\nSymptom: {p.symptom}\nPromise: {p.promise}"

    @property
    def source(self) -> str:
        """The sick code as text, under the name ``code``."""
        return _under_the_name_code(self._patient.sick)

    def grade(self, test: Any = ...) -> Feedback:
        """Return the feedback on a test function that takes the code under test."""
        return grade(self._patient, None if test is ... else test)

    def check(self, test: Any = ...) -> None:
        """Show the feedback on a test."""
        show(self.grade(test))

    def hint(self) -> None:
        """Show the next hint: another cause of the symptom and how to rule it out."""
        causes = self._patient.differential
        cause = causes[self._hints % len(causes)]
        self._hints += 1
        heading = f"Could it be that {cause.name}?"
        show(Feedback("hint", f"It is not: {cause.ruled_out_by}.", heading=heading))

    def reveal(self) -> Patient:
        """Return the patient with its diagnosis, its cure and the ward's own test."""
        return self._patient

    def __repr__(self) -> str:
        return self.chart


def _under_the_name_code(function: Code) -> str:
    """Return the function as ``code``, and the private functions of its module that it calls.

    Docstrings, comments and annotations are left out: they might say what is wrong.
    """
    module = inspect.getmodule(function)
    wanted, shown = [function], []
    for one in wanted:  # grows while it is read
        bare = _Bare().visit(ast.parse(textwrap.dedent(inspect.getsource(one))))
        bare.body[0].name = "code" if one is function else one.__name__
        shown.append(ast.unparse(bare))
        for node in ast.walk(bare):
            helper = getattr(module, node.id, None) if isinstance(node, ast.Name) else None
            if inspect.isfunction(helper) and helper.__name__[0] == "_" and helper not in wanted:
                wanted.append(helper)
    return "\n\n".join(shown)


class _Bare(ast.NodeTransformer):
    """Take docstrings and annotations out of functions."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node
