"""What this machine offers to a training run: device, memory, precisions, compiler, threads."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import asdict, dataclass
from importlib import metadata, util
from typing import Any

import torch

from tlbook._base.named import named
from tlbook.training.device import choose_device, choose_precision

PACKAGES = ("torch", "torchvision", "accelerate")


@dataclass(frozen=True)
class Report:
    """Device and precision as :func:`report` found them; printing shows one fact a line.

    Attributes
    ----------
    device : str
        Its kind and name, without paths or host names.
    memory_gib : float
        Memory of the device: of the card, or of the machine for a CPU.
    default_precision : str
        What ``precision="auto"`` means here.
    bf16 : str
        Whether bfloat16 is there, and whether in hardware.
    tf32 : str
        Whether float32 matrix products may round their inputs to TF32.
    compile : str
        What ``compile=True`` would use, or what it lacks.
    processes : str
        What several processes would talk through.
    cores, threads : int
        Cores that this process may use, and threads that torch uses.
    versions : dict
        Of Python and of the packages that matter.
    """

    device: str
    memory_gib: float
    default_precision: str
    bf16: str
    tf32: str
    compile: str
    processes: str
    cores: int
    threads: int
    versions: dict[str, str]

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        facts = {
            "device": f"{self.device}, {self.memory_gib:.0f} GiB",
            "precision 'auto'": self.default_precision,
            "bfloat16": self.bf16,
            "TF32": self.tf32,
            "compile": self.compile,
            "several processes": self.processes,
            "cores, threads": f"{self.cores}, {self.threads}",
            "versions": versions,
        }
        return "\n".join(f"{name:18s} {fact}" for name, fact in facts.items())

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as a dictionary, to keep beside a measurement."""
        return asdict(self)


@named
def report(device: str | torch.device = "auto") -> Report:
    """Return what a run on this device would find. Nothing is trained and nothing is changed.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "mps"}
        As in :func:`~tlbook.training.fit`.

    Raises
    ------
    ValueError
        If the device is unknown or not there.
    """
    chosen_device = choose_device(device)
    return Report(
        device=_name(chosen_device),
        memory_gib=_memory(chosen_device) / 2**30,
        default_precision=str(choose_precision("auto", chosen_device)).removeprefix("torch."),
        bf16=_bf16(chosen_device),
        tf32=_tf32(chosen_device),
        compile=_compile(chosen_device),
        processes=_processes(chosen_device),
        cores=_cores(),
        threads=torch.get_num_threads(),
        versions=_versions(),
    )


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        return f"cuda: {torch.cuda.get_device_name(device)}, capability {major}.{minor}"
    if device.type == "mps":
        return f"mps: {platform.machine()}"
    return f"cpu: {platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"


def _memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    import psutil

    return psutil.virtual_memory().total


def _bf16(device: torch.device) -> str:
    if device.type == "cuda":
        hardware = torch.cuda.is_bf16_supported(including_emulation=False)
        emulated = "emulated: correct and slow" if torch.cuda.is_bf16_supported() else "no"
        return "in hardware" if hardware else emulated
    if device.type == "mps":
        return "yes"
    fast = _flag("_is_amx_tile_supported") or _flag("_is_avx512_bf16_supported")
    return "in hardware" if fast else "converted to float32 and back: correct and slow"


def _flag(name: str) -> bool:
    """Ask torch for a feature of the CPU; older and newer versions may not know the question."""
    asked = getattr(torch.cpu, name, None)
    return bool(asked()) if callable(asked) else False


def _tf32(device: torch.device) -> str:
    if device.type != "cuda":
        return "not a matter of this device"
    if torch.cuda.get_device_capability(device) < (8, 0):
        return "not on this card"
    allowed = torch.get_float32_matmul_precision() != "highest"
    return "on (float32 products keep 10 bits)" if allowed else "off: torch's default"


def _compile(device: torch.device) -> str:
    if device.type == "cuda":
        return "inductor" if util.find_spec("triton") else "inductor lacks triton"
    found = next((c for c in ("g++", "clang++", "c++", "cl") if shutil.which(c)), None)
    if found is None:
        return "inductor lacks a C++ compiler; backends 'eager' and 'aot_eager' run"
    return f"inductor with {found}"


def _processes(device: torch.device) -> str:
    import torch.distributed as dist

    if not dist.is_available():
        return "torch was built without them"
    if device.type == "cuda" and dist.is_nccl_available():
        count = torch.cuda.device_count()
        return f"nccl, {count} card{'s' * (count > 1)}"
    return "gloo" if dist.is_gloo_available() else "no backend"


def _cores() -> int:
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    if torch.version.cuda and torch.cuda.is_available():
        found["CUDA"] = torch.version.cuda
    return found
