"""Bring a file here: from the cache, by hand, or from a server; checked, resumable, all or nothing.

pooch and the libraries' own downloaders neither resume nor give up soon, and each says
something else when there is no network; hence these lines around ``requests``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tlbook._base.extras import needs
from tlbook.data.online.answers import NoAnswer, first_answer
from tlbook.data.online.closed import refuse_unwritable
from tlbook.data.online.remote import Offline, Remote, check, fault

CHUNK = 1 << 18
TRIES = 10
SLOWEST, SLOW_SECONDS = 1_000, 20.0
"""Bytes a second that a server has to send on the average, judged after so many seconds."""


def fetch(remote: Remote, *, what: str = "", instead: str = "", download: bool = True) -> Path:
    """Return the checked file, downloading it first where it is not there.

    A download goes to ``<file>.part`` in the same folder, is checked, and is moved into place in
    one step. A cut leaves the part, and the next call goes on from there.

    Parameters
    ----------
    remote : Remote
        The file.
    what, instead : str
        For the error: who needs the file, and what to use in its place.
    download : bool
        Whether the network may be used.

    Raises
    ------
    Offline
        If the file is not here and no server gives it (within 5 seconds).
    ValueError
        If the file, here or downloaded, is not the expected one.
    """
    return fetch_all((remote,), what=what, instead=instead, download=download)[0]


def fetch_all(
    remotes: Iterable[Remote], *, what: str = "", instead: str = "", download: bool = True
) -> list[Path]:
    """Return several checked files as :func:`fetch` does; an error names all that are missing."""
    remotes = tuple(remotes)
    for remote in remotes:
        if remote.here:
            continue
        reason = "" if download else "downloading was not asked for"
        try:
            if download:
                _download_once(remote)
        except NoAnswer as error:
            reason = str(error)
        if reason:
            raise Offline(_advice(remotes, what, instead, reason))
    return [check(remote.path, remote) for remote in remotes]


def _advice(remotes: tuple[Remote, ...], what: str, instead: str, reason: str) -> str:
    missing = [remote for remote in remotes if not remote.here]
    names = ", ".join(f"{remote.file} ({remote.in_words})" for remote in missing)
    folders = " and ".join(dict.fromkeys(str(remote.path.parent) for remote in missing))
    pronoun = "it" if len(missing) == 1 else "them"
    advice = f"{what or 'this'} needs {names}, not here and not to be had ({reason}). "
    advice += f"Put {pronoun} into {folders}"
    return advice + (f", or use {instead}, which needs no network." if instead else ".")


def _download_once(remote: Remote) -> None:
    """Download under a lock: of two processes that want the file, the second finds it done."""
    needs("requests", "vision")
    from filelock import FileLock

    folder = remote.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"{folder}: cannot make this folder ({error.strerror}); the environment variable "
            "TLBOOK_DATA chooses another one"
        ) from None
    refuse_unwritable(folder)
    with FileLock(folder / f".{remote.file}.lock"):
        if not remote.here:
            download(remote)


def download(remote: Remote) -> None:
    """Download the file, whatever is there already.

    A server whose file is not the expected one is asked no more; a part that an earlier call
    has left, and that does not lead to the expected file, is thrown away and begun again.

    Raises
    ------
    NoAnswer
        If no server gives the file, or the connection is cut and cannot be taken up.
    ValueError
        If what came is not the expected file.
    """
    path = remote.path
    part = path.with_name(path.name + ".part")
    addresses, resumed, problem = remote.addresses(), False, ""
    for _ in range(TRIES):
        if not addresses:
            break
        start = part.stat().st_size if part.exists() else 0
        resumed = resumed or start > 0
        try:
            answer = first_answer(addresses, start)
        except NoAnswer:
            if problem:
                break
            raise
        if not _append(answer, part, start, remote):
            if part.stat().st_size <= start:
                raise NoAnswer("the connection was cut; the next call goes on from there")
            continue
        trouble = fault(part, remote)
        if trouble is None:
            os.replace(part, path)
            return
        part.unlink()
        if not resumed:
            problem = f"{answer.asked} gave another file than expected: {trouble}; nothing was kept"
            addresses = tuple(each for each in addresses if each != answer.asked)
        resumed = False
    if not problem:
        raise NoAnswer(f"cut {TRIES} times; the next call goes on from there")
    raise ValueError(f"{remote.file}: {problem}")


def _append(answer: Any, part: Path, start: int, remote: Remote) -> bool:
    """Write the body after what is there already; return whether it came to its end."""
    from tqdm.auto import tqdm
    from urllib3.exceptions import HTTPError

    if answer.status_code == 416:  # nothing after what is there already
        answer.close()
        return True
    goes_on = answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
    start = start if answer.status_code == 206 and goes_on else 0
    length = answer.headers.get("Content-Length", "")
    total = start + int(length) if length.isdecimal() else remote.size
    limit = 2 * remote.size + (1 << 20)
    bar = tqdm(
        total=total, initial=start, unit="B", unit_scale=True, delay=2, leave=False,
        desc=remote.file,
    )  # fmt: skip
    began = time.monotonic()
    with answer, bar, open(part, "ab" if start else "wb") as file:
        try:
            # As it arrives: a full chunk of a server that sends a byte a second takes days.
            while chunk := answer.raw.read1(CHUNK, decode_content=False):
                file.write(chunk)
                bar.update(len(chunk))
                if file.tell() > limit:  # it goes on and on: whatever it is, not this file
                    return True
                seconds = time.monotonic() - began
                if seconds > SLOW_SECONDS and (file.tell() - start) / seconds < SLOWEST:
                    raise NoAnswer(
                        f"slower than {SLOWEST:,} bytes a second; the next call goes on from there"
                    )
        except HTTPError:  # cut or silent; what came is kept
            return False
    return True
