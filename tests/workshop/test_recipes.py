"""Recipes: taken out of notebooks with other values, run as scripts, and fit to be."""

import ast
import builtins
import os
import re
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from tlbook.workshop import cli, recipes

OPTIONS_CELL = """# Fits a line to your points.
DATA = None  # a folder; None draws one → here
OUT = None  # None: a temporary folder
EPOCHS = 5  # at most
RATE = 0.1  # of the steps
NAMES = [
    "first",  # stays
    "second",
]
WEIGHTS = "embedded"  # "imagenet": the published weights"""
REST = """import sys
from pathlib import Path

print(DATA, EPOCHS, RATE, NAMES, WEIGHTS)"""
END = "Path(OUT, 'end.txt').write_text(str(EPOCHS))\nsys.exit(3)"


def notebook(folder, *cells, name="30_made"):
    """Write a notebook of (source, tags)."""
    folder.mkdir(exist_ok=True)
    made = []
    for source, tags in cells:
        made.append(nbformat.v4.new_code_cell(source))
        made[-1].metadata["tags"] = tags.split()
    nbformat.write(nbformat.v4.new_notebook(cells=made), folder / f"{name}.ipynb")
    return folder


@pytest.fixture
def made(tmp_path):
    return notebook(
        tmp_path / "notebooks",
        ("1 / 0", "parameters"),
        (OPTIONS_CELL, "recipe line options"),
        ("print('not in it')", ""),
        (REST, "recipe line"),
        (END, "recipe line"),
    )


def test_a_script_has_the_lines_of_the_notebook(made):
    text = recipes.script("line", made)
    assert OPTIONS_CELL in text and REST in text and END in text
    assert "1 / 0" not in text and "not in it" not in text
    assert recipes.recipes(made)["line"].line == "Fits a line to your points."


def test_values_are_replaced_and_comments_stay(made):
    text = recipes.script(
        "line", made, data="/photos", epochs=2, RATE=1, names=["ä"], weights="image'net", out=None
    )
    assert "DATA = '/photos'  # a folder; None draws one → here" in text
    assert "EPOCHS = 2  # at most\nRATE = 1  # of the steps\nNAMES = ['ä']\nWEIGHTS" in text
    assert """WEIGHTS = "image'net"  # "imagenet": the published weights""" in text
    assert "OUT = None" in text
    assert recipes.script("line", made, weights=5).count("WEIGHTS = '5'") == 1


def test_own_files_are_found_from_every_folder(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert f"DATA = {str(tmp_path / 'photos')!r}" in recipes.script("line", made, data="photos")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("circle", {}, "name: got 'circle', want a recipe: line"),
        ("line", {"speed": 3}, "SPEED: the recipe line has no such option, want one of DATA, OUT"),
        ("line", {"epochs": "many"}, "EPOCHS: got 'many', want a value like 5"),
        ("line", {"epochs": 0.5}, "EPOCHS: got 0.5, want a value like 5"),
        ("line", {"epochs": True}, "EPOCHS: got True, want a value like 5"),
    ],
)
def test_mistakes_are_named(made, name, options, message):
    with pytest.raises(ValueError, match=message):
        recipes.script(name, made, **options)


def test_notebooks_that_break_the_convention_are_named(tmp_path):
    bare = notebook(tmp_path / "a", ("x = 1", "recipe bare"))
    with pytest.raises(ValueError, match="recipe bare: got no cell tagged 'options' in 30_made"):
        recipes.script("bare", bare)
    sums = notebook(tmp_path / "b", ("X = 1 + 1j\nY = len('a')", "recipe sums options"))
    with pytest.raises(ValueError, match=r"got \"Y = len\('a'\)\" among its options"):
        recipes.script("sums", sums)
    with pytest.raises(ValueError, match="cell with the tags .*, want one name"):
        recipes.recipes(notebook(tmp_path / "c", ("X = 1", "recipe")))
    notebook(tmp_path / "d", ("X = 1", "recipe x options"))
    twice = notebook(tmp_path / "d", ("X = 1", "recipe x options"), name="31_again")
    with pytest.raises(ValueError, match="recipe x: got it in 30_made.ipynb and 31_again.ipynb"):
        recipes.recipes(twice)


