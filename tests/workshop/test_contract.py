"""The contract itself is proven: a whole chapter passes, each defect breaks the rule it should."""

import copy
import subprocess
import sys

import nbformat
import pytest

from tlbook.workshop import contract
from tlbook.workshop.contract import Chapter

PNG = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure: a finding>"}
ALT = {"image/png": {"alt": "A finding"}}
LIVE = "application/vnd.jupyter.widget-view+json"

OPENING = """# Start here

This chapter gives you the first transfer of the course in a minute, on real images, with one label
per class, and shows how everything else in this workbook works.

**Objectives.** You will see one transfer. **Prerequisites:** none.
**Time:** 15 minutes to read, 20 seconds to run."""

PROSE = "Now **predict**: which one wins? See [the recap](#Recap) and [the next](next.ipynb)."
RECAP = "## Recap\n\nText.\n\n## Common misconceptions\n\nText.\n\n## Further reading\n\nText."
NOTES = "<details><summary>Teacher</summary>\n\nNotes.\n\n</details>"


def out(kind="display_data", **content):
    if kind == "stream":
        return nbformat.v4.new_output("stream", **content)
    return nbformat.v4.new_output(kind, **content)


def code(source, *outputs, tags=()):
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def text(source, tags=()):
    cell = nbformat.v4.new_markdown_cell(source)
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def whole():
    """Return a chapter that keeps every rule."""
    said = out("stream", name="stdout", text="✓ held: it wins by 40 points\n")
    cells = [
        text(OPENING),
        code('seed = 0\nbudget = "quick"\ndevice = "auto"', tags=["parameters"]),
        text(PROSE),
        code(
            'widgets.show("toy")',
            out(data={LIVE: {}, "text/plain": "x"}),
            out(data=PNG, metadata=ALT),
        ),
        text(PROSE),
        code('claim("it wins", a, b, margin=0.2)', said),
    ]
    for name in ("q1", "q2", "q3"):
        cells.append(text("## Exercise " + name))
        cells.append(code(f"answer = ...\nex.{name}.check(answer)", said))
        cells.append(code(f"# ex.{name}.hint()\n# ex.{name}.solution()"))
    cells += [text("Read the result."), code("a = 1"), code("b = 2"), code("c = 3")]
    cells += [text(RECAP), text(NOTES, tags=["teacher"])]
    for number, cell in enumerate((c for c in cells if c.cell_type == "code"), start=1):
        cell.execution_count = number
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    return cells, metadata


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "next.ipynb").write_text("{}")
    return tmp_path


def chapter(folder, cells, metadata, size=1000):
    return Chapter(copy.deepcopy(cells), metadata, folder / "this.ipynb", size)


def replace(old, new):
    """Return a defect: replace text in every source."""

    def defect(cells, metadata):
        for cell in cells:
            cell.source = cell.source.replace(old, new)

    return defect


def at(kind, change):
    """Return a defect in the first code cell whose source contains ``kind``."""

    def defect(cells, metadata):
        change(next(c for c in cells if c.cell_type == "code" and kind in c.source))

    return defect


def add(*new):
    def defect(cells, metadata):
        cells[4:4] = copy.deepcopy(list(new))

    return defect


def drop(where):
    def defect(cells, metadata):
        cells[:] = [cell for cell in cells if not where(cell)]

    return defect


def renumber(cells, metadata):
    cells[1].execution_count = 7


def foreign_metadata(cells, metadata):
    metadata["papermill"] = {}


def cell_metadata(cells, metadata):
    cells[0].metadata["execution"] = {}


def short_promise(cells, metadata):
    cells[0].source = "# Start here\n\nShort."


def recipe(source):
    cell = code(source)
    cell.metadata["tags"] = ["recipe"]
    return cell


def asks(*outputs):
    cell = code('expect("this.ipynb.1")', *outputs)
    cell.metadata["tags"] = ["predict"]
    return cell


