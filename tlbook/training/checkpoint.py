"""Checkpoints: safetensors for tensors, JSON for the rest, whole or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlbook._base.checks import check_positive
from tlbook.training.trees import flatten, unflatten

FORMAT = 1
TENSORS, RECORD = "state.safetensors", "state.json"


class CheckpointError(ValueError):
    """A checkpoint is damaged, or belongs to another run."""


@dataclass(frozen=True)
class Checkpoints:
    """Where and how often ``fit`` leaves its whole state.

    A run with the same arguments that finds checkpoints in the folder goes on from the last one
    and ends with the weights of the undisturbed run (on a CPU bit for bit).

    Parameters
    ----------
    folder : str or Path
        One folder for one run.
    every : int
        Steps between two checkpoints; the last step is always kept.
    keep : int
        How many of the latest stay on disk.

    Notes
    -----
    Each checkpoint is a folder ``step-00000100`` with ``state.safetensors`` and ``state.json``. It
    is written under another name, flushed to the disk and renamed, so that a run that is killed
    leaves the old one or the new one, never half of one. No pickle is written or read. While a run
    is at work in the folder, a second one is refused: it is told which process holds it.

    Raises
    ------
    ValueError
        If a number is not a positive integer.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from tlbook import data, models
    >>> from tlbook.training import Checkpoints, fit
    >>> digits = data.load("handwriting")
    >>> with TemporaryDirectory() as folder:
    ...     kept = Checkpoints(folder, every=10)
    ...     stop = lambda step, batch: step == 24  # as if the run were killed
    ...     _ = fit(models.create("digitnet"), digits, steps=40, checkpoint=kept, callback=stop)
    ...     history = fit(models.create("digitnet"), digits, steps=40, checkpoint=kept)
    >>> history.resumed_at, history.steps
    (25, 40)
    """

    folder: str | Path
    every: int = 100
    keep: int = 3

    def __post_init__(self) -> None:
        check_positive(self.every, "every", integer=True)
        check_positive(self.keep, "keep", integer=True)

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.folder)

    def steps(self) -> list[int]:
        """Return the steps of the checkpoints on disk, ascending."""
        found = (p.name.removeprefix("step-") for p in self.path.glob("step-*") if p.is_dir())
        return sorted(int(name) for name in found if name.isdigit())

    def due(self, done: int, steps: int) -> bool:
        """Say whether to save when ``done`` of ``steps`` steps are made."""
        return done % self.every == 0 or done == steps

    def save(self, done: int, state: dict[str, Any], identity: dict[str, Any]) -> Path:
        """Write a checkpoint, then drop those beyond ``keep``.

        Parameters
        ----------
        done : int
            Steps made.
        state : dict
            Nested dicts and lists of tensors, numbers and texts.
        identity : dict
            What makes this run this run; :meth:`load` compares it.
        """
        from safetensors.torch import save

        self.path.mkdir(parents=True, exist_ok=True)
        skeleton, tensors = flatten(state)
        blob = save(tensors)
        record = {
            "format": FORMAT,
            "step": done,
            "identity": identity,
            "tensors_sha256": hashlib.sha256(blob).hexdigest(),
            "state": skeleton,
        }
        text = json.dumps(record, indent=1)
        seal = hashlib.sha256(text.encode()).hexdigest()
        part = self.path / f".writing-{os.getpid()}"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        _write(part / TENSORS, blob)
        _write(part / RECORD, f"{seal}\n{text}\n".encode())
        final = self._folder(done)
        _remove(final)
        os.replace(part, final)
        _flush_folder(self.path)
        for old in self.steps()[: -self.keep]:
            _remove(self._folder(old))
        return final

    def load(self, identity: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Return steps made and state of the latest checkpoint; ``None`` if there is none.

        Raises
        ------
        CheckpointError
            If it is damaged or was left by a run with other arguments, data or networks.
        """
        self._sweep()
        steps = self.steps()
        if not steps:
            return None
        folder = self._folder(steps[-1])
        record, blob = self._read(folder, steps)
        self._compare(record["identity"], identity, folder)
        from safetensors.torch import load

        return record["step"], unflatten(record["state"], load(blob))

    def _read(self, folder: Path, steps: list[int]) -> tuple[dict[str, Any], bytes]:
        before = f" to go on from step {steps[-2]}" if len(steps) > 1 else " to start afresh"
        cure = f"delete {folder.name} in {folder.parent}{before}"
        try:
            seal, text = (folder / RECORD).read_text(encoding="utf-8").split("\n", 1)
            blob = (folder / TENSORS).read_bytes()
        except (OSError, ValueError) as error:
            raise CheckpointError(f"checkpoint: {folder.name} lacks a file; {cure}") from error
        if hashlib.sha256(text.removesuffix("\n").encode()).hexdigest() != seal:
            raise CheckpointError(f"checkpoint: {folder.name}/{RECORD} is damaged; {cure}")
        record = json.loads(text)
        if record.get("format") != FORMAT:
            raise CheckpointError(
                f"checkpoint: {folder.name} has format {record.get('format')!r}, "
                f"want {FORMAT}; {cure}"
            )
        if hashlib.sha256(blob).hexdigest() != record["tensors_sha256"]:
            raise CheckpointError(f"checkpoint: {folder.name}/{TENSORS} is damaged; {cure}")
        return record, blob

    def _compare(self, theirs: dict[str, Any], ours: dict[str, Any], folder: Path) -> None:
        ours = json.loads(json.dumps(ours))
        differ = [k for k in sorted({*theirs, *ours}) if theirs.get(k) != ours.get(k)]
        if differ:
            told = "; ".join(f"{k}: there {theirs.get(k)!r}, here {ours.get(k)!r}" for k in differ)
            raise CheckpointError(
                f"checkpoint: {folder.name} in {folder.parent} belongs to another run ({told}). "
                "Use another folder, or delete this one."
            )

    def _folder(self, step: int) -> Path:
        return self.path / f"step-{step:08d}"

    def _sweep(self) -> None:
        """Remove what killed runs left half written or half deleted."""
        for rest in [*self.path.glob(".writing-*"), *self.path.glob(".deleting-*")]:
            shutil.rmtree(rest, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """Make the renaming itself safe against a power cut, where folders can be flushed."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    """Rename first: a folder that is half deleted must not look like a checkpoint."""
    if folder.exists():
        doomed = folder.with_name(f".deleting-{folder.name}-{os.getpid()}")
        os.replace(folder, doomed)
        shutil.rmtree(doomed, ignore_errors=True)
