"""A process that outlives a run for a moment: ``python -m tlbook.workshop.runner.guard MARK``.

It reads from a pipe that only the runner holds open. Whatever ends the runner, the system closes
the pipe; the guard then ends all that carries the run's mark, and itself. It sits in a session of
its own, so that neither Ctrl-C nor a closed terminal ends it first.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tlbook.workshop.runner.marked import RUN, end_marked


@contextmanager
def guarded() -> Iterator[None]:
    """Watch what this process starts, until the block ends or this process does."""
    command = [sys.executable, "-m", "tlbook.workshop.runner.guard", RUN]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name != "nt",
    ):
        yield  # leaving closes the pipe, and waits for the guard


def main() -> None:
    """Wait until the runner is gone, then end what it left."""
    sys.stdin.buffer.read()
    end_marked(sys.argv[1])


if __name__ == "__main__":
    main()
