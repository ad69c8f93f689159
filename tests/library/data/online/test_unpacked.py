"""Unpacked archives are compared when they are used, and made again from a checked archive."""

import numpy as np
import pytest

from tests.library.data.online import online_cases as cases
from tlbook import data
from tlbook.data import Offline
from tlbook.data.online import answers, files, registry, unpacked
from tlbook.data.online.archives import extract


@pytest.fixture
def pets(temporary_cache, monkeypatch):
    """Three breeds, unpacked; a new process would begin with nothing compared."""
    archives = cases.place(monkeypatch, "pets", cases.pets_files())
    monkeypatch.setattr(answers, "first_answer", None)
    data.load("pets", size=8)
    unpacked.problem.cache_clear()
    return archives


def folder(number=0):
    return unpacked.unpacked(registry.FILES["pets"][number])


HARMS = {
    "changed": lambda f: (f / "images" / "Sphynx_0.jpg").write_bytes(cases.jpeg((0, 0, 0))),
    "missing": lambda f: (f / "images" / "Sphynx_0.jpg").unlink(),
    "more": lambda f: (f / "images" / "planted.jpg").write_bytes(b"x"),
    "no sums": lambda f: unpacked.sums_of(f).unlink(),
    "sums damaged": lambda f: unpacked.sums_of(f).write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_folder_is_made_again(pets, harm, capsys):
    before = {p.name: p.read_bytes() for p in folder().rglob("*.jpg")}
    HARMS[harm](folder())
    assert len(data.load("pets", size=8).target.X) == 12
    assert {p.name: p.read_bytes() for p in folder().rglob("*.jpg")} == before
    assert "unpacked again" in capsys.readouterr().out
    unpacked.problem.cache_clear()
    registry.folders("pets", "pets")
    assert capsys.readouterr().out == "", "whole again: nothing is said"


def silent(*_):
    raise answers.NoAnswer("no network")


def test_a_planted_folder_without_the_archive_is_not_used(pets, monkeypatch):
    (folder() / "images" / "Sphynx_0.jpg").write_bytes(cases.jpeg((0, 0, 0)))
    pets[0].unlink()
    monkeypatch.setattr(files, "first_answer", silent)
    with pytest.raises(Offline, match=r"pets needs images\.tar\.gz"):
        data.load("pets", size=8)


def test_a_whole_folder_needs_no_archive(pets):
    for archive in pets:
        archive.unlink()
    assert data.have("pets")
    assert len(data.load("pets", size=8).target.X) == 12


def test_a_link_is_not_followed(pets, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (folder() / "images" / "more").symlink_to(tmp_path / "elsewhere")
    assert "does not belong there" in unpacked.problem(folder())


def test_a_full_disk_is_told_as_such(tmp_path, monkeypatch):
    import errno
    import shutil

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    archive = tmp_path / "a.tar"
    archive.write_bytes(cases.tar({"x": np.random.default_rng(0).bytes(9)}, "w"))
    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(ValueError, match=r"cannot be unpacked into .* \(No space left") as told:
        extract(archive, tmp_path / "out" / "a")
    assert "\n" not in str(told.value) and not list((tmp_path / "out").iterdir())
