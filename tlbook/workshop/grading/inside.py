"""The confined process: ``python -m tlbook.workshop.grading.inside JOB.json``.

It executes one notebook cell by cell and goes on after an error, an endless loop that ends with
the cell's time, or ``sys.exit``. What the cells print is not kept: the answers lie in their file.
It ends as soon as nobody holds the other end of its standard input.
"""

import json
import os
import sys
from pathlib import Path
from threading import Thread


def end_with_input() -> None:
    """Start a thread that ends this process when its standard input is closed."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def main(argv: list[str]) -> None:
    """Execute the notebook of the job."""
    end_with_input()
    import nbformat

    from tlbook.workshop.grading.client import Quiet

    job = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    client = Quiet(
        nbformat.read(job["notebook"], as_version=4),
        kernel_name="python3",
        allow_errors=True,
        timeout=int(job["cell_seconds"]),
        interrupt_on_timeout=True,
        startup_timeout=120,
        iopub_timeout=20,
        resources={"metadata": {"path": str(Path(argv[0]).parent)}},
    )
    stopped = ""
    try:
        client.execute()
    except Exception as error:
        stopped = f"{type(error).__name__}: {error}"[:300]
    report = {"errors": client.errors[:50], "stopped": " ".join(stopped.split())}
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
