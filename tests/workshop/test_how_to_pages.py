"""The programs of the how-to pages run as they stand."""

import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.workshop.test_readme import draw
from tlbook import vision
from tlbook.course.chapters import root

pytestmark = pytest.mark.slow
PORT = "--main_process_port 0"  # any that is free: other runs may have the usual one


def programs(page):
    text = (root() / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def one(page):
        names = {}
        for program in programs(page):
            exec(program, names)
        return names

    return one


def scenes(folder, n=16):
    """Write pictures with one bright square or none, a table of the squares, and their masks."""
    rng, rows = np.random.default_rng(0), []
    for name in ("pictures", "masks"):
        (folder / name).mkdir()
    for i in range(n):
        pixels = rng.integers(0, 60, (60, 80, 3), dtype=np.uint8)
        mask = np.zeros((60, 80), np.uint8)
        top, left, label = rng.integers(5, 30), rng.integers(5, 50), i % 3
        if label < 2:
            pixels[top : top + 24, left : left + 24, label] = 230
            mask[top : top + 24, left : left + 24] = 1 + label
        mask[:2] = 255  # nobody has named the upper edge
        file = f"pictures/{i}.png"
        Image.fromarray(pixels).save(folder / file)
        Image.fromarray(mask).save(folder / "masks" / f"{i}.png")
        box = (left, top, left + 24, top + 24, ("red", "green")[label]) if label < 2 else [None] * 5
        rows.append((file, *box))
    columns = ["file", "left", "top", "right", "bottom", "label"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "boxes.csv", index=False)


def test_own_pictures(run, tmp_path, capsys):
    draw(tmp_path / "photos")
    scenes(tmp_path)
    names = run("own_pictures")
    assert "photos/test/" in capsys.readouterr().out
    assert (tmp_path / "runs" / "photos" / "README.md").is_file()
    assert names["names"] == ["green", "red"] and sum(map(len, names["yard"].boxes)) == 11
    assert np.mean(vision.average_precision(names["found"], names["yard"].boxes, 2)) > 0.6
    assert names["classes"] == 3 and names["mean"] > 0.8


def test_own_texts(run, tmp_path, capsys):
    words = {1: "broken bad slow", 5: "good fine quick"}
    rows = [(f"{w} item {i}", stars) for stars, text in words.items()
            for i in range(10) for w in text.split()]  # fmt: skip
    pd.DataFrame(rows, columns=["review", "stars"]).to_csv(tmp_path / "reviews.csv", index=False)
    names = run("own_texts")
    assert "30" in capsys.readouterr().out
    assert list(names["model"].predict(["good and quick"])) == [names["frame"].label.max()]


def test_own_tables(run, tmp_path, capsys):
    rng = np.random.default_rng(0)
    for name, scale in (("old", 1), ("new", 3)):
        frame = pd.DataFrame(scale * rng.normal(size=(80, 3)), columns=["a", "b", "c"])
        if name == "old":
            frame["y"] = (frame.a > 0).astype(int)
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    names = run("own_tables")
    assert "p_value" in capsys.readouterr().out and len(names["answers"]) == 80


def test_several_gpus(capsys):
    """In one process: that two give the result of one is a test of ``training``."""
    [program] = programs("several_gpus")
    with pytest.raises(ValueError, match="2"):
        exec(program, {})
    exec(program.replace("join(2)", "join(1)"), {})
    assert 0 <= float(capsys.readouterr().out) <= 1


@pytest.mark.parametrize("launcher", ["torchrun", "accelerate launch"])
def test_several_gpus_by_the_commands_of_the_page(launcher, tmp_path, capsys):
    """Both launchers start two processes on two cores, and the first one prints the same number."""
    [program] = programs("several_gpus")
    exec(program.replace("join(2)", "join(1)"), {})
    alone = float(capsys.readouterr().out)
    (tmp_path / "script.py").write_text(program, encoding="utf-8")
    text = (root() / "docs" / "several_gpus.md").read_text(encoding="utf-8")
    [command] = re.findall(rf"{launcher} [^`\n]*--n[^`\n]* script\.py", text)
    module = {
        "torchrun": "torch.distributed.run",
        "accelerate launch": "accelerate.commands.launch",
    }
    words = [sys.executable, "-m", module[launcher], *command.removeprefix(launcher).split()]
    extra = {"torchrun": "--standalone --local-addr 127.0.0.1", "accelerate launch": PORT}
    words[3:3] = extra[launcher].split()
    own = {"PYTHONPATH": str(root()), "OMP_NUM_THREADS": "1"}
    own |= {"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {}
    done = subprocess.run(
        words, cwd=tmp_path, env={**os.environ, **own}, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stderr
    assert [float(line) for line in done.stdout.split()] == [pytest.approx(alone, abs=0.02)]
