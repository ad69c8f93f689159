"""Rows beyond memory: CORAL, MMD and the probe on shards of 10⁴, 10⁵ and 10⁶ rows; exponents."""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks._harness import Row, peak_mib
from tlbook.scale import Shards, streams, write_shard

SIZES = (10_000, 100_000, 1_000_000)
D, K, SHARD = 384, 2, 50_000
STEPS = 10
"""Of L-BFGS: the same number of passes for every size."""
PLACE = Path(tempfile.gettempdir()) / "tlbook-bench-rows"


def _shards(name: str, rows: int, shift: float) -> Shards:
    """Features as wide as those of MiniLM; made once, shard by shard."""
    folder = PLACE / f"{name}-{rows}"
    for number, start in enumerate(range(0, rows, SHARD)):
        if (folder / f"shard-{number:06d}.npy").exists():
            continue
        rng = np.random.default_rng([rows, number, int(10 * shift)])
        n = min(SHARD, rows - start)
        Z = rng.standard_normal((n, D), dtype=np.float32) + np.float32(shift)
        y = (Z[:, 0] + 0.5 * rng.standard_normal(n) > shift).astype(int)
        write_shard(folder, number, Z, y)
    return Shards(folder)


def _coral(rows: int) -> object:
    return streams.coral(*(streams.moments(_shards(*part)) for part in _both(rows)))


def _mmd(rows: int) -> object:
    return streams.mmd2(*(_shards(*part) for part in _both(rows)), n_features=256)


def _probe(rows: int) -> object:
    return streams.linear_probe(_shards("source", rows, 0.0), iterations=STEPS)


def _both(rows: int) -> tuple[tuple[str, int, float], tuple[str, int, float]]:
    return ("source", rows, 0.0), ("target", rows, 0.1)


WORK = {"CORAL": _coral, "MMD": _mmd, "probe": _probe}


def _memory(name: str, rows: int) -> Callable[[], Callable[[], object]]:
    """Return what a process of its own does: one run, whose seconds it leaves in a file."""

    def prepare() -> Callable[[], object]:
        WORK[name](200)

        def work() -> None:
            start = time.process_time()
            WORK[name](rows)
            _seconds(name, rows).write_text(str(time.process_time() - start))

        return work

    return prepare


def _seconds(name: str, rows: int) -> Path:
    return PLACE / f"{name}-{rows}.seconds"


# What runs in a process of its own is found by its name.
for _name in WORK:
    for _rows in SIZES:
        _function = _memory(_name, _rows)
        _function.__name__ = f"memory_{_name}_{_rows}"
        _function.__module__ = __name__
        globals()[_function.__name__] = _function


def run(quick: bool = False) -> list[Row]:
    """All rows; some minutes, or half a minute with ``quick`` (10⁵ rows at most)."""
    rows: list[Row] = []
    try:
        for part in (*_both(200), *(p for n in SIZES[: 2 if quick else 3] for p in _both(n))):
            _shards(*part)
        for name in WORK:
            rows += measured(name, SIZES[:2] if quick else SIZES)
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)
    return rows


def measured(name: str, sizes: Sequence[int]) -> list[Row]:
    """Return seconds, memory and exponents of one method."""
    rows, seconds, memory = [], [], []
    for size in sizes:
        memory.append(peak_mib(globals()[f"memory_{name}_{size}"]))
        seconds.append(float(_seconds(name, size).read_text()))
        rows.append(Row(f"{name}, {size:,} rows of {D}: CPU seconds", seconds[-1], "s"))
        rows.append(Row("  memory above the start", memory[-1], "MiB", 400, False))
    for what, values, most in (("seconds", seconds, 1.15), ("memory", memory, 0.2)):
        slope = float(np.log10(values[-1] / values[-2]))
        rows.append(Row(f"{name}: exponent of the {what}, last decade", slope, "", most, False))
    return rows
