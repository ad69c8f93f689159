"""A hub on loopback: two learners at once run chapter 02, hand in, and cannot take all memory."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import nbformat
import pytest

from tests.workshop.handout.hub import CONFIG, Hub, Learner
from tests.workshop.handout.solving import nbgrader_command
from tlbook.course.chapters import find
from tlbook.workshop.handout import nbgrader
from tlbook.workshop.handout.environment import HUB, NBGRADER
from tlbook.workshop.handout.release import assignment
from tlbook.workshop.runner.claims import count_marks, read_claims

CHAPTER = find("02")
needs_hub = pytest.mark.skipif(HUB.command() is None, reason="no hub here: tlbook class setup hub")


def run_chapter(learner):
    """Run the chapter in a kernel of the learner's; return the claims that it logged."""
    log = learner.hub.state / "homes" / learner.name / "claims.jsonl"
    with learner.kernel() as kernel:
        kernel.run(f"import os; os.environ['TLBOOK_CLAIM_LOG'] = {str(log)!r}")
        for cell in learner.notebook(CHAPTER.file).cells:
            if cell.cell_type == "code":
                printed, error = kernel.run(cell.source)
                assert not error, f"{learner.name}: {error}\n{cell.source}\n{printed[-2000:]}"
    return read_claims(log)


@pytest.mark.slow
@needs_hub
@pytest.mark.timeout(600)
def test_two_learners_run_chapter_02_on_their_own_kernels(tmp_path):
    with Hub(tmp_path, TLBOOK_HUB_MEMORY="2G") as hub, ThreadPoolExecutor(2) as both:
        ann, bob = both.map(lambda name: Learner(hub, name), ("ann", "bob"))
        of_ann, of_bob = both.map(run_chapter, (ann, bob))
        assert len(of_ann) >= 3
        for claims in (of_ann, of_bob):
            assert count_marks(claims) == {"✓": len(claims), "~": 0, "✗": 0}
        assert [c["text"] for c in of_ann] == [c["text"] for c in of_bob]
        assert list((hub.state / "cache").glob("*.arrays")), "nothing rendered is kept"

        modes = {p.name: p.stat().st_mode & 0o777 for p in hub.state.iterdir()}
        assert modes.items() >= {"cache": 0o755, "exchange": 0o777, "private": 0o700}.items()
        assert {p.name for p in (hub.state / "private").iterdir()} >= {"hub.sqlite"}
        # One does not get at the other's server, nor at more memory than the limit.
        assert bob.get("api/contents").ok
        own, bob.server = bob.server, ann.server
        assert bob.get("api/contents").status_code in (403, 404)
        bob.server = own
        with ann.kernel() as kernel:
            assert kernel.run("x = bytearray(3 * 2**30)")[1].startswith("MemoryError")
            assert kernel.run("import tlbook; print(len(bytearray(2**28)))")[0] == f"{2**28}\n"
        page = ann.get(f"lab/tree/{CHAPTER.file}").text
        assert "@jupyter-widgets/jupyterlab-manager" in page, "no widgets in JupyterLab"
        assert str(NBGRADER.folder) in bob.terminal("echo $PATH; echo ends $((1 + 1))", "ends 2")
        assert len(hub.started()) >= 6  # hub, proxy, two servers, their kernels
    assert hub.process.returncode is not None
    assert hub.left_over == []


@pytest.mark.slow
@pytest.mark.skipif(NBGRADER.command() is None, reason="no nbgrader: tlbook class setup nbgrader")
def test_an_assignment_goes_through_the_exchange_of_the_hubs_configuration(tmp_path):
    exchange, course, home = (tmp_path / name for name in ("exchange", "course", "learner"))
    for folder in (exchange, course, home):
        folder.mkdir()
    exchange.chmod(0o777)
    run = partial(
        nbgrader_command,
        JUPYTER_CONFIG_PATH=str(CONFIG.parent / "nbgrader"),
        TLBOOK_EXCHANGE=str(exchange),
        HOME=str(home),
    )
    given = assignment(CHAPTER, questions=("q3",))
    nbgrader.write(given, course)
    (course / "source").rename(course / "release")  # generate_assignment has its own test
    run(course, "release_assignment", "ch02")
    run(home, "fetch_assignment", "ch02")
    mine = home / "ch02" / CHAPTER.file
    notebook = nbformat.read(mine, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("my own words"))
    nbformat.write(notebook, mine)
    run(home, "submit", "ch02")
    run(course, "collect", "ch02")
    collected = list((course / "submitted").rglob(CHAPTER.file))
    assert len(collected) == 1 and "my own words" in collected[0].read_text()