def longer_cells(cells, metadata):
    for cell in cells:
        if cell.cell_type == "code":
            cell.source += "\npass" * 8


def fails(cell):
    cell.outputs.append(out("error", ename="ValueError", evalue="", traceback=[]))


def prints(words):
    return shows(kind="stream", name="stdout", text=words)


def shows(**content):
    kind = content.pop("kind", "display_data")
    return lambda cell: cell.outputs.append(out(kind, **content))


DEFECTS = [
    ("title_and_promise", "should be Markdown", replace("# Start here", "Start here")),
    ("title_and_promise", "the promise", short_promise),
    ("title_and_promise", "2 top-level titles", add(text("# Another title"))),
    ("opening", "objectives", replace("**Objectives.** You will see", "We see")),
    ("opening", "prerequisites", replace("**Prerequisites:** none.", "")),
    ("opening", "minutes", replace("15 minutes", "a while")),
    ("opening", "seconds", replace("20 seconds to run", "soon run")),
    ("parameters_cell", "got 0 cells", lambda cells, _: cells[1].metadata.clear()),
    ("parameters_cell", "does not set budget", replace('budget = "quick"', "pass")),
    ("parameters_cell", "starts at 'cpu'", replace('"auto"', '"cpu"')),
    ("parameters_cell", "starts at 3", replace("seed = 0", "seed = 3")),
    ("predictions", "0 time(s)", replace("predict", "expect")),
    ("exercises", "got 2 exercises", replace("ex.q3", "xx.q3")),
    ("exercises", "not told of ex.q1.hint()", replace(".hint()", "")),
    ("exercises", "ex.q9.solution() has no check", replace("ex.q2.solution", "ex.q9.solution")),
    ("exercises", "ex.q2.hint() runs by itself", replace("# ex.q2.hint()", "ex.q2.hint()")),
    ("widget", "no experiment", replace("widgets.show", "wid.show")),
    ("widget", "left no picture", at("widgets", lambda c: c.outputs.pop())),
    ("claims", "no claim", replace("claim(", "print(")),
    ("claims", "without one of margin, at_most", replace(", margin=0.2", "")),
    ("claims", "does not hold", at("claim(", prints("✗ NOT held"))),
    ("ending", "recap", replace("## Recap", "## The end")),
    ("ending", "misconceptions", replace("## Common misconceptions", "## Errors")),
    ("ending", "further reading", replace("## Further reading", "## Papers")),
    ("teacher", "tagged 'teacher'", lambda cells, _: cells[-1].metadata.clear()),
    ("teacher", "not folded", replace("<details>", "<div>")),
    ("links", "#Nowhere: no such heading", replace("(#Recap)", "(#Nowhere)")),
    ("links", "no such notebook", replace("next.ipynb", "gone.ipynb")),
    ("number_of_cells", "got 11", drop(lambda c: c.source == "c = 3")),
    ("number_of_cells", "got 26", add(*[text("t"), code("z = 1")] * 14)),
    ("length_of_cells", "has 26 lines", add(text("t"), code("a = 1\n" * 26))),
    ("length_of_cells", "has 61 lines, want at most 60", add(text("t"), recipe("a = 1\n" * 61))),
    ("length_of_cells", "median", longer_cells),
    ("length_of_cells", "empty", add(code(""))),
    ("width_of_code", "89 columns, want at most 88", add(text("t"), code("a = 1  # " + "x" * 80))),
    ("prose_between", "in a row", add(code("a = 1"), code("a = 1"), code("a = 1"))),
    ("code_is_safe", "does not parse", replace("c = 3", "c = = 3")),
    ("code_is_safe", "%matplotlib widget", replace("c = 3", "%matplotlib widget")),
    ("code_is_safe", "installed by", replace("c = 3", "!pip install x")),
    ("code_is_safe", "twice", replace("c = 3", "plt.show()")),
    ("american_spelling", "Colour, optimisation", add(text("Colour, `grey`, optimisation"))),
    ("predictions_are_asked", "is not followed by", add(text("**Predict.** What?"), code("a = 1"))),
    ("predictions_are_asked", "follows no prediction", add(text("t"), asks())),
    ("predictions_are_asked", "0 predictions in its file", add(text("**Predict.**"), asks())),
    ("predictions_are_stored", "shows another text", add(asks(out(data={"text/html": "old"})))),
    ("ran_in_order", "execution counts", renumber),
    ("no_errors", "raised ValueError", at("a = 1", fails)),
    ("no_errors", "stderr", at("a = 1", shows(kind="stream", name="stderr", text="oops"))),
    ("no_errors", "warning", at("a = 1", prints("UserWarning: x"))),
    ("nothing_missing", "shows nothing", at("claim(", lambda c: c.outputs.clear())),
    ("figures_have_words", "no alternative text", at("a = 1", shows(data=PNG))),
    ("live_views_have_pictures", "without a picture", at("a = 1", shows(data={LIVE: {}}))),
    ("no_machine_paths", "a place on a machine", at("a = 1", prints("in /home/ann/x"))),
    ("no_machine_paths", "a place on a machine", add(text("see C:\\\\Users\\\\ann"))),
    ("clean_metadata", "papermill", foreign_metadata),
    ("clean_metadata", "execution", cell_metadata),
    ("clean_metadata", "want 'python3'", lambda _, metadata: metadata.pop("kernelspec")),
]  # fmt: skip


