"""Write ``constraints.txt``: the versions that work together, and the sums of their files.

The versions are those of this environment. uv looks up what Windows, macOS and other Pythons need
besides, and asks the index that is set for the sums of all their files. Names, versions, conditions
and sums only: no index stands in the file.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from tlbook.workshop.bootstrap.requirements import normalize, read_constraints, version_key
from tlbook.workshop.python_version import MINIMUM_PYTHON
from tlbook.workshop.whole import write_text

# pip belongs to the venv that installs, tlbook is what is installed.
_LEFT_OUT = {"pip", "tlbook"}
_LOWEST = re.compile(r">=\s*(\d+(?:\.\d+)*)")
_PIN = re.compile(
    r"^[a-z0-9._-]+==[^\s;]+( ; [^\\]+)?( \\)?$|^    --hash=sha256:[0-9a-f]{64}( \\)?$"
)

_HEADER = """\
# Versions that were tested together, and the sums of their files for every system.
# Names, versions, conditions and sums only: the index is your installer's own.
# Made by `tlbook freeze` from an environment with every extra.
"""


def pins_to_keep(earlier: Path) -> list[str]:
    """Return ``name==version`` for every installed distribution, sorted.

    A version that is for newer Pythons only is asked for there; an older one takes another. What
    is not installed here (another system's, or an extra's) stays as it was pinned ``earlier``.
    """
    before = read_constraints(earlier) if earlier.is_file() else {}
    pins = {name: f"{name}=={pin.version}" for name, pin in before.items()}
    for distribution in metadata.distributions():
        name = normalize(distribution.metadata["Name"])
        if name in _LEFT_OUT:
            continue
        # A build label (2.15.0+cpu) belongs to one index and would not be found on another.
        pin = f"{name}=={distribution.version.split('+')[0]}"
        lowest = _LOWEST.search(getattr(distribution.metadata, "get")("Requires-Python") or "")  # noqa: B009
        newer = lowest and version_key(lowest[1]) > MINIMUM_PYTHON
        pins[name] = f"{pin} ; python_full_version >= '{lowest[1]}'" if lowest and newer else pin
    return [pins[name] for name in sorted(pins)]


def resolve(pyproject: Path, pins: list[str]) -> str:
    """Return the pins of every system with their sums, as uv finds them on its index.

    Raises
    ------
    ValueError
        If there is no uv, or it finds no versions that go together.
    """
    uv = shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv")
    if uv is None:
        raise ValueError("uv: not found; it is installed by 'python3 -m tlbook setup'")
    build = tomllib.loads(pyproject.read_text(encoding="utf-8"))["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as folder:
        more, have = Path(folder, "more.in"), Path(folder, "have.txt")
        more.write_text("\n".join([*build, "uv"]) + "\n", encoding="utf-8")
        have.write_text("\n".join(pins) + "\n", encoding="utf-8")
        command = [uv, "pip", "compile", "--universal", "--generate-hashes", "--all-extras"]
        command += ["--no-header", "--no-annotate", "--quiet", "--no-emit-index-url"]
        command += ["--python-version", ".".join(map(str, MINIMUM_PYTHON)) + ".0"]
        done = subprocess.run(
            [*command, "-c", str(have), str(pyproject), str(more)], capture_output=True, text=True
        )
    if done.returncode:
        raise ValueError(f"uv: finds no versions that go together: {done.stderr.strip()[-400:]}")
    return done.stdout


def freeze(path: Path) -> int:
    """Write the pins of this environment to ``path`` and return how many there are.

    Raises
    ------
    ValueError
        If uv cannot find them, or the file would hold anything but pins and sums.
    """
    text = resolve(path.with_name("pyproject.toml"), pins_to_keep(path))
    strange = [line for line in text.splitlines() if line and not _PIN.match(line)]
    if strange:
        raise ValueError(f"pins: got {strange[0]!r}, want name==version and sums only")
    content = _HEADER + text
    write_text(path, content)
    return len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
