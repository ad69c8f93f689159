"""``tlbook doctor script.py:function``: findings in lines, one-line errors, the right exit code."""

import io
import re

import pytest
from rich.console import Console

from tlbook.course import chapters
from tlbook.diagnosis.battery import CHECKS, Finding
from tlbook.diagnosis.battery.handover import KEYS
from tlbook.workshop import cli
from tlbook.workshop.doctor.own import READ, load, report

SCRIPT = """
import torch
from torch.nn import functional as F

WANTED = "REDUCTION"

def setup(seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model, x = torch.nn.Linear(3, 2), torch.randn(10, 3)
    batch = {"xs": x, "ys": torch.arange(10) % 2}
    def loss(model, batch):
        return F.cross_entropy(model(batch["xs"]), batch["ys"], reduction=WANTED)
    return {"model": model, "loss": loss, "batch": batch}

def empty():
    return {}
"""


@pytest.fixture
def script(tmp_path):
    def write(reduction="mean", name="mine.py", text=SCRIPT):
        path = tmp_path / name
        path.write_text(text.replace("REDUCTION", reduction), encoding="utf-8")
        return path

    return write


def test_a_healthy_function_is_well(script, capsys):
    assert cli.main(["doctor", f"{script()}:setup"]) == 0
    out = capsys.readouterr().out
    assert "✓ the loss is a number: loss 0." in out
    assert "– the discriminator learns: no discriminator was handed over" in out
    assert "No fault found in 7 checks; 4 were not asked." in out


def test_a_fault_has_a_cure_a_chapter_and_exit_code_1(script, capsys):
    assert cli.main(["doctor", f"{script('sum')}:setup"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("✗"))
    assert "a copy of the rows does not matter: the loss is" in lines[at]
    assert "take means over rows" in lines[at + 1]
    assert lines[at + 1].endswith("Chapter 09 shows it.")
    assert lines[-1] == "1 fault in 7 checks; 4 were not asked."


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("{path}", "want script.py:function"),
        ("{path}:", "want script.py:function"),
        ("nowhere.py:setup", "'nowhere.py', which is no file"),
        ("{path}:nothing", "got 'nothing', want a function of"),
        ("{path}:WANTED", "setup, empty"),
        ("{path}:empty", 'setup: got no "batch"'),
    ],
)
def test_mistakes_get_one_line(script, capsys, place, words):
    assert cli.main(["doctor", place.format(path=script())]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_script_that_stops_is_named(script, capsys):
    path = script(text="import no_such_package_at_all")
    assert cli.main(["doctor", f"{path}:setup"]) == 1
    assert "stops with ModuleNotFoundError" in capsys.readouterr().err


def test_a_script_may_be_called_like_a_package_and_import_its_neighbor(script):
    import json

    script(name="beside.py", text="def setup(seed):\n    return seed\n")
    path = script(name="json.py", text="from beside import setup\n")
    assert load(f"{path}:setup")(5) == 5
    import json as again

    assert again is json


def test_the_page_about_it_has_an_example_that_is_well_and_every_key_and_check(script, capsys):
    page = (chapters.root() / "docs" / "doctor.md").read_text(encoding="utf-8")
    example = page.split("```python\n")[1].split("```")[0]
    assert cli.main(["doctor", f"{script(text=example)}:setup"]) == 0, capsys.readouterr().out
    first_cells = [line.split("|")[1].strip() for line in page.splitlines() if line[:1] == "|"]
    keys = [key for cell in first_cells for key in re.findall(r"`(\w+)`", cell)]
    assert sorted(keys) == sorted(KEYS)
    assert {*CHECKS, "the same seed repeats"} <= set(first_cells)


def test_without_a_script_it_examines_the_machine(monkeypatch):
    asked = []
    monkeypatch.setattr("tlbook.workshop.doctor.doctor", lambda: asked.append(1) or True)
    assert cli.main(["doctor"]) == 0
    assert asked == [1]


def test_every_check_has_a_chapter_that_teaches_it():
    assert set(READ) == {*CHECKS, "the same seed repeats"}
    assert set(READ.values()) <= {chapter.number for chapter in chapters.CHAPTERS}


def test_a_finding_is_one_line_however_narrow_the_terminal():
    console = Console(width=40, record=True, file=io.StringIO())
    long = Finding("what is frozen stays", "well", "body.0.weight " * 20)
    assert report([long], console)
    assert len(console.export_text().strip().splitlines()) == 2


STOPS = {
    "while it is read": (
        "import sys\nsys.exit('usage')\n",
        "script: .* SystemExit: usage .*line 2",
    ),
    "for its grammar": ("def setup(:\n", "script: .*mine.py stops with SyntaxError"),
    "when it is called": (
        "def setup(seed):\n    return {}['x']\n",
        "KeyError: 'x' .mine.py, line 2",
    ),
    "by leaving": (
        "def setup():\n    raise SystemExit(3)\n",
        "setup: .* SystemExit: 3 .mine.py, line 2",
    ),
    "without a package": (
        "def setup():\n    import no_such\n",
        "setup: .* No module named 'no_such'",
    ),
}


@pytest.mark.parametrize("how", STOPS)
def test_a_script_that_stops_ends_in_a_line_with_its_place(how, script, capsys):
    text, words = STOPS[how]
    assert cli.main(["doctor", f"{script(text=text)}:setup"]) == 1
    said = capsys.readouterr().err
    assert re.search(words, said) and said.count("\n") == 1 and "frozen" not in said