def test_the_script_runs_and_its_exit_status_comes_back(made, tmp_path, capfd):
    out = tmp_path / "run"
    assert recipes.run("line", out, made, epochs=7) == 3
    assert capfd.readouterr().out == "None 7 0.1 ['first', 'second'] embedded\n"
    assert (out / "end.txt").read_text() == "7"
    assert recipes.run("line", out, made, epochs=7) == 3, "the same again: it may resume"
    with pytest.raises(ValueError, match=r"out: .*line\.py is there and differs"):
        recipes.write("line", out, made, epochs=8)


def test_several_processes_do_not_each_make_the_whole_run(made, tmp_path):
    path = recipes.write("line", tmp_path / "run", made)
    several = {**recipes.environment(), "WORLD_SIZE": "2"}  # as torchrun and accelerate say it
    done = subprocess.run([sys.executable, path], env=several, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("processes: got 2, want one; tlbook recipe bert --sharded N")
    assert "Traceback" not in done.stderr and not (tmp_path / "run" / "end.txt").exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of a process group")
def test_ctrl_c_ends_the_program(tmp_path):
    cells = (
        ("OUT = None", "recipe wait options"),
        (
            "import time, os\nopen(OUT + '/pid', 'w').write(str(os.getpid()))\ntime.sleep(60)",
            "recipe wait",
        ),
    )
    folder = notebook(tmp_path / "notebooks", *cells)
    code = (
        "from pathlib import Path; from tlbook.workshop import recipes; "
        f"recipes.run('wait', Path({str(tmp_path / 'run')!r}), Path({str(folder)!r}))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        # What was started in the background ignores Ctrl-C, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    note = tmp_path / "run" / "pid"
    end = time.monotonic() + 30
    while not (note.is_file() and note.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.wait(10) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_the_command_lists_shows_and_refuses(made, monkeypatch, capsys):
    shown = recipes.recipes(made)
    monkeypatch.setattr(recipes, "recipes", lambda folder=None: shown)
    assert cli.main(["recipe"]) == 0
    assert capsys.readouterr().out == "line  chapter 30  Fits a line to your points.\n"
    argv = ["recipe", "line", "--show", "--epochs", "9", "--set", "RATE=2e-3", "--set", "WEIGHTS=a"]
    assert cli.main(argv) == 0
    out = capsys.readouterr().out
    assert "EPOCHS = 9 " in out and "RATE = 0.002 " in out and "WEIGHTS = 'a' " in out
    assert cli.main(["recipe", "circle"]) == 1
    assert "name: got 'circle'" in capsys.readouterr().err
    assert cli.main(["recipe", "line", "--set", "RATE"]) == 1
    assert "--set: got 'RATE', want KEY=VALUE" in capsys.readouterr().err


# -- the recipes of the course ---------------------------------------------------------------------


def loose_names(tree):
    """Return names that a program reads and nowhere binds."""
    bound, read = set(dir(builtins)) | {"__file__"}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return read - bound


def test_a_loose_name_is_seen():
    assert loose_names(ast.parse("import a.b as c\nd = lambda e: (c, d, e, f)")) == {"f"}


@pytest.mark.parametrize("name", sorted(recipes.recipes()))
def test_a_recipe_of_the_course_is_whole(name):
    recipe = recipes.find(name)
    assert recipe.options == recipe.cells[0], "the options stand first"
    options = recipe.values()
    assert {"DATA", "OUT", "SEED"} <= set(options) and all(key.isupper() for key in options)
    assert recipe.line, "its first comment says what it does"
    tree = ast.parse(recipes.script(name))
    assert not loose_names(tree)
    for cell in recipe.cells:
        last = ast.parse(cell).body[-1]
        shown = isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call)
        assert not shown, f"a script shows nothing of {ast.unparse(last)!r}: print it"


def test_recipes_open_pictures_of_every_depth():
    """Pillow's and Keras' own openers make 16 bits white: only the line for others uses one."""
    lines = [
        (name, line)
        for name, recipe in recipes.recipes().items()
        for line in "\n".join(recipe.cells).splitlines()
    ]
    bare = [each for each in lines if re.search(r"Image\.open\(|pil_loader|load_img\(", each[1])]
    assert [name for name, line in bare if "new.png" not in line] == []
    users = {name for name, line in lines if "open_picture(" in line}
    assert users == {"adversarial", "mobilenet_v2", "name_pictures", "resnet50", "vgg16"}
