"""Downloads: whole or not at all, checked, resumed; one clear error without a network."""

import hashlib
import os
import re
import socket
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.library.data.online.online_server import PAGE, dropping, refused, serving, silent
from tlbook.data import Offline, online_dir
from tlbook.data.online import answers, files
from tlbook.data.online.files import download, fetch, fetch_all
from tlbook.data.online.remote import Remote

DATA = np.random.default_rng(0).bytes(300_000)
REAL_PATIENCE = answers.PATIENCE
SUM = "sha256:" + hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def quick(temporary_cache, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    monkeypatch.delenv("TLBOOK_PATIENCE", raising=False)
    monkeypatch.setattr(answers, "PATIENCE", 2.0)
    monkeypatch.setattr(answers, "STAGGER", 0.1)


def remote(*addresses, checksum=SUM, **options):
    return Remote("set", "file.bin", checksum, len(DATA), lambda: addresses, **options)


def left():
    """Return what lies in the folder, but for the lock."""
    folder = online_dir() / "set"
    return sorted(p.name for p in folder.glob("*") if p.suffix != ".lock")


def test_a_download_is_whole_and_checked_and_the_second_call_needs_no_server():
    with serving(DATA) as server:
        path = fetch(remote(server.address))
        assert path.read_bytes() == DATA and path == online_dir() / "set" / "file.bin"
        assert fetch(remote(server.address)) == path
        assert len(server.asked) == 1
    assert fetch(remote(server.address)) == path
    assert left() == ["file.bin"]


def test_a_file_put_there_by_hand_is_used_and_checked():
    path = remote().path
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    assert fetch(remote("http://nowhere.invalid/x")) == path
    path.write_bytes(DATA[:-1])
    with pytest.raises(ValueError, match=r"file\.bin is damaged or not the right file: its sha256"):
        fetch(remote("http://nowhere.invalid/x"))
    assert path.read_bytes() == DATA[:-1], "a file of yours is never deleted"


def test_another_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("TLBOOK_DATA", str(tmp_path / "shared"))
    (tmp_path / "shared" / "set").mkdir(parents=True)
    (tmp_path / "shared" / "set" / "file.bin").write_bytes(DATA)
    assert fetch(remote()) == tmp_path / "shared" / "set" / "file.bin"


def test_a_cut_is_taken_up_within_a_call():
    with serving(DATA, "cut", "cut", "well") as server:
        assert fetch(remote(server.address)).read_bytes() == DATA
        assert server.asked == [None, "bytes=150000-", "bytes=225000-"]
    assert left() == ["file.bin"]


def test_a_part_of_an_earlier_call_is_taken_up():
    with serving(DATA, "cut", "missing") as server, pytest.raises(Offline):
        fetch(remote(server.address))
    assert left() == ["file.bin.part"]
    with serving(DATA) as server:
        assert fetch(remote(server.address)).read_bytes() == DATA
        assert server.asked == ["bytes=150000-"]
    assert left() == ["file.bin"]


def test_a_server_without_ranges_begins_again():
    part = remote().path.with_name("file.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(DATA[:1000])
    with serving(DATA, "no ranges") as server:
        assert fetch(remote(server.address)).read_bytes() == DATA


@pytest.mark.parametrize("stale", [b"x" * 1000, DATA + b"x", DATA])
def test_a_part_of_something_else_is_thrown_away(stale):
    part = remote().path.with_name("file.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(stale)
    with serving(DATA) as server:
        assert fetch(remote(server.address)).read_bytes() == DATA
    assert left() == ["file.bin"]


@pytest.mark.parametrize("how", ["page", "other", "empty"])
def test_another_file_is_refused_and_nothing_stays(how):
    with serving(DATA, how) as server:
        with pytest.raises(
            ValueError, match="gave another file than expected: its sha256"
        ) as error:
            fetch(remote(server.address))
        assert not isinstance(error.value, Offline)
    assert ("web page" in str(error.value)) == (how == "page")
    assert left() == []


def test_the_next_server_is_asked_when_one_gives_another_file():
    with serving(DATA, "page") as bad, serving(DATA) as good:
        assert fetch(remote(bad.address, good.address)).read_bytes() == DATA


def test_the_next_server_is_asked_when_one_has_no_such_file_or_is_silent():
    with serving(DATA, "missing") as bad, silent() as mute, serving(DATA) as good:
        assert fetch(remote(bad.address, mute, refused(), good.address)).read_bytes() == DATA


def test_bytes_are_kept_as_they_are_sent():
    with serving(DATA, "packed") as server:
        assert fetch(remote(server.address)).read_bytes() == DATA


def test_an_answer_without_end_is_stopped():
    with serving(DATA, "endless") as server, pytest.raises(ValueError, match="another file"):
        fetch(remote(server.address))
    assert left() == []


@pytest.mark.slow
def test_a_truncated_file_is_never_in_place(monkeypatch):
    monkeypatch.setattr(answers, "PATIENCE", 1.0)
    with serving(DATA, "stall", "missing") as server, pytest.raises(Offline):
        fetch(remote(server.address))
    assert left() == ["file.bin.part"]


def test_the_error_names_the_files_the_folder_and_what_to_use_instead():
    second = Remote("set", "second.bin", SUM, 5_000_000, lambda: ())
    with pytest.raises(Offline) as error:
        fetch_all((remote(refused()), second), what="pets", instead="the embedded task 'signs'")
    message = str(error.value)
    assert re.match(r"pets needs file\.bin \(0\.3 MB\), second\.bin \(5\.0 MB\)", message)
    assert str(online_dir() / "set") in message
    assert "127.0.0.1: no connection" in message
    assert message.endswith("or use the embedded task 'signs', which needs no network.")
    assert "\n" not in message
    assert isinstance(error.value, OSError) and isinstance(error.value, ValueError)
    assert error.value.__context__ is None or error.value.__suppress_context__, "one traceback"


def test_no_download_means_no_socket(monkeypatch):
    monkeypatch.setattr(answers, "first_answer", None)
    with pytest.raises(Offline, match="downloading was not asked for"):
        fetch(remote("http://nowhere.invalid/x"), download=False)


def test_the_patience_leaves_room_below_five_seconds():
    assert REAL_PATIENCE <= 4.5


@pytest.mark.slow
@pytest.mark.parametrize("where", ["silent", "dropping", "name server"])
def test_all_servers_together_get_the_patience_of_one(where, monkeypatch):
    if where == "dropping" and not sys.platform.startswith("linux"):
        pytest.skip("a full queue drops connections on Linux only")
    monkeypatch.setattr(answers, "PATIENCE", 1.0)
    if where == "name server":
        over = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: over.wait(20))
        addresses = [f"http://mirror{i}.invalid/x" for i in range(5)]
        start = time.monotonic()
        with pytest.raises(Offline, match="no answer within 1 s"):
            fetch(remote(*addresses))
        seconds = time.monotonic() - start
        over.set()
    else:
        with (silent if where == "silent" else dropping)() as address:
            start = time.monotonic()
            with pytest.raises(Offline, match="no answer within 1 s"):
                fetch(remote(*[address] * 5))
            seconds = time.monotonic() - start
    assert seconds < 3.5, "five servers in a row would take five seconds"


def test_slow_networks_can_ask_for_more_patience(monkeypatch):
    monkeypatch.setenv("TLBOOK_PATIENCE", "0.3")
    with silent() as address, pytest.raises(Offline, match="TLBOOK_PATIENCE=30 waits longer"):
        fetch(remote(address))
    for bad in ("soon", "0", "-1", "nan"):
        monkeypatch.setenv("TLBOOK_PATIENCE", bad)
        with pytest.raises(ValueError, match="TLBOOK_PATIENCE: got"):
            fetch(remote(refused()))


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_blocked_network_is_one_error():
    with pytest.raises(Offline, match="not here and not to be had"):
        fetch(remote("http://192.0.2.1/x", "http://192.0.2.2/x"))


def test_two_at_once_download_once():
    with serving(DATA) as server:
        files = []
        threads = [
            threading.Thread(target=lambda: files.append(fetch(remote(server.address))))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(files) == 4 and len(server.asked) == 1


def test_a_file_without_a_checksum_is_written_down_at_its_first_use():
    blank = {"checksum": "", "starts": DATA[:4]}
    with serving(DATA) as server:
        path = fetch(remote(server.address, **blank))
    line = (online_dir() / "SHA256SUMS").read_text()
    assert line == f"{SUM.removeprefix('sha256:')}  set/file.bin\n"
    assert fetch(remote(**blank)) == path
    assert (online_dir() / "SHA256SUMS").read_text() == line
    path.write_bytes(DATA[:-1] + b"!")
    with pytest.raises(ValueError, match="as at its first use"):
        fetch(remote(**blank))


def test_a_file_without_a_checksum_still_has_to_begin_like_one():
    message = r"does not begin like file\.bin \(it is a web page"
    with serving(DATA, "page") as server, pytest.raises(ValueError, match=message):
        fetch(remote(server.address, checksum="", starts=DATA[:4]))
    assert left() == [] and not (online_dir() / "SHA256SUMS").exists()
    assert PAGE[:4] != DATA[:4]


def test_an_unwritable_folder_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TLBOOK_DATA", str(tmp_path / "file"))
    with serving(DATA) as server, pytest.raises(ValueError, match="TLBOOK_DATA chooses another"):
        fetch(remote(server.address))


def test_a_folder_of_another_user_is_named(monkeypatch):
    folder = online_dir() / "set"
    advice = "TLBOOK_DATA chooses another"
    with serving(DATA) as server:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(Offline, match=f"needs file.bin .*you may not write in .*{advice}") as e:
            fetch(remote(server.address), what="the data")
        assert str(folder) in str(e.value) and left() == []

        def closed(path):
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "is_file", closed)
        with pytest.raises(ValueError, match=f"{folder}: cannot look into .*denied.*{advice}"):
            fetch(remote(server.address))


def test_download_replaces_nothing_before_it_is_checked():
    path = remote().path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"old")
    with serving(DATA, "page") as server, pytest.raises(ValueError):
        download(remote(server.address))
    assert path.read_bytes() == b"old"


def test_a_server_that_says_416_to_the_whole_file_is_no_answer():
    with serving(DATA, "416") as server, pytest.raises(Offline, match=r"127\.0\.0\.1: HTTP 416"):
        fetch(remote(server.address))
    assert left() == []
    with serving(DATA, "416") as bad, serving(DATA) as good:
        assert fetch(remote(bad.address, good.address)).read_bytes() == DATA


def test_a_server_that_drips_is_given_up_and_the_part_is_kept(monkeypatch):
    monkeypatch.setattr(files, "SLOW_SECONDS", 0.3)
    start = time.monotonic()
    with serving(DATA, "drip") as server, pytest.raises(Offline, match="slower than 1,000 bytes"):
        fetch(remote(server.address))
    assert time.monotonic() - start < 5
    assert left() == ["file.bin.part"]
    with serving(DATA) as server:
        assert fetch(remote(server.address)).read_bytes() == DATA


def test_a_short_answer_whose_length_nobody_told_is_another_file():
    with serving(DATA, "short") as server, pytest.raises(ValueError, match="gave another file"):
        fetch(remote(server.address))
    assert left() == []


HDF5 = b"\x89HDF\r\n\x1a\n"


def hdf5(version, size):
    """Return the first block of a file that says it has ``size`` bytes, and as many bytes."""
    place = {0: 40, 1: 44, 2: 28, 3: 28}[version]
    start = (HDF5 + bytes([version])).ljust(place, b"\0") + size.to_bytes(8, "little")
    return start + bytes(size - len(start))


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_weight_file_without_a_checksum_is_whole_or_refused(version):
    blank = {"checksum": "", "starts": HDF5}
    whole = hdf5(version, 5000)
    for bad in (whole[:2500], whole + b"x", HDF5 + b"garbage" * 900):
        with serving(bad, "well") as server, pytest.raises(ValueError, match="gave another file"):
            fetch(remote(server.address, **blank))
        assert left() == [] and not (online_dir() / "SHA256SUMS").exists()
    with serving(whole) as server:
        assert fetch(remote(server.address, **blank)).read_bytes() == whole


def test_hdf5_really_says_its_size(tmp_path):
    h5py = pytest.importorskip("h5py")
    from tlbook.data.online.remote import stated_size

    for version in ("earliest", "v108", "latest"):
        path = tmp_path / f"{version}.h5"
        with h5py.File(path, "w", libver=version) as file:
            file["weights"] = np.arange(1000.0)
        assert stated_size(path.read_bytes()[:512]) == path.stat().st_size
