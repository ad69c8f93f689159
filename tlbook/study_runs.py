"""``tlbook results``: make the stored results again, or say which are out of date."""

import inspect
import time

from tlbook import studies
from tlbook.evaluation import stored


def known() -> list[str]:
    """Return the names of all studies and of all stored results."""
    return sorted({*studies.names(), *stored.names()})


def check_results(name: str | None = None) -> bool:
    """Print one line for each stored result; return whether all belong to the present code."""
    good = True
    for each in [name] if name else known():
        try:
            stored.check(each)
        except (stored.StaleResult, ValueError) as error:
            good = False
            print(f"✗ {each}: {error}")
        else:
            print(f"✓ {each}")
    return good


def make_result(name: str, jobs: int = 1) -> None:
    """Run a study and store its table with the record of how it was made."""
    study = studies.get(name)
    if not study.COMMAND.startswith(f"tlbook results {name}"):
        raise ValueError(f"name: {name!r} is made by another command: {study.COMMAND}")
    options = {"jobs": jobs} if "jobs" in inspect.signature(study.run).parameters else {}
    started = time.perf_counter()
    frame = study.run(**options)
    seconds = time.perf_counter() - started
    stored.save(name, frame, study.COMMAND, study.MODULES, seconds=seconds)
    print(f"{name}: {len(frame)} rows in {seconds:.0f} s")
