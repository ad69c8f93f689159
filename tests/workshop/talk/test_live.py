"""Live talks: every cell of the chapter is there, in order, and each has its place in the talk."""

import nbformat
import pytest

from tlbook.course.chapters import CHAPTERS
from tlbook.workshop.talk import live
from tlbook.workshop.talk.live import HIDDEN, MORE, NEW, NOTES, kind

ALL = [pytest.param(chapter, id=chapter.number) for chapter in CHAPTERS]


@pytest.mark.parametrize("chapter", ALL)
def test_the_code_of_the_chapter_runs_in_the_talk_and_every_cell_has_its_place(chapter):
    nb = nbformat.read(chapter.path, as_version=4)
    talk = live.live(nb)
    nbformat.validate(talk)
    code = [cell for cell in talk.cells if cell.cell_type == "code"]
    assert [c.source for c in code] == [c.source for c in nb.cells if c.cell_type == "code"]
    assert {kind(cell) for cell in talk.cells} <= {NEW, MORE, NOTES, HIDDEN}
    seen = [cell for cell in talk.cells if kind(cell) in (NEW, MORE)]
    assert kind(seen[0]) == NEW and seen[0].source.startswith("## ")
    pictured = [c for c in code if any("image/png" in o.get("data", {}) for o in c.outputs)]
    assert pictured and all(kind(c) in (NEW, MORE) for c in pictured)
    asked = [c for c in code if "predict" in c.metadata.get("tags", ())]
    assert all(kind(c) == MORE for c in asked), "options stand below their question"
    assert "Teacher's notes" not in "\n".join(c.source for c in talk.cells)
    assert talk.metadata.rise.theme in ("white", "black", "serif"), "other themes ask a server"


def test_long_code_is_folded_and_short_code_is_not():
    cells = [
        nbformat.v4.new_markdown_cell("# A\n\nOne sentence.\n\n## B\n\nA second one."),
        nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(x)"),
        nbformat.v4.new_code_cell("\n".join(f"a{k} = {k}" for k in range(30))),
        nbformat.v4.new_code_cell("\n".join(f"print({k})" for k in range(30))),
        nbformat.v4.new_markdown_cell("Words to this output."),
    ]
    for cell in (cells[2], cells[4]):
        cell.outputs = [nbformat.v4.new_output("stream", text="0\n")]
    talk = live.live(nbformat.v4.new_notebook(cells=cells))
    told = [(kind(c), c.source.splitlines()[0], "jupyter" in c.metadata) for c in talk.cells]
    assert told == [
        (NEW, "## A", False),
        (HIDDEN, "x = 1", False),
        (NEW, "## B", False),
        (NEW, "## B", False),
        (MORE, "print(x)", False),
        (HIDDEN, "a0 = 0", False),
        (NEW, "## B", False),
        (MORE, "print(0)", True),
        (NOTES, "Words to this output.", False),
    ]


def test_the_style_lies_beside_the_talk(tmp_path):
    assert live.write_live(CHAPTERS[0].path, tmp_path / "talk.ipynb") > 20
    style = (tmp_path / "rise.css").read_text(encoding="utf-8")
    assert "Course Han" in style and "http" not in style
    (tmp_path / "x.ipynb").write_text("{")
    with pytest.raises(ValueError, match=r"x\.ipynb: got no notebook"):
        live.write_live(tmp_path / "x.ipynb", tmp_path / "y.ipynb")
