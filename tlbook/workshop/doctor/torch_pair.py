"""torch and torchvision: do they fit each other, and what do they compute on."""

import json
import subprocess
import sys
from typing import Any

from tlbook.workshop.doctor.check import Check

_CURE = (
    "install the pair again from one index: 'python3 -m tlbook setup --force' (torch and "
    "torchvision from different indexes do not work together)"
)

_PROBE = """
import json, torch, torchvision
torchvision.ops.nms(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.ones(1), 0.5)
found = {"torch": torch.__version__, "torchvision": torchvision.__version__}
if torch.cuda.is_available():
    found["cuda"] = [
        {
            "name": torch.cuda.get_device_name(k),
            "memory": torch.cuda.get_device_properties(k).total_memory,
        }
        for k in range(torch.cuda.device_count())
    ]
    found["bf16"] = torch.cuda.is_bf16_supported()
    torch.ones(8, device="cuda").sum().item()
elif torch.backends.mps.is_available():
    found["mps"] = True
print(json.dumps(found))
"""


def probe_torch(code: str = _PROBE, limit: float = 180) -> dict[str, Any]:
    """Import the pair in another process; return what it says, or ``{"error": ...}``.

    Another process: a pair that does not fit may crash the interpreter, not only raise.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer after {limit:g} seconds"}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1][:200] if lines else f"ended with status {done.returncode}"}
    try:
        found = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {"error": "gave no answer that can be read"}
    return found if isinstance(found, dict) else {"error": "gave no answer that can be read"}


def check_pair(probe: dict[str, Any]) -> Check:
    """The compiled operators of torchvision load into this torch."""
    if "error" in probe:
        return Check("torch and torchvision", False, probe["error"], _CURE)
    detail = f"torch {probe['torch']}, torchvision {probe['torchvision']}"
    return Check("torch and torchvision", True, detail)


def check_device(probe: dict[str, Any]) -> Check:
    """What ``device="auto"`` will choose."""
    if "error" in probe:
        return Check("device", False, "unknown: torch does not work", _CURE)
    if probe.get("cuda"):
        cards = ", ".join(f"{c['name']} ({c['memory'] / 2**30:.0f} GB)" for c in probe["cuda"])
        return Check("device", True, f"CUDA: {cards}, bf16 {'yes' if probe['bf16'] else 'no'}")
    if probe.get("mps"):
        return Check("device", True, "MPS (Apple)")
    return Check("device", True, "CPU (enough for every chapter at the quick budget)")
