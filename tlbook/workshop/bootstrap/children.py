"""Children that end with their parent, whatever ends it: on Linux, where the system offers that."""

import ctypes
import signal
import sys
from collections.abc import Callable

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)


ENDS_WITH_ME: Callable[[], None] | None = (
    _end_with_parent if sys.platform.startswith("linux") else None
)
"""``preexec_fn`` of an installer: else one would go on in ``.venv`` beside the next set-up."""
