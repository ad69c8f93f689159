"""Archives: unpacked whole, or refused with nothing left behind."""

import gzip
import io
import os
import stat
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest

from tests.library.data.online.online_cases import tar
from tlbook.data.online.archives import HEADER, extract

GOOD = {"a/one.txt": b"one" * 1000, "a/b/two.bin": bytes(range(256)) * 50, "three": b""}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def zipped(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def odd(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def unpack(place, data, **limits):
    archive = place / "archive"
    archive.write_bytes(data)
    return extract(archive, place / "out", **limits)


def untouched(place):
    """Return whether neither a result nor a temporary folder is there, nor a file outside."""
    return sorted(os.listdir(place)) == ["archive"] and os.listdir(place.parent) == ["in"]


PACKERS = {
    "tar": lambda e: tar(e, "w"),
    "gz": lambda e: tar(e, "w:gz"),
    "bz2": lambda e: tar(e, "w:bz2"),
    "xz": lambda e: tar(e, "w:xz"),
    "zip": zipped,
}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_what_was_packed_comes_out(place, pack):
    out = unpack(place, pack(GOOD))
    found = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert found == GOOD
    assert sorted(os.listdir(place)) == ["archive", "out"]
    assert stat.S_IMODE(out.stat().st_mode) & 0o555 == 0o555, "others may read it"


def test_a_folder_that_is_there_is_not_unpacked_again(place):
    (place / "out").mkdir()
    assert extract(place / "no such archive", place / "out") == place / "out"


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/tmp/evil", "a\\..\\..\\evil", "C:\\evil", "\\evil", "C:evil"],
)
def test_names_that_lead_elsewhere_are_refused(place, pack, name):
    with pytest.raises(ValueError, match="refused, nothing was unpacked: the entry"):
        unpack(place, pack({"good": b"1", name: b"evil"}))
    assert untouched(place)


@pytest.mark.parametrize(
    "entry",
    [
        odd("link", tarfile.SYMTYPE, "/etc/passwd"),
        odd("link", tarfile.SYMTYPE, "good"),
        odd("link", tarfile.LNKTYPE, "../archive"),
        odd("link", tarfile.LNKTYPE, "good"),
        odd("device", tarfile.CHRTYPE),
        odd("disk", tarfile.BLKTYPE),
        odd("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda e: f"{e.name} {e.linkname}",
)
def test_links_and_devices_are_refused(place, entry):
    with pytest.raises(ValueError, match="is a link|neither file nor folder"):
        unpack(place, tar({"good": b"1", entry.name: entry, "late": b"2"}))
    assert untouched(place)


def test_a_link_to_write_through_is_refused(place):
    link = odd("a", tarfile.SYMTYPE, str(place.parent))
    with pytest.raises(ValueError, match="is a link"):
        unpack(place, tar({"a": link, "a/evil": b"evil"}))
    assert untouched(place)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_zips_are_refused(place, mode):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (mode | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ValueError, match="neither file nor folder"):
        unpack(place, buffer.getvalue())
    assert untouched(place)


@pytest.mark.parametrize("pack", [PACKERS["gz"], PACKERS["zip"]], ids=["gz", "zip"])
def test_bombs_are_stopped(place, pack):
    with pytest.raises(ValueError, match="unpacks to more than"):
        unpack(place, pack({"zeros": bytes(2_000_000)}), largest=1_000_000)
    assert untouched(place)
    with pytest.raises(ValueError, match="more than 10 entries"):
        unpack(place, pack({str(i): b"" for i in range(11)}), most=10)
    assert untouched(place)


@pytest.mark.parametrize("pack", [PACKERS[k] for k in ("gz", "bz2", "xz", "zip")])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_truncated_archives_are_refused(place, pack, part):
    data = pack({"noise": np.random.default_rng(0).bytes(50_000), **GOOD})
    with pytest.raises(ValueError, match="damaged or no archive, nothing was unpacked"):
        unpack(place, data[: int(part * len(data))])
    assert untouched(place)


@pytest.mark.parametrize("pack", [PACKERS["gz"], PACKERS["bz2"], PACKERS["zip"]])
def test_a_flipped_byte_is_noticed(place, pack):
    data = bytearray(pack({"noise": np.random.default_rng(0).bytes(50_000)}))
    data[len(data) // 2] ^= 0x10
    with pytest.raises(ValueError, match="damaged or no archive"):
        unpack(place, bytes(data))
    assert untouched(place)


@pytest.mark.parametrize("data", [b"", b"<!DOCTYPE html><html>error</html>", bytes(1024)[:100]])
def test_what_is_no_archive_is_refused(place, data):
    with pytest.raises(ValueError, match="damaged or no archive"):
        unpack(place, data)
    assert untouched(place)


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_an_empty_archive_is_refused(place, pack):
    with pytest.raises(ValueError, match="there is nothing in it"):
        unpack(place, pack({}))
    assert untouched(place)


def test_nothing_is_left_when_it_is_stopped(place, monkeypatch):
    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(tarfile.TarFile, "extractfile", stop)
    with pytest.raises(KeyboardInterrupt):
        unpack(place, tar(GOOD))
    assert untouched(place)


def headers(kind, size):
    """Return a gzipped tar that has one long header of zeros, then a small file."""
    info = tarfile.TarInfo("long")
    info.type, info.size = kind, size
    good = tar({"good": b"1"}, "w")
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(-(-size // 512) * 512) + good, 1)


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
@pytest.mark.parametrize("size", [HEADER + 1, 60_000_000])
def test_long_headers_are_refused_before_they_fill_the_memory(place, kind, size):
    data = headers(kind, size)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="its headers are larger") as told:
            unpack(place, data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert untouched(place) and len(str(told.value)) < 400
    assert peak < 12 * HEADER, "what the packer needs, not what the header says"


def test_many_small_headers_of_one_entry_are_refused(place):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 400_000
    chain = (info.tobuf(tarfile.PAX_FORMAT) + b"9999 comment=" + bytes(400_384 - 13)) * 5
    with pytest.raises(ValueError, match="headers are larger|damaged or no archive"):
        unpack(place, chain + tar({"good": b"1"}, "w"))
    assert untouched(place)


def test_the_headers_of_empty_files_count_as_bytes(place):
    entries = {f"{i:03d}": b"" for i in range(200)}  # 512 bytes each
    with pytest.raises(ValueError, match="unpacks to more than"):
        unpack(place, tar(entries), largest=50_000)
    assert untouched(place)
    assert len(list(unpack(place, tar(entries), largest=200_000).iterdir())) == 200


def test_a_name_longer_than_any_system_allows_is_refused_in_few_words(place):
    for pack in (tar, zipped):
        with pytest.raises(ValueError, match="a name of 50,000 characters") as told:
            unpack(place, pack({"a" * 50_000: b"1"}))
        assert len(str(told.value)) < 500 and untouched(place)


def test_long_names_that_systems_allow_come_out(place):
    name = "/".join(["d" * 100] * 4 + ["file"])
    assert (unpack(place, tar({name: b"1"})) / name).read_bytes() == b"1"


def test_the_list_of_a_zip_counts(place):
    many = {f"{i}{'x' * 200}": b"" for i in range(12_000)}  # 3 MB of names
    with pytest.raises(ValueError, match="headers are larger"):
        unpack(place, zipped(many), most=1000)
    assert untouched(place)


def test_what_follows_the_end_of_a_tar_counts(place):
    with pytest.raises(ValueError, match="unpacks to more than"):
        unpack(place, gzip.compress(tar({"good": b"1"}, "w") + bytes(30_000_000), 1), largest=10**7)
    assert untouched(place)
