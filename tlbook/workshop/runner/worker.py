"""The process that executes one notebook: ``python -m tlbook.workshop.runner.worker JOB.json``.

It runs apart from the runner, so that a kernel that crashes or hangs takes nothing else down. It
watches the runner in turn, as the guard does: either is enough, should the other be killed, too.
"""

import json
import os
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

from tlbook.workshop.runner.marked import NAME, end_marked

_SAVE_EVERY_SECONDS = 2.0
_LOOK_EVERY_SECONDS = 0.5


def execute(job: dict[str, Any]) -> None:
    """Execute the notebook, saving the copy after every cell, so that a part of it survives."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from tlbook.workshop.runner import bounded

    try:
        papermill.execute_notebook(
            job["notebook"],
            job["executed"],
            parameters=job["parameters"],
            cwd=str(Path(job["notebook"]).parent),
            kernel_name="python3",
            engine_name=bounded.NAME,
            progress_bar=False,
            log_output=False,
            autosave_cell_every=_SAVE_EVERY_SECONDS,
            start_timeout=120,
        )
    except PapermillExecutionError as error:
        where = f"cell {error.cell_index}" if error.cell_index is not None else "a cell"
        message = " ".join(f"{where}: {error.ename}: {error.evalue}".split())
        raise SystemExit(message[:500]) from None
    except DeadKernelError:
        raise SystemExit(f"{_last_cell(Path(job['executed']))}: the kernel died") from None


def _last_cell(executed: Path) -> str:
    """Return in words which cell was begun last; papermill calls all of them completed."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    times = [cell["metadata"].get("papermill", {}).get("start_time") for cell in cells]
    begun = [number for number, time_ in enumerate(times) if time_]
    return f"cell {begun[-1]}" if begun else "a cell"


def _page(executed: Path, html: Path) -> None:
    from tlbook.workshop.page import write_page  # nbconvert takes a second to import

    write_page(executed, html)


def peak_of_children() -> float:
    """Return the largest memory in MiB that an ended child (the kernel) ever had; 0 on Windows.

    The system counts it, so nothing between two samples of the runner is missed.
    """
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def end_with(pid: int) -> None:
    """Start a thread that ends this process and all below it as soon as process ``pid`` is gone."""

    def watch() -> None:
        while _lives(pid):
            time.sleep(_LOOK_EVERY_SECONDS)
        end_marked(os.environ.get(NAME) or "no mark")
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def main(argv: list[str]) -> None:
    """Execute the job, then make its HTML, also when a cell failed."""
    job = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    end_with(job["runner"])
    executed = Path(job["executed"])
    if "--html-only" in argv:
        _page(executed, Path(job["html"]))
        return
    started = time.perf_counter()
    try:
        execute(job)
    finally:
        seconds = time.perf_counter() - started
        measured = f"{seconds:.3f} {peak_of_children():.1f}"
        Path(job["measured_file"]).write_text(measured, encoding="utf-8")
        if job["html"] and executed.exists():
            _page(executed, Path(job["html"]))


if __name__ == "__main__":
    main(sys.argv[1:])
