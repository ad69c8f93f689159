"""A small file of runs: one JSON line per event, only ever appended to.

A run that was recorded once is never rewritten, so a crash, a full disk or a second notebook can
damage at most the line that is being written. Reading skips what it cannot read and counts it.
"""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice

if TYPE_CHECKING:
    import pandas as pd

STATUS = ("done", "cancelled", "failed")
COLUMNS = ("id", "time", "status", "task", "method", "settings", "seed", "steps", "seconds")


class RunLog:
    """The runs in one file.

    Parameters
    ----------
    path : str or Path
        The file; it and its folder are made by the first :meth:`append`.

    Notes
    -----
    Each event is one ``write`` of one whole line to a file that is opened for appending, so two
    notebooks may write to it at the same time. A later event with the same ``id`` adds to a run
    (a score that was asked for after the training).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def append(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Append a run, or what was learned later about the run with this ``id``.

        Parameters
        ----------
        record : dict
            Plain values, NumPy ones included; NaN and infinity are kept as null. A record without
            an ``id`` begins a run: it gets an id and the time.

        Returns
        -------
        dict
            What was written.

        Raises
        ------
        ValueError
            If the record is no dict with string keys, has an unknown status, or holds something
            that is no plain value.
        OSError
            If the file cannot be written.
        """
        event = plain(record)
        if not isinstance(event, dict):
            raise ValueError(f"record: got {type(record).__name__}, want a dict")
        if "status" in event:
            check_choice(event["status"], "status", STATUS)
        if "id" not in event:
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            event = {"id": uuid.uuid4().hex[:8], "time": now, **event}
        self._write(json.dumps(event, ensure_ascii=False, allow_nan=False))
        return event

    def _write(self, line: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        file = os.open(self.path, flags, 0o644)
        try:
            size = os.fstat(file).st_size
            whole = size == 0 or _last_byte(file, size) == b"\n"
            # After a line that was cut off, this one begins anew.
            data = (("" if whole else "\n") + line + "\n").encode()
            if os.write(file, data) != len(data):
                raise OSError(f"{self.path.name}: the disk took only a part of the line")
        finally:
            os.close(file)

    def read(self) -> tuple[list[dict[str, Any]], int]:
        """Return the runs, oldest first, and the number of lines that could not be read."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return [], 0
        runs: dict[str, dict[str, Any]] = {}
        damaged = 0
        for line in lines:
            if not line.strip():
                continue
            event = _event(line)
            if event is None:
                damaged += 1
            else:
                runs.setdefault(event["id"], {}).update(event)
        # What was added to a run whose own line is lost says too little.
        whole = [run for run in runs.values() if run.get("status") in STATUS]
        return whole, damaged + len(runs) - len(whole)

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs, oldest first."""
        return self.read()[0]

    def frame(self, ids: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the runs as a table, one row each; see :func:`compare`."""
        return compare(self.runs(), ids)

    def looks(self, **where: Any) -> int:
        """Return how often target labels were looked at, over all runs with these values."""
        return sum(
            int(_number(run.get("looks"), 0.0))
            for run in self.runs()
            if all(run.get(name) == value for name, value in where.items())
        )

    def __repr__(self) -> str:
        runs, damaged = self.read()
        lost = f", {damaged} damaged lines" if damaged else ""
        return f"RunLog({self.path.name!r}, {len(runs)} runs{lost})"


def compare(runs: Sequence[Mapping[str, Any]], ids: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table of runs: what was set, what it cost, and every measure at its end.

    Parameters
    ----------
    runs : sequence of dict
        As :meth:`RunLog.runs` returns them.
    ids : sequence of str, optional
        Only these, in this order.

    Raises
    ------
    ValueError
        If an id is unknown.
    """
    import pandas as pd

    if ids is not None:
        known = {run["id"]: run for run in runs}
        missing = [i for i in ids if i not in known]
        if missing:
            raise ValueError(f"ids: got {', '.join(missing)}, want ids of runs in the log")
        runs = [known[i] for i in ids]
    rows = []
    for run in runs:
        row: dict[str, Any] = {name: run.get(name) for name in COLUMNS}
        row["settings"] = words(run.get("settings"))
        measures = run.get("measures")
        if isinstance(measures, Mapping):
            row |= {str(name): _number(value) for name, value in measures.items()}
        row["target accuracy"] = _number(run.get("score"))
        row["looks"] = int(_number(run.get("looks"), 0.0))
        rows.append(row)
    columns = [*COLUMNS, "target accuracy", "looks"] if not rows else None
    return pd.DataFrame(rows, columns=columns)


def words(settings: Any) -> str:
    """Return settings as ``"weight=3, dropout=0.5"``."""
    if not isinstance(settings, Mapping):
        return ""
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in settings.items()
    )


def plain(value: Any) -> Any:
    """Return a value as JSON can keep it.

    Raises
    ------
    ValueError
        If it holds something else than numbers, texts, lists and dicts.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (np.bool_, np.integer, np.ndarray)):
        return plain(value.tolist())
    if isinstance(value, int):
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("record: got a key that is no text, want text as keys")
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    raise ValueError(f"record: got a {type(value).__name__}, want numbers, texts, lists or dicts")


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    good = isinstance(event, dict) and isinstance(event.get("id"), str)
    return event if good else None


def _number(value: Any, missing: float = math.nan) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number else missing


def _last_byte(file: int, size: int) -> bytes:
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1)
