"""``import tlbook`` is cheap: the stated bound is 0.3 s, without torch and numpy."""

import statistics
import subprocess
import sys

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


def test_the_commands_do_not_import_torch():
    names = ", ".join(f"tlbook.workshop.{name}" for name in ("cli", "runner", "doctor"))
    code = f"import sys, {names}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
