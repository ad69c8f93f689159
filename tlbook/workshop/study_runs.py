"""``tlbook results``: make the stored results again, or say which are out of date."""

import secrets
import time
from pathlib import Path

from tlbook.course import studies
from tlbook.course.results import stored
from tlbook.course.results.fingerprint import Fingerprint, fingerprint


def known() -> list[str]:
    """Return the names of all studies and of all stored results."""
    return sorted({*studies.names(), *stored.names()})


def code_of(name: str) -> Fingerprint:
    """Return the fingerprint of a study as its code is now."""
    return fingerprint(studies.module(name))


def command_of(name: str) -> str:
    """Return what makes a result again."""
    return studies.get(name).command or f"tlbook results {name}"


def check_results(name: str | None = None) -> bool:
    """Print one line for each stored result; return whether all belong to the present code."""
    good = True
    for each in [name] if name else known():
        try:
            stored.check(each, code_of(each))
        except (stored.StaleResult, ValueError) as error:
            good = False
            print(f"✗ {each}: {error}")
        else:
            print(f"✓ {each}")
    return good


def make_result(
    name: str, jobs: int = 1, on: str | None = None, folder: Path | None = None
) -> None:
    """Run a study, here or elsewhere, and store its table with the record of how it was made."""
    study = studies.get(name)
    command = command_of(name)
    if not command.startswith("tlbook results "):
        raise ValueError(f"name: {name!r} is made by another command: {command}")
    code = code_of(name)  # now: the files may be edited while the study runs
    started = time.perf_counter()
    if on is None:
        frame = study.run(jobs)
    else:
        from tlbook.workshop.elsewhere import run_study

        frame = run_study(name, on, folder)
    seconds = time.perf_counter() - started
    # Of a run elsewhere, which may have been stopped and taken up, the frame knows both.
    seconds = frame.attrs.get("seconds", seconds)
    stored.save(name, frame, command, code, seconds, machine=frame.attrs.get("machine"))
    print(f"{name}: {len(frame)} rows in {seconds:.0f} s")


def confirm_result(name: str, sample: int, jobs: int = 1, seed: int | None = None) -> None:
    """Run a random sample of a study's jobs again; if all numbers agree, renew its record."""
    from tlbook.course.results.confirmation import confirm
    from tlbook.course.studies.jobs import sampled

    study = studies.get(name)
    code = code_of(name)
    seed = secrets.randbelow(10**6) if seed is None else seed
    with sampled(sample, seed) as drawn:
        frame = study.run(jobs)
    confirm(name, frame, drawn.run, code, seed)
    print(f"{name}: {drawn.run} jobs run again, {len(frame)} rows agree (seed {seed})")
