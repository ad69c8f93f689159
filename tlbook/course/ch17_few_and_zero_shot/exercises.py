"""Exercises of chapter 17: four about texts, the others about episodes and collapse."""

from tlbook.course.ch17_few_and_zero_shot.exercises_episodes import q5, q6, q7
from tlbook.course.ch17_few_and_zero_shot.exercises_text import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4", "q5", "q6", "q7"]
