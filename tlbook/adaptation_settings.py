"""The settings of the adaptation methods that won in the stored study ``adaptation_tuning``.

Chosen by agreement between training seeds on tasks that appear nowhere else, before the first score
of a target label; a test compares them with the stored table.
"""

from __future__ import annotations

from typing import Any

from tlbook.adaptation_grid import GRID

CHOSEN: dict[str, dict[str, Any]] = {name: settings[-1] for name, settings in GRID.items()}
"""Name of the method -> its settings."""
