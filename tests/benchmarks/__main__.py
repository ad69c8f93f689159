"""Run every benchmark: ``python -m tests.benchmarks [NAME …] [--quick] [--device cuda]``.

Prints one table; the exit code is 1 where a bound is missed.
"""

import argparse
import importlib
import inspect
import os
import sys
import time

from tests.benchmarks._harness import ROOT, Row, one_thread


def main(arguments: list[str] | None = None) -> int:
    folder = ROOT / "tests" / "benchmarks"
    names = sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda, where it matters")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(f"no such benchmark: {', '.join(unknown)}")

    one_thread()
    print(f"one thread, {os.cpu_count()} cores, load {_load()}; medians, ratios in one process")
    rows: list[Row] = []
    for name in options.names or names:
        start = time.perf_counter()
        run = importlib.import_module(f"tests.benchmarks.bench_{name}").run
        own = {"device": options.device} if "device" in inspect.signature(run).parameters else {}
        found = run(quick=options.quick, **own)
        print(f"\n{name} ({time.perf_counter() - start:.0f} s)")
        print("\n".join(row.line() for row in found), flush=True)
        rows += found
    missed = [row.name for row in rows if not row.ok]
    print(f"\n{len(missed)} of {len(rows)} rows miss their bound" + (":" if missed else ""))
    print("\n".join(missed))
    return 1 if missed else 0


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    sys.exit(main())
