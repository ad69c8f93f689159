"""Archives: what they say of owner, rights and time is left aside, on every Python from 3.11.0."""

import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile

import pytest

from tests.library.data.online.online_cases import tar
from tlbook.data.online import archives
from tlbook.data.online.archives import extract


def entry(name, kind=tarfile.REGTYPE, mode=0o644, data=b"", **more):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.size = kind, mode, len(data)
    for key, value in more.items():
        setattr(info, key, value)
    return info, io.BytesIO(data)


def packed(*entries, form=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, data if info.size else None)
    return buffer.getvalue()


def unpack(folder, data):
    (folder / "archive").write_bytes(data)
    return extract(folder / "archive", folder / "out")


@pytest.mark.skipif(os.name != "posix", reason="rights of files")
@pytest.mark.parametrize("mode", [0o000, 0o222, 0o777, 0o6777, 0o7755])
def test_rights_owner_and_time_are_those_of_any_new_file(tmp_path, mode):
    strange = {"mode": mode, "uid": 12345, "gid": 54321, "mtime": 2**33}
    out = unpack(
        tmp_path,
        packed(
            entry("d", tarfile.DIRTYPE, **strange),
            entry("d/late", data=b"one", **strange),
            entry("e/f/file", data=b"two", **strange),
        ),
    )
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "file").write_bytes(b"mine")
    rights = {True: (tmp_path / "own").stat(), False: (tmp_path / "own" / "file").stat()}
    for path in out.rglob("*"):
        found, wanted = path.stat(), rights[path.is_dir()]
        assert stat.S_IMODE(found.st_mode) == stat.S_IMODE(wanted.st_mode), path
        assert (found.st_uid, found.st_gid) == (wanted.st_uid, wanted.st_gid)
        assert abs(found.st_mtime - wanted.st_mtime) < 600
    assert (out / "d" / "late").read_bytes() + (out / "e/f/file").read_bytes() == b"onetwo"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_that_comes_twice_or_as_a_folder_harms_nothing(tmp_path, name):
    data = packed(entry("file", data=b"first"), entry(name, data=b"second"))
    if name == "file":
        assert (unpack(tmp_path, data) / "file").read_bytes() == b"second"
        return
    with pytest.raises(ValueError, match="nothing was unpacked"):
        unpack(tmp_path, data)
    assert os.listdir(tmp_path) == ["archive"]


def test_a_file_with_holes_comes_out_whole(tmp_path):
    """As ``tar --sparse`` writes it: a map of pieces, then the pieces alone."""
    head = tarfile.TarInfo("holes")
    head.type, head.size = tarfile.GNUTYPE_SPARSE, 3
    block = bytearray(head.tobuf(tarfile.GNU_FORMAT))
    block[386:410] = b"%011o\0%011o\0" % (1000, 3)  # three bytes at place 1000
    block[483:495] = b"%011o\0" % 5000  # and so many in all
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    out = unpack(tmp_path, bytes(block) + b"abc".ljust(512, b"\0") + bytes(1024))
    assert (out / "holes").read_bytes() == bytes(1000) + b"abc" + bytes(3997)


def test_a_size_below_zero_is_refused(tmp_path):
    info, _ = entry("file")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 12  # -1 in the binary form
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises(ValueError, match="has -1 bytes|damaged or no archive"):
        unpack(tmp_path, bytes(block) + tar({"good": b"1"}, "w"))
    assert os.listdir(tmp_path) == ["archive"]


ALONE = """
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("archives", sys.argv[1])
archives = importlib.util.module_from_spec(spec)
spec.loader.exec_module(archives)
here = pathlib.Path(sys.argv[2])
print((archives.extract(here / "good", here / "out") / "a" / "b").read_text())
for name in "link", "evil":
    try:
        archives.extract(here / name, here / name.upper())
    except ValueError as error:
        print("refused" in str(error), (here / name.upper()).exists())
"""
PYTHONS = {sys.executable} | {p for n in ("python3", "python3.11") if (p := shutil.which(n))}


@pytest.mark.parametrize("python", sorted(PYTHONS | {"/usr/bin/python3"}))
def test_every_python_that_is_here_unpacks_and_refuses_alike(tmp_path, python):
    """``TarFile.extract`` has no filter before 3.11.4, such as in Debian 12's own Python."""
    asked = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if not os.path.exists(python) or subprocess.run(asked, check=False).returncode:
        pytest.skip("no Python from 3.11 on")
    link, _ = entry("a", tarfile.SYMTYPE, linkname="/etc/passwd")
    files = {"good": {"a/b": b"good"}, "link": {"a": link}, "evil": {"../evil": b"1"}}
    for name, entries in files.items():
        (tmp_path / name).write_bytes(tar(entries))
    command = [python, "-I", "-c", ALONE, archives.__file__, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["good", "True", "False", "True", "False"]
    assert sorted(os.listdir(tmp_path)) == ["evil", "good", "link", "out"]


def test_no_filter_is_asked_for(tmp_path, monkeypatch):
    def before_3_11_4(self, member, path="", set_attrs=True, *, numeric_owner=False):
        raise AssertionError("the archive's own rights would be taken over")

    for name in ("extract", "extractall"):
        monkeypatch.setattr(tarfile.TarFile, name, before_3_11_4)
    assert (unpack(tmp_path, tar({"a/b": b"good"})) / "a" / "b").read_bytes() == b"good"
