"""What came with the clone: chapters, data and weights, each as it was shipped."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tlbook.course.chapters import Chapter
from tlbook.workshop.doctor.check import Check

SUMS = "SHA256SUMS"
_CURE = "restore the shipped files with 'git checkout -- tlbook/data'"


def _faults(sums: Path) -> tuple[int, list[str]]:
    """Return how many files a list names, and a phrase for each that is not as listed."""
    faults, count = [], 0
    for line in sums.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        digest, _, name = line.partition(" ")
        name = name.strip().removeprefix("*")
        path = sums.parent / name
        count += 1
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest.lower():
            faults.append(f"{name} is damaged")
    return count, faults


def check_sums(data: Path) -> Check:
    """Compare every file listed in a ``SHA256SUMS`` under ``tlbook/data`` with its hash."""
    name = "data and weights"
    if not (data / "weight_files" / SUMS).is_file():
        return Check(name, False, f"{data.name}/weight_files/{SUMS} is missing", _CURE)
    total, faults = 0, []
    for sums in sorted(data.rglob(SUMS)):
        try:
            count, found = _faults(sums)
        except (OSError, UnicodeDecodeError) as error:
            count, found = 0, [f"{sums.name} cannot be read ({type(error).__name__})"]
        total += count
        faults += found
    if not total and not faults:
        faults = [f"{SUMS} lists nothing"]
    detail = "; ".join(faults) if faults else f"{total} files, sha256 as listed"
    return Check(name, not faults, detail, _CURE)


def check_chapters(chapters: Sequence[Chapter]) -> Check:
    """Every finished chapter has its notebook."""
    missing = [chapter.file for chapter in chapters if not chapter.path.is_file()]
    detail = f"missing: {', '.join(missing)}" if missing else f"{len(chapters)} chapters"
    return Check("chapters", not missing, detail, "restore them with 'git checkout -- notebooks'")
