"""Grading: a learner's notebook runs confined, and what it answers is judged somewhere else.

Nothing that a notebook can write is a verdict. In the confined process
(:mod:`~tlbook.workshop.grading.inside`) every ``ex.qN.check(answer)`` only writes down plain data:
the answer, or what a function gives for the probes of the exercise. This process reads them
(:mod:`~tlbook.workshop.grading.plain`: no pickle, no code) and compares them with the teacher's own
exercises (:mod:`~tlbook.workshop.grading.judging`).
"""
