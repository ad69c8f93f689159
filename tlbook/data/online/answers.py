"""Ask several servers for a file and take the first that answers, within a few seconds."""

from __future__ import annotations

import os
import queue
import threading
import time
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 4.0
"""Seconds until the first byte, for all servers together; a longer silence counts as a cut.

The environment variable ``TLBOOK_PATIENCE`` sets another number, for slow networks.
"""
STAGGER = 1.5
"""Seconds after which the next server is asked as well."""


def patience() -> float:
    """Return how many seconds to wait for an answer.

    Raises
    ------
    ValueError
        If ``TLBOOK_PATIENCE`` is no positive number.
    """
    chosen = os.environ.get("TLBOOK_PATIENCE")
    try:
        seconds = float(chosen) if chosen else PATIENCE
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 3600:
        raise ValueError(f"TLBOOK_PATIENCE: got {chosen!r}, want a number of seconds")
    return seconds


class NoAnswer(Exception):
    """No server gave the file; the message has the reason of each."""


def first_answer(addresses: tuple[str, ...], start: int = 0) -> Any:
    """Return the open response of the first server that offers the file from byte ``start`` on.

    Servers are asked in order, the next one when the one before has refused or been silent for
    1.5 seconds. Each is asked in a thread of its own: a name server that never answers cannot
    be given a time limit in any other way.

    Raises
    ------
    NoAnswer
        If none offers it within :func:`patience`.
    """
    arrived: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    over = threading.Event()
    waiting, asked = list(addresses), 0
    reasons: dict[str, str] = {}
    seconds = patience()
    deadline = time.monotonic() + seconds
    while waiting or asked:
        if waiting:
            thread = threading.Thread(
                target=_ask, args=(waiting.pop(0), start, seconds, arrived, over), daemon=True
            )
            thread.start()
            asked += 1
        left = deadline - time.monotonic()
        try:
            address, answer = arrived.get(timeout=max(0.0, min(left, STAGGER) if waiting else left))
        except queue.Empty:
            if time.monotonic() < deadline:
                continue
            break
        asked -= 1
        if not isinstance(answer, str):
            over.set()
            answer.asked = address
            return answer
        reasons[address] = answer
    over.set()
    told = [f"{urlsplit(a).hostname}: {reasons.get(a, _silent(seconds))}" for a in addresses]
    if any(each.endswith(_silent(seconds)) for each in told):
        told.append("TLBOOK_PATIENCE=30 waits longer")
    raise NoAnswer("; ".join(told) or "no address is known")


def _silent(seconds: float) -> str:
    return f"no answer within {seconds:.0f} s"


def _ask(address: str, start: int, seconds: float, arrived: Any, over: threading.Event) -> None:
    """Put the open response, or the reason why there is none, into a queue."""
    import requests

    # Byte for byte: a server must not unpack a .gz file on the way.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    answer: Any
    try:
        answer = requests.get(address, stream=True, timeout=seconds, headers=headers)
        # 416 says that nothing comes after what is here; of a file from its start, it is no answer.
        if answer.status_code not in ((200, 206, 416) if start else (200, 206)):
            answer.close()
            answer = f"HTTP {answer.status_code}"
    except requests.Timeout:
        answer = _silent(seconds)
    except requests.exceptions.SSLError:
        answer = "its certificate was not accepted"
    except requests.ConnectionError:
        answer = "no connection"
    except Exception as error:  # a thread has nobody to raise to
        answer = f"{type(error).__name__}: {str(error)[:60]}"
    if over.is_set() and not isinstance(answer, str):
        answer.close()
    else:
        arrived.put((address, answer))
