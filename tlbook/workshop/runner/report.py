"""The record of a run: ``report.json`` beside its results, and ``runs/latest.json``."""

import json
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tlbook.workshop.runner.job import Outcome, RunOptions
from tlbook.workshop.runner.pool import usable_cores
from tlbook.workshop.whole import write_text


def machine_words() -> str:
    """Describe the machine without naming it."""
    cores = usable_cores()
    return f"{platform.system()}, {cores} core{'s' if cores > 1 else ''}, {_processor()}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def save_report(
    folder: Path, outcomes: Sequence[Outcome], options: RunOptions, latest: Path | None
) -> Path:
    """Write the report of a run; ``latest`` keeps the newest entry of every chapter."""
    entries = [
        {**outcome.as_dict(), "budget": options.budget, "seed": options.seed}
        for outcome in outcomes
    ]
    report = {
        "when": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": machine_words(),
        "device": options.device,
        "chapters": entries,
    }
    path = folder / "report.json"
    _write(path, report)
    if latest is None:
        return path
    from filelock import FileLock

    latest.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(latest.with_suffix(".lock")):  # two runs may end at once
        new = {entry["name"] for entry in entries}
        older = [entry for entry in load_latest(latest)["chapters"] if entry["name"] not in new]
        merged = sorted(older + entries, key=lambda entry: entry["name"])
        _write(latest, {**report, "chapters": merged})
    return path


def _write(path: Path, content: dict[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=1) + "\n")


def load_latest(path: Path) -> dict[str, Any]:
    """Return the newest report, or an empty one where no run was made yet."""
    if not path.exists():
        return {"when": "", "machine": "", "device": "", "chapters": []}
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _ = [entry["name"] for entry in content["chapters"]]
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{path.parent.name}/{path.name} is damaged: delete it; it only remembers earlier runs"
        ) from None
    return content
