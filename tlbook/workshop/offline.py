"""Run a command without a network: in a network namespace on Linux, where only loopback is up.

``python -m tlbook.workshop.offline COMMAND ...`` is the inner half: it raises loopback, then
becomes the command.
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence

_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_IFF_UP = 0x1


def raise_loopback() -> None:
    """Bring the loopback interface up (what ``ip link set lo up`` does, without iproute2)."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sh14x", b"lo", 0)
        answer = fcntl.ioctl(handle, _SIOCGIFFLAGS, request)
        (flags,) = struct.unpack("16xh14x", answer)
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def namespace_prefix(more: Sequence[str] = ()) -> list[str] | None:
    """Return what to put before a command so that it has no network, or None where none works.

    ``more`` are further options of ``unshare``, such as ``("--pid", "--fork")``.
    """
    unshare = shutil.which("unshare")
    if not sys.platform.startswith("linux") or unshare is None:
        return None
    options = [*(["-n"] if os.geteuid() == 0 else ["-r", "-n"]), *more]
    prefix = [unshare, *options, sys.executable, "-m", "tlbook.workshop.offline"]
    try:
        trial = subprocess.run([*prefix, sys.executable, "-c", _PROBE], capture_output=True)
    except OSError:
        return None
    return prefix if trial.returncode == 0 else None


# Loopback answers, and the way to any other address is closed at once.
_PROBE = """
import errno, socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=5).close()
try:
    socket.create_connection(("192.0.2.1", 9), timeout=5)
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
else:
    raise SystemExit("there is a network")
"""


if __name__ == "__main__":
    raise_loopback()
    os.execvp(sys.argv[1], sys.argv[1:])
