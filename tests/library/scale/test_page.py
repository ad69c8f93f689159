"""The page ``docs/machines.md``: its ten lines run as they stand, and give the serial table."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "machines.md").read_text(encoding="utf-8")

pytest.importorskip("loky")


@pytest.mark.slow
def test_the_ten_lines(tmp_path):
    mine, comparison = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    assert len(comparison.strip().splitlines()) <= 13  # ten lines, a comment and two blank ones
    (tmp_path / "mine.py").write_text(mine)
    found = []
    for on in ('"local"', "None"):
        (tmp_path / "compare_mine.py").write_text(comparison.replace('"local"', on))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TLBOOK_CACHE": str(tmp_path / "c")}
        done = subprocess.run(
            [sys.executable, "compare_mine.py"],
            cwd=tmp_path,
            env={**environment, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert found[0] == found[1] and "CORAL" in found[0]
