"""``import tlbook`` is cheap: the stated bound is 0.3 s, without torch and numpy."""

import statistics
import subprocess
import sys

import pytest

BOUND_SECONDS = 0.3

CODE = """
import sys, time
started = time.perf_counter()
import tlbook
seconds = time.perf_counter() - started
heavy = {"torch", "numpy", "matplotlib", "pandas", "ipywidgets"} & set(sys.modules)
assert not heavy, heavy
print(seconds)
"""


def test_import_is_cheap():
    runs = [
        subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    assert statistics.median(float(run.stdout) for run in runs) < BOUND_SECONDS


@pytest.mark.slow
def test_every_part_resolves_after_import_tlbook():
    code = """
import pkgutil, tlbook
parts = {m.name for m in pkgutil.iter_modules(tlbook.__path__) if m.name[0] != "_"}
for part in sorted(parts):
    assert getattr(tlbook, part).__name__ == "tlbook." + part
assert set(dir(tlbook)) == parts | {"check", "claim", "__version__"}, dir(tlbook)
assert tlbook.claim.__module__ == "tlbook.evaluation.claims"
assert {"adversarial", "alignment", "selection", "course", "workshop"} <= parts
assert not hasattr(tlbook, "no_such_part")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_commands_do_not_import_torch():
    names = ", ".join(f"tlbook.workshop.{name}" for name in ("cli", "runner", "doctor"))
    code = f"import sys, {names}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
