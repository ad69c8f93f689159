"""Progress bars belong on a terminal or into a notebook, not into a log file."""

import os
import sys

BY_ITSELF = "no terminal"


def hush() -> None:
    """Set ``TLBOOK_QUIET`` where nobody watches; what a user set stays.

    A notebook's kernel that was started from such a process takes it back.
    """
    if "ipykernel" in sys.modules:
        if os.environ.get("TLBOOK_QUIET") == BY_ITSELF:
            del os.environ["TLBOOK_QUIET"]
    elif sys.stderr is None or not sys.stderr.isatty():
        os.environ.setdefault("TLBOOK_QUIET", BY_ITSELF)