def test_a_whole_chapter_keeps_every_rule(folder):
    assert contract.broken(chapter(folder, *whole())) == []


@pytest.mark.parametrize(
    ("rule", "words", "defect"), DEFECTS, ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(DEFECTS)]
)
def test_each_defect_breaks_its_rule(folder, rule, words, defect):
    cells, metadata = whole()
    defect(cells, metadata)
    problems = contract.broken(chapter(folder, cells, metadata))
    assert any(p.startswith(f"{rule}: ") and words in p for p in problems), problems


def test_recipes_may_be_longer_and_are_not_counted(folder):
    cells, metadata = whole()
    add(*[text("t"), recipe("z = 1\n" * 60)] * 20)(cells, metadata)
    problems = contract.broken(chapter(folder, cells, metadata))
    assert not [p for p in problems if p.startswith(("number_of_cells", "length_of_cells"))]


def test_a_large_file_breaks_its_rule(folder):
    problems = contract.broken(chapter(folder, *whole(), size=1_200_000))
    assert problems == ["modest_size: the file has 1.20 MB, want at most 1"]


def test_every_rule_is_proven_and_says_what_it_wants():
    proven = {rule for rule, _, _ in DEFECTS} | {"modest_size"}
    assert proven == {rule.__name__ for rule in contract.RULES}
    assert all(rule.__doc__ for rule in contract.RULES)


@pytest.mark.parametrize(
    "word", [r"$f:\\mathcal X$", "behavior", "analysis", "color", "size", "center", "surprise"]
)
def test_american_words_pass(folder, word):
    cells, metadata = whole()
    cells[2].source += f" {word} "
    assert contract.broken(chapter(folder, cells, metadata)) == []


def run(*paths):
    command = [sys.executable, "-m", "tlbook.workshop.contract", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_the_command_checks_files(folder):
    cells, metadata = whole()
    good = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(good, folder / "good.ipynb")
    done = run(folder / "good.ipynb")
    assert done.returncode == 0 and "1 chapter(s) keep the contract" in done.stdout, done.stdout

    good.cells[0].source = "no title"
    nbformat.write(good, folder / "bad.ipynb")
    (folder / "broken.ipynb").write_text("{")
    done = run(folder / "bad.ipynb", folder / "broken.ipynb")
    assert done.returncode == 1
    assert "bad.ipynb: title_and_promise" in done.stdout
    assert "broken.ipynb: broken.ipynb: got no valid notebook" in done.stdout

    assert run().returncode == 2
