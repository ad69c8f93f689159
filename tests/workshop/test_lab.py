"""The learner's copy: never overwritten, without the teacher's notes, with a way back."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.workshop.fake_chapters import write_notebook
from tlbook.workshop import lab
from tlbook.workshop.lab import Workbook, lab_arguments, port_is_free, prepare, sha256


@pytest.fixture(autouse=True)
def own_jupyter_home(tmp_path, monkeypatch):
    """Keep the signatures of the test's notebooks out of the user's folder."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


@pytest.fixture
def shipped(tmp_path):
    path = write_notebook(
        tmp_path / "notebooks", "02_x", "print(1)", "# notes", tags={1: "teacher"}
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def book(tmp_path):
    return Workbook(tmp_path / "workbook")


def test_copies_leave_the_teachers_notes_out_and_keep_outputs(book, shipped):
    assert book.fill([shipped]) == (["02_x.ipynb"], [])
    copy = nbformat.read(book.folder / "02_x.ipynb", as_version=4)
    assert [cell.source for cell in copy.cells][1:] == ["print(1)"]
    assert copy.cells[1].outputs[0].text == "1\n"


def test_copies_are_trusted(book, shipped):
    from nbformat.sign import NotebookNotary

    book.fill([shipped])
    copy = nbformat.read(book.folder / "02_x.ipynb", as_version=4)
    assert NotebookNotary().check_signature(copy)


def test_a_copy_is_never_overwritten(book, shipped):
    book.fill([shipped])
    copy = book.folder / "02_x.ipynb"
    copy.write_text("my own work", encoding="utf-8")
    assert book.fill([shipped]) == ([], [])
    assert copy.read_text(encoding="utf-8") == "my own work"


def test_a_newer_chapter_is_noticed_and_left_to_the_learner(book, shipped, capsys):
    book.fill([shipped])
    before = (book.folder / "02_x.ipynb").read_bytes()
    write_notebook(shipped.parent, "02_x", "print(2)")
    assert book.fill([shipped]) == ([], ["02_x.ipynb"])
    assert (book.folder / "02_x.ipynb").read_bytes() == before
    prepare(book, [shipped])
    assert "python3 -m tlbook reset 02" in capsys.readouterr().out


def test_reset_gives_a_fresh_copy_and_keeps_the_old_ones(book, shipped):
    book.fill([shipped])
    copy = book.folder / "02_x.ipynb"
    kept = []
    for work in ("first try", "second try"):
        copy.write_text(work, encoding="utf-8")
        kept.append(book.reset(shipped))
        assert kept[-1].read_text(encoding="utf-8") == work
        assert "print(1)" in copy.read_text(encoding="utf-8")
    assert kept[0] != kept[1]
    assert book.fill([shipped]) == ([], [])


def test_reset_works_without_a_copy(book, shipped):
    assert book.reset(shipped) is None
    assert book.origins()["02_x.ipynb"]["sha256"] == sha256(shipped)


@pytest.mark.parametrize("content", ["", "{", "[1]"])
def test_a_damaged_record_is_no_obstacle(book, shipped, content):
    book.fill([shipped])
    book.record.write_text(content, encoding="utf-8")
    assert book.fill([shipped]) == ([], ["02_x.ipynb"])  # origin unknown: say so, keep the copy
    book.reset(shipped)
    assert book.fill([shipped]) == ([], [])


def test_arguments_of_jupyterlab():
    plain = lab_arguments(Path("book"), "00_x.ipynb", None, "localhost", True, [])
    assert "--LabApp.default_url=/lab/tree/00_x.ipynb" in plain
    assert "--no-browser" not in plain
    assert not any("port=" in a for a in plain)
    exact = lab_arguments(Path("book"), "00_x.ipynb", 9876, "0.0.0.0", False, ["--debug"])
    assert {"--ServerApp.port=9876", "--ServerApp.port_retries=0", "--no-browser"} <= set(exact)
    assert exact[-1] == "--debug"


def test_a_taken_port_is_named(book):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not port_is_free("127.0.0.1", port)
        with pytest.raises(ValueError, match=f"port: {port} is in use"):
            lab.launch(book.folder, "00_x.ipynb", port, "127.0.0.1")
    assert port_is_free("127.0.0.1", port)


@pytest.mark.parametrize("ip", ["nonsense.invalid", "203.0.113.7", "not one", "a" * 300])
def test_an_address_that_is_not_of_this_machine_is_one_line(book, ip):
    with pytest.raises(ValueError, match="^ip: got .* want an address of this machine"):
        lab.launch(book.folder, "01.ipynb", ip=ip, browser=False)


def test_who_listens_for_all_is_told_what_that_means(capsys):
    lab.check_address("localhost")
    lab.check_address("127.0.0.1")
    assert capsys.readouterr().out == ""
    lab.check_address("0.0.0.0")
    assert "plain HTTP" in capsys.readouterr().out


@pytest.mark.slow
def test_two_labs_at_once_fill_one_folder(tmp_path, shipped):
    """Both copy all chapters, nothing is left over, and the record knows every one."""
    folder = shipped.parent
    for number in range(8):
        (folder / f"{number + 10}_more.ipynb").write_bytes(shipped.read_bytes())
    code = (
        "import sys; from pathlib import Path; from tlbook.workshop.lab import Workbook; "
        "Workbook(Path(sys.argv[1])).fill(sorted(Path(sys.argv[2]).glob('*.ipynb')))"
    )
    book = tmp_path / "two" / "workbook"
    command = [sys.executable, "-c", code, str(book), str(folder)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    names = {path.name for path in folder.glob("*.ipynb")}
    assert {path.name for path in book.glob("*.ipynb")} == names
    assert not list(book.glob("*.partial"))
    assert set(lab.Workbook(book).origins()) == names


def test_news_and_jupytext_are_off_for_this_server_only(book, monkeypatch):
    from jupyterlab_server.config import get_static_page_config

    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "elsewhere")
    book.folder.mkdir()
    lab.quiet_configuration(book.folder)
    assert os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)[1] == "elsewhere"
    config = get_static_page_config(level="all")
    assert config["disabledExtensions"]["@jupyterlab/apputils-extension:announcements"]
    server = json.loads((book.folder / ".jupyter" / "jupyter_server_config.json").read_text())
    assert server["ServerApp"]["jpserver_extensions"] == {"jupyterlab_jupytext": False}


def test_an_address_that_is_none_of_this_machine_copies_no_chapter(tmp_path, monkeypatch, capsys):
    from tlbook.course import chapters
    from tlbook.workshop import cli

    monkeypatch.setattr(chapters, "root", lambda: tmp_path)
    assert cli.main(["lab", "--ip", "999.1.1.1"]) == 1
    assert "ip: got '999.1" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
