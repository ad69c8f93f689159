"""What ``keras_tuning`` tried for each method of chapter 12, and the best of it for a budget."""

from __future__ import annotations

from tlbook.course.results import stored
from tlbook.course.studies import best

SEARCHED = {"probe": "C", "fine-tune": "lr"}
"""The one setting of each method that was searched."""
GRID = {"probe": (1e-3, 1e-2, 1e-1, 1.0), "fine-tune": (1e-4, 3e-4, 1e-3)}
BUDGETS = (1, 5, 20)


def chosen(arm: str, cut: int, budget: int) -> float:
    """Return the setting with the best mean accuracy, for the nearest budget that was searched."""
    near = min(BUDGETS, key=lambda b: (abs(b - budget) / b, b))
    frame = stored.load("keras_tuning")
    tried = frame[(frame.cut == cut) & (frame.budget == near)]
    return float(best(tried, by="arm", settings="setting")[arm])
