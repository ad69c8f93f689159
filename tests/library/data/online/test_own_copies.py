"""Copies of public files of one's own: right by content, in any packing; stated if unknown."""

import bz2
import gzip
import hashlib
import lzma
import shutil

import numpy as np
import pytest

from tests.library.data.online import online_cases as cases
from tests.library.data.online.test_digits import MNIST, USPS
from tlbook import data
from tlbook.data.cache import cache_dir
from tlbook.data.online import answers, own_copies

PACK = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.fixture(autouse=True)
def clean(temporary_cache, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    monkeypatch.setattr(answers, "PATIENCE", 0.5)
    own_copies.say.cache_clear()


@pytest.fixture
def digits(monkeypatch):
    """Put MNIST and USPS there, with the sums of their contents known, and without a network."""
    files = cases.mnist_files(*MNIST)
    sums = {
        name[:-3]: hashlib.md5(gzip.decompress(written)).hexdigest()
        for name, written in files.items()
    }
    monkeypatch.setattr(own_copies, "CONTENT", sums)
    paths = cases.place(monkeypatch, "mnist", files)
    paths += cases.place(monkeypatch, "usps", cases.usps_files(*USPS))
    monkeypatch.setattr(answers, "first_answer", None)
    return paths


@pytest.mark.slow
@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("dotted", [False, True])
def test_mnist_in_another_packing_is_right_by_its_content(digits, packing, dotted, capsys):
    before = data.load("mnist-to-usps").source.X
    for path in digits[:4]:
        plain = gzip.decompress(path.read_bytes())
        path.unlink()
        name = path.stem.replace("-idx", ".idx") if dotted else path.stem
        path.with_name(name + packing).write_bytes(PACK[packing](plain))
    assert data.have("mnist-to-usps")
    assert np.array_equal(data.load("mnist-to-usps").source.X, before)
    assert np.array_equal(data.load("usps-to-mnist", n_target=40).target.X.shape, (40, 1, 28, 28))
    assert capsys.readouterr().out == ""


def test_the_same_name_packed_anew_is_right_by_its_content(digits):
    before = data.load("mnist-to-usps").source.X
    path = digits[0]
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=7))
    assert np.array_equal(data.load("mnist-to-usps").source.X, before)
    path.write_bytes(path.read_bytes()[:-99])
    with pytest.raises(ValueError, match="damaged or not the right file"):
        data.load("mnist-to-usps")


def test_another_content_is_refused(digits):
    path = digits[1]
    plain = bytearray(gzip.decompress(path.read_bytes()))
    plain[-1] ^= 1
    path.unlink()
    path.with_suffix("").write_bytes(plain)
    with pytest.raises(ValueError, match="the md5 of its content is .*, want"):
        data.load("mnist-to-usps")


def test_usps_unpacked_is_taken_and_said(digits, capsys):
    before = data.load("mnist-to-usps").target.X
    path = digits[4]
    path.with_suffix("").write_bytes(bz2.decompress(path.read_bytes()))
    path.unlink()
    after = data.load("mnist-to-usps").target.X
    assert np.array_equal(after, before)
    assert capsys.readouterr().out == (
        f"{path.with_suffix('')}: your own copy, compared with no sum\n"
    )


def unpack(path):
    import tarfile

    with tarfile.open(path) as archive:
        archive.extractall(path.parent)  # our own; the filter came with Python 3.11.4
    path.unlink()


def test_an_unpacked_tree_of_cifar_is_compared_file_by_file(monkeypatch):
    files, _ = cases.cifar_files()
    (path,) = cases.place(monkeypatch, "cifar10", files)
    before = data.load("cifar10").target.X
    unpack(path)
    monkeypatch.setattr(answers, "first_answer", None)
    shutil.rmtree(cache_dir() / "unpacked")
    tree = path.parent / "cifar-10-batches-py"
    sums = {p.name: hashlib.md5(p.read_bytes()).hexdigest() for p in tree.iterdir()}
    with pytest.raises(ValueError, match="is missing, or its md5 is not"):
        data.load("cifar10")
    monkeypatch.setattr(own_copies, "cifar_sums", lambda: sums)
    assert data.have("cifar10")
    assert np.array_equal(data.load("cifar10").target.X, before)


def test_torchvisions_list_has_six_files_of_cifar():
    sums = own_copies.cifar_sums()
    assert len(sums) == 6 and all(len(each) == 32 for each in sums.values())


def test_an_unpacked_tree_of_pets_is_taken_and_said(monkeypatch, capsys):
    paths = cases.place(monkeypatch, "pets", cases.pets_files())
    for path in paths:
        unpack(path)
    monkeypatch.setattr(answers, "first_answer", None)
    assert data.have("pets")
    assert len(data.load("pets", size=8).target.X) == 12
    out = capsys.readouterr().out
    assert out.count("your own copy, compared with no sum") == 2
