"""``torchrun`` that ends with one line: what the process that failed has to say stands above it.

Its own ending is a traceback of the launcher and a table without the error.
"""

import logging
import signal
import sys

from tlbook._base.orphans import end_with_parent


def main(arguments: list[str]) -> int:
    """Run ``torchrun`` with these arguments; return its exit status."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    logging.disable(logging.ERROR)  # of the launcher alone: "Sending process … closing signal"
    end_with_parent()
    try:
        run(parse_args(arguments))
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        said = f"process {rank} ended {_how(failure.exitcode)}, and the others with it"
        print(f"tlbook: {said}", file=sys.stderr)
        return 1
    except SignalException as error:
        return 128 + int(error.sigval)
    return 0


def _how(code: int) -> str:
    if code >= 0:
        return f"with exit status {code}"
    killed = " (often because memory ran out)" if -code == getattr(signal, "SIGKILL", 9) else ""
    return f"by signal {-code}{killed}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
