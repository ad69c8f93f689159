"""A folder of pictures as a table: damaged, empty, half missing, copied, oddly named."""

import warnings

import numpy as np
import pytest
from PIL import Image

from tlbook.data import list_pictures


def pixels(seed, size=(9, 7)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def fill(folder, classes=("ants", "bees"), n=3, first=0):
    for k, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            Image.fromarray(pixels(first + 100 * k + i)).save(folder / name / f"{i}.png")
    return folder


def test_class_folders(tmp_path, capsys):
    frame = list_pictures(fill(tmp_path / "p"))
    assert frame.columns.tolist() == ["path", "label", "split", "content"]
    assert frame.label.tolist() == ["ants"] * 3 + ["bees"] * 3
    assert set(frame.split) == {"all"} and frame.content.is_unique
    assert frame.path[0] == str(tmp_path / "p" / "ants" / "0.png")
    assert frame.attrs["damaged"] == [] and capsys.readouterr().out == ""


def test_splits_by_their_names(tmp_path):
    fill(tmp_path / "p" / "Train", n=3)
    fill(tmp_path / "p" / "valid", n=1, first=50)
    fill(tmp_path / "p" / "test", n=2, first=70)
    frame = list_pictures(tmp_path)  # one folder inside, as archives have it
    assert frame.groupby("split").size().to_dict() == {"train": 6, "val": 2, "test": 4}
    fill(tmp_path / "p" / "validation", n=1, first=50)
    with pytest.raises(ValueError, match="got valid and validation, want one val"):
        list_pictures(tmp_path)


def test_a_class_may_be_called_test(tmp_path):
    assert set(list_pictures(fill(tmp_path / "p", ("test", "control"))).label) == {
        "test",
        "control",
    }


def test_the_same_pixels_are_the_same_content(tmp_path):
    folder = fill(tmp_path / "p" / "train")
    fill(tmp_path / "p" / "test", first=50)
    picture = Image.fromarray(pixels(0))
    picture.save(tmp_path / "p" / "test" / "ants" / "renamed.bmp")
    picture.convert("RGBA").save(tmp_path / "p" / "test" / "bees" / "alpha.png")
    turned, exif = picture.transpose(Image.Transpose.ROTATE_180), Image.Exif()
    exif[0x0112] = 3
    turned.save(tmp_path / "p" / "test" / "bees" / "turned.png", exif=exif)
    Image.fromarray(pixels(0).reshape(7, 9, 3)).save(folder / "bees" / "same_bytes.png")
    frame = list_pictures(tmp_path / "p")
    copies = frame[frame.content == frame.content[0]]
    names = [path.rsplit("/", 1)[-1] for path in copies.path]
    assert names == ["0.png", "renamed.bmp", "alpha.png", "turned.png"]


def test_deep_pictures_keep_their_depth(tmp_path):
    folder = fill(tmp_path / "p")
    for name, value in (("a", 1000), ("b", 1001)):
        Image.fromarray(np.full((4, 4), value, np.uint16)).save(folder / "bees" / f"{name}.tif")
    assert list_pictures(folder).content.is_unique


@pytest.mark.parametrize("bad", [b"", b"<html>", b"GIF89a", "cut"])
def test_damaged_files_are_left_out_and_named(tmp_path, bad, capsys):
    folder = fill(tmp_path / "p")
    whole = (folder / "ants" / "0.png").read_bytes()
    (folder / "ants" / "bad.png").write_bytes(whole[: len(whole) // 2] if bad == "cut" else bad)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = list_pictures(folder)
    assert len(frame) == 6 and frame.index.tolist() == list(range(6))
    (damaged,) = frame.attrs["damaged"]
    assert damaged.startswith(str(folder / "ants" / "bad.png"))
    assert capsys.readouterr().out == f"left out, no readable pictures: {damaged}\n"
    list_pictures(folder, quiet=True)
    assert capsys.readouterr().out == ""


def test_a_picture_that_would_fill_the_memory_is_named(tmp_path, monkeypatch):
    folder = fill(tmp_path / "p")
    Image.new("L", (50, 50)).save(folder / "bees" / "huge.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    (damaged,) = list_pictures(folder, quiet=True).attrs["damaged"]
    assert "huge.png (DecompressionBombError)" in damaged


def empty(p):
    (p / "train" / "wasps").mkdir()
    (p / "test" / "wasps").mkdir()


def one_side(p):
    fill(p / "train", ("wasps",))


def only_damaged(p):
    for file in (p / "test" / "bees").iterdir():
        file.write_bytes(b"x")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (empty, "has no picture of the class wasps in train, want at least one"),
        (one_side, "has no class wasps in test, want every class in every split"),
        (only_damaged, r"no picture of the class bees in test, .*; not readable: .*0\.png"),
        (lambda p: fill(p / "flies", ("a",)), "got flies beside test, train, want class folders"),
    ],
)
def test_what_no_classifier_can_learn_from_is_named(tmp_path, spoil, message):
    fill(tmp_path / "p" / "train")
    fill(tmp_path / "p" / "test", first=50)
    spoil(tmp_path / "p")
    with pytest.raises(ValueError, match=message):
        list_pictures(tmp_path / "p", quiet=True)


def test_no_folder_no_picture_one_class(tmp_path):
    with pytest.raises(ValueError, match="folder: got '/no/such', want a folder of pictures"):
        list_pictures("/no/such")
    with pytest.raises(ValueError, match="without a readable picture, want one folder"):
        list_pictures(tmp_path)
    with pytest.raises(ValueError, match="has the class ants alone, want two or more"):
        list_pictures(fill(tmp_path / "p", ("ants",)))


def test_clutter_does_not_count_and_folders_inside_do(tmp_path):
    folder = fill(tmp_path / "p")
    (folder / ".DS_Store").write_bytes(b"clutter")
    (folder / "ants" / "Thumbs.db").write_bytes(b"clutter")
    (folder / "ants" / "monday").mkdir()
    Image.fromarray(pixels(7)).save(folder / "ants" / "monday" / "x.png")
    frame = list_pictures(folder)
    assert len(frame) == 7 and set(frame.label) == {"ants", "bees"}
