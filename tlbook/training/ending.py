"""How several processes end: an error is told once, and none outlives its launcher."""

from __future__ import annotations

import os
import re
import sys
import time
import traceback
from types import TracebackType
from typing import Any

import torch.distributed as dist

from tlbook._base.orphans import end_with_parent

KEY = "tlbook/which process told its error"
GONE = re.compile(r"(closed|reset) by peer|remote process exited|broken pipe", re.I)
"""What gloo and NCCL say in a process whose partner has ended."""
PATIENCE = 5.0
"""Seconds for the launcher to end a process that only lost its partner."""


def end_together() -> None:
    """From now on, an uncaught error of one process is told by it alone; the others say a line.

    The launcher ends them. Where the launcher itself is killed, its processes end within a second.
    """
    if getattr(sys.excepthook, "of_several", False):
        return
    before, store = sys.excepthook, _store()
    rank = dist.get_rank()
    who = f"process {rank} of {dist.get_world_size()}"

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return  # the launcher has it, too, and speaks
        if is_loss(error):
            line = f"{who} ended because another one had; what went wrong stands there"
        elif _speaks(store, rank):
            before(kind, error, trace)
            return
        else:
            last = traceback.format_exception_only(kind, error)[0].strip()
            line = f"{who} ended, too: {last.splitlines()[0]}"
        print(f"tlbook: {line}", file=sys.stderr, flush=True)
        time.sleep(PATIENCE)  # the launcher names the one that ended first

    told.of_several = True  # type: ignore[attr-defined]
    sys.excepthook = told
    if "TORCHELASTIC_RUN_ID" in os.environ:  # a shell that started us by hand may go
        end_with_parent()


def is_loss(error: BaseException | None) -> bool:
    """Return whether an error only says that another process is gone."""
    while error is not None:
        if isinstance(error, RuntimeError) and GONE.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _store() -> Any:
    """Return where the processes of the group leave each other words."""
    try:
        return dist.distributed_c10d._get_default_store()
    except Exception:  # no part of torch's public interface
        return None


def _speaks(store: Any, rank: int) -> bool:
    """Return whether no other process has told an error."""
    try:
        return int(store.compare_set(KEY, "", str(rank))) == rank
    except Exception:  # the store is gone, with the process that kept it
        return True
