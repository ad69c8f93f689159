"""The steps of the image's Dockerfile, read and, without Docker, run in a folder.

python -m tests.workshop.image FOLDER [NAME=VALUE ...]

FOLDER becomes a clone of the last commit. The steps of the system (useradd, chown) are left
out; NAME=VALUE replaces what an ENV line says, and NAME= takes it away: UV_TORCH_BACKEND= where
PyTorch's own index cannot be reached.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / ".binder" / "Dockerfile"
_OF_THE_SYSTEM = ("useradd", "chown")


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile with their arguments, lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, rest) for name, rest in pairs]


def environment(steps: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the variables of the ENV lines without references to others."""
    found = {}
    for name, rest in steps:
        if name == "ENV":
            found |= {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', rest)}
    return {k: v for k, v in found.items() if "$" not in v}


def run(folder: Path, replaced: dict[str, str]) -> None:
    """Run the RUN lines in a clone, one after another; stop at the first that fails."""
    steps = instructions(DOCKERFILE.read_text(encoding="utf-8"))
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("TLBOOK", "PYTHON"))}
    variables = {k: v for k, v in (variables | environment(steps) | replaced).items() if v}
    for name, rest in steps:
        if name != "RUN" or rest.startswith(_OF_THE_SYSTEM):
            continue
        print(f"RUN {rest}", flush=True)
        start = time.monotonic()
        done = subprocess.run(["sh", "-c", rest], cwd=folder, env=variables)
        size = subprocess.run(["du", "-sm", folder], capture_output=True, text=True).stdout
        print(f"-> {done.returncode}, {time.monotonic() - start:.0f} s, {size.split()[0]} MB")
        if done.returncode:
            raise SystemExit(done.returncode)


if __name__ == "__main__":
    run(Path(sys.argv[1]), dict(pair.split("=", 1) for pair in sys.argv[2:]))
