"""Shipped weights: found from anywhere, and refused when they are not the ones listed."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tlbook import data
from tlbook.data.weight_files import shipped as weights


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    path = tmp_path / "tiny.safetensors"
    save_file({"w": torch.arange(6.0).reshape(2, 3)}, path)
    (tmp_path / "SHA256SUMS").write_text(f"{weights.sha256(path)}  tiny.safetensors\n")
    return tmp_path


def test_folder_is_in_the_package_whatever_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert weights.FOLDER.is_absolute()
    assert Path(data.__file__).parent / "weight_files" == weights.FOLDER
    assert (weights.FOLDER / weights.SUMS).is_file()


def test_loads_what_was_saved(folder):
    assert weights.available_weights() == ("tiny",)
    loaded = weights.load_weights("tiny")
    assert loaded.keys() == {"w"}
    assert torch.equal(loaded["w"], torch.arange(6.0).reshape(2, 3))


def test_sha256_agrees_with_hashlib(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"transfer" * 100_000)
    assert weights.sha256(path) == hashlib.sha256(b"transfer" * 100_000).hexdigest()


def test_unknown_name_lists_the_known(folder):
    with pytest.raises(ValueError, match="name: got 'other', want 'tiny'"):
        weights.load_weights("other")


def test_no_list_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert weights.available_weights() == ()
    with pytest.raises(ValueError, match="SHA256SUMS lists no file"):
        weights.load_weights("tiny")


def test_missing_file_says_how_to_get_it(folder):
    (folder / "tiny.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"tiny\.safetensors is missing.*tlbook pretrain"):
        weights.load_weights("tiny")


@pytest.mark.parametrize("damage", ["flip", "truncate"])
def test_damaged_file_is_refused(folder, damage):
    path = folder / "tiny.safetensors"
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[-1] ^= 1
    path.write_bytes(data if damage == "flip" else data[:-4])
    with pytest.raises(ValueError, match=r"tiny\.safetensors is damaged"):
        weights.load_weights("tiny")


@pytest.mark.parametrize(
    "line", ["abc  tiny.safetensors", "z" * 64 + "  tiny.safetensors", "0" * 64]
)
def test_bad_list_is_named(folder, line):
    (folder / "SHA256SUMS").write_text(line + "\n")
    with pytest.raises(ValueError, match="SHA256SUMS: got the line"):
        weights.load_weights("tiny")


def test_list_in_the_binary_style_of_sha256sum_is_read(folder):
    path = folder / "tiny.safetensors"
    (folder / "SHA256SUMS").write_text(f"{weights.sha256(path)} *tiny.safetensors\n\n")
    assert weights.load_weights("tiny")["w"].shape == (2, 3)


def test_every_shipped_file_is_the_listed_one():
    names = weights.available_weights()
    for name in names:
        assert all(torch.isfinite(t.float()).all() for t in weights.load_weights(name).values())
    files = {path.name for path in weights.FOLDER.glob("*.safetensors")}
    assert files == {f"{name}.safetensors" for name in names}
