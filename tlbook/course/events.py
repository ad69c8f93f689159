"""What a learner clicked: kept on this machine; written for a class only where one asked for it.

Two files, both of this machine. ``predictions.json`` in the user's data folder holds the last
click of every prediction, so that a chapter opened again shows it. The event log is written only
where the environment variable ``TLBOOK_EVENTS`` names a file (``tlbook lab --events FILE``): one
line of JSON for each comparison and each check of an exercise, under a random number that
stands for the learner, never under a name. ``tlbook class report`` reads such files.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

EVENTS = "TLBOOK_EVENTS"
_learner = secrets.token_hex(8)


def said(name: str) -> dict[str, str]:
    """Return what was clicked for a prediction, by the number of its part; empty for nothing."""
    found = _read().get(name, {})
    return found if isinstance(found, dict) else {}


def say(name: str, chosen: dict[str, str]) -> None:
    """Keep what was clicked. A folder that cannot be written keeps nothing, without a word.

    The clicks of a lesson are worth less than an error in the middle of it.
    """
    path = _predictions()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.part")
        fresh.write_text(json.dumps(_read() | {name: chosen}, indent=1), encoding="utf-8")
        fresh.replace(path)
    except OSError:
        return


def log(kind: str, item: str, **fields: Any) -> None:
    """Append one event to the log, where the class asked for one.

    Parameters
    ----------
    kind : str
        ``"predict"`` or ``"check"``.
    item : str
        Which prediction or exercise.
    **fields
        What is known of it, such as ``right`` and ``said``.
    """
    path = os.environ.get(EVENTS)
    if not path:
        return
    line = json.dumps({"learner": learner(path), "kind": kind, "item": item, **fields})
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        return


def ask_for_log(path: str | Path) -> None:
    """Ask for the event log: this process and the kernels that it starts append to ``path``.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    file = Path(path).expanduser().absolute()
    try:
        file.open("a", encoding="utf-8").close()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ValueError(f"events: got {path}, want a file that can be written ({why})") from None
    os.environ[EVENTS] = str(file)


def learner(path: str) -> str:
    """Return the random number of the learner to whom this log belongs: that of its first line."""
    try:
        with open(path, encoding="utf-8") as file:
            return str(json.loads(file.readline())["learner"])
    except (OSError, ValueError, KeyError, TypeError):
        return _learner


def _predictions() -> Path:
    from platformdirs import user_data_path

    return user_data_path("tlbook", appauthor=False) / "predictions.json"


def _read() -> dict[str, Any]:
    try:
        found = json.loads(_predictions().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
