"""``tlbook store``: clean outputs, and nothing of the machine."""

import json
from pathlib import Path

import nbformat
import pytest

from tests.workshop.fake_chapters import write_notebook
from tlbook.workshop import store
from tlbook.workshop.saved import WIDGET_VIEW
from tlbook.workshop.store import StoreError, find_notebook, find_problems, normalize

HOME = "/" + "home/ann/x.csv"  # in two parts, so that no machine path stands in this file


def notebook_with(*outputs, source="x"):
    cell = nbformat.v4.new_code_cell(source, execution_count=9, outputs=list(outputs))
    return nbformat.v4.new_notebook(cells=[cell])


def text(content, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=content)


def data(**kinds):
    return nbformat.v4.new_output(
        "display_data", data={k.replace("_", "/"): v for k, v in kinds.items()}
    )


@pytest.mark.slow
def test_store_writes_one_clean_run(tmp_path):
    path = write_notebook(
        tmp_path,
        "02_x",
        "import os\nprint('strict', os.environ['TLBOOK_STRICT'])",
        "print('a', flush=True)\nprint('b')\n1 + 1",
    )
    size = store.store(path)
    first = path.read_bytes()
    assert size == len(first)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert [c.execution_count for c in notebook.cells] == [1, 2, 3]
    assert notebook.cells[1].outputs[0].text == "strict 1\n"
    assert [o.output_type for o in notebook.cells[2].outputs] == ["stream", "execute_result"]
    assert notebook.cells[2].outputs[1].execution_count == 3
    assert "version" not in notebook.metadata.language_info
    assert notebook.cells[0].metadata == {"tags": ["parameters"]}
    store.store(path)
    assert path.read_bytes() == first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("import sys\nprint('careful', file=sys.stderr)", "wrote to stderr: 'careful'"),
        ("import warnings\nwarnings.warn('old')", "wrote to stderr"),
        ("1 / 0", "raised ZeroDivisionError"),
        ("import os\nprint(os.path.abspath('data'))", "machine path"),
    ],
)
def test_store_refuses_and_leaves_the_file_as_it_was(tmp_path, cell, words):
    path = write_notebook(tmp_path, "02_x", cell)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="cell 1: ") as caught:
        store.store(path)
    assert words in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (text("saved to " + HOME), "machine path"),
        (text("C:\\Users\\ann"), "machine path"),
        (data(text_html=f"<a href='{HOME}'>"), "machine path"),
        (text(str(Path.home().joinpath("x"))), "machine path"),
        (text("<function f at 0x7f3a2b1c4d5e>"), "memory address"),
        (text("UserWarning: this is old"), "shows a warning"),
        (text("oh", name="stderr"), "stderr"),
    ],
)
def test_what_must_not_be_stored(output, words):
    problems = find_problems(notebook_with(output))
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(
    "content",
    [
        "accuracy 3/4, source/target/test, and/or",
        "https://doi.org/10.1000/182/x and http://example.org/a/b",
        "<div><b>x</b></div></td></tr>",
        "1 / 2 / 3",
        r"$\frac{a}{b}$ km/h/s",
        "tlbook/data/signs.py",
    ],
)
def test_what_may_be_stored(content):
    assert find_problems(notebook_with(text(content), data(text_html=content))) == []


def test_pictures_and_sounds_are_not_searched():
    assert find_problems(notebook_with(data(image_png="aGk" + HOME))) == []
    packed = HOME.replace(".", "+")
    sound = f'<audio><source src="data:audio/wav;base64,aGk{packed}==" type="audio/wav"></audio>'
    assert find_problems(notebook_with(data(text_html=sound))) == []
    assert find_problems(notebook_with(data(text_html=f"{sound} {HOME}")))


def test_normalize_is_idempotent_and_says_nothing_of_the_machine():
    notebook = notebook_with(
        text("a\n"),
        text("b\n"),
        text(""),
        data(**{WIDGET_VIEW.replace("/", "_"): {"model_id": "q"}, "text_plain": "VBox()"}),
        data(image_png="abc", text_plain="<Figure>"),
        data(text_plain=""),
    )
    notebook.metadata.update(
        widgets={"state": 1}, papermill={"duration": 3}, language_info={"version": "3.11.7"}
    )
    notebook.cells[0].metadata.update(execution={"iopub": "t"}, tags=["x"], scrolled=True)
    notebook.cells += notebook_with(source="x").cells
    once = normalize(notebook)
    assert [o.output_type for o in once.cells[0].outputs] == ["stream", "display_data"]
    assert once.cells[0].outputs[0].text == "a\nb\n"
    assert set(once.metadata) == {"kernelspec", "language_info"}
    assert once.cells[0].metadata == {"tags": ["x"]}
    assert once.cells[0].id != once.cells[1].id  # the same source twice
    assert json.dumps(normalize(once), sort_keys=True) == json.dumps(once, sort_keys=True)


def test_cell_ids_follow_from_the_text_alone():
    one, two = (normalize(notebook_with(source="same")) for _ in range(2))
    assert one.cells[0].id == two.cells[0].id


def test_an_unknown_chapter_is_named():
    with pytest.raises(ValueError, match="got '99'"):
        find_notebook("99")
