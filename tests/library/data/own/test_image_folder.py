"""Folders of class folders of pictures: one's own data, and archives of it."""

import io
import pickle
import zipfile
from itertools import count

import numpy as np
import pytest
from PIL import Image

from tests.library.data.online.online_cases import jpeg, tar
from tlbook import data

SIDES = count(40)  # each picture has a size of its own: no two have the same content
COLORS = {"ants": (200, 30, 30), "bees": (30, 30, 200)}


@pytest.fixture(autouse=True)
def clean(temporary_cache):
    return temporary_cache


def fill(folder, n=6, colors=COLORS):
    for name, color in colors.items():
        (folder / name).mkdir(parents=True)
        for i in range(n):
            (folder / name / f"{i}.jpg").write_bytes(jpeg(color, (next(SIDES), 30)))
    return folder


def red(X):
    return (X[:, 2].mean(axis=(1, 2)) > X[:, 0].mean(axis=(1, 2))).astype(int)


def test_a_plain_folder_is_halved(tmp_path):
    folder = fill(tmp_path / "pictures", 7)
    task = data.load("image-folder", path=folder, size=12)
    assert data.have("image-folder")
    assert task.classes == ("ants", "bees") and not task.has_source
    assert task.target.X.shape == (6, 3, 12, 12) and task.target.X.dtype == np.float32
    X, y = task.label(3, seed=0)
    assert np.array_equal(red(X), y)
    seen = []
    assert task.score(lambda T: seen.append(len(T)) or red(T)) == 1 and seen == [8]
    assert task.provenance == "6 + 8 pictures of pictures"
    assert np.array_equal(pickle.loads(pickle.dumps(task)).target.X, task.target.X)


def test_halves_share_no_file_and_follow_the_seed(tmp_path):
    for name in COLORS:
        (tmp_path / "p" / name).mkdir(parents=True)
        for i in range(10):
            (tmp_path / "p" / name / f"{i}.png").write_bytes(jpeg((i * 20, 0, 0), (9, 9), "PNG"))

    def parts(seed):
        task, seen = data.load("image-folder", path=tmp_path / "p", size=9, seed=seed), []
        task.score(lambda T: seen.append(T) or np.zeros(len(T), int))
        return [sorted(np.rint(P[:, 0, 0, 0] * 255).tolist()) for P in (task.target.X, seen[0])]

    train, test = parts(0)
    assert sorted(train + test) == sorted(2 * [20.0 * i for i in range(10)])
    assert parts(0) == [train, test] and parts(1) != [train, test]


@pytest.mark.parametrize("second", ["val", "test", "Validation"])
def test_the_parts_of_a_folder_are_kept(tmp_path, second):
    fill(tmp_path / "hymenoptera_data" / "train", 5)
    fill(tmp_path / "hymenoptera_data" / second, 3)
    task = data.load("image-folder", path=tmp_path / "hymenoptera_data", size=8)
    assert len(task.target.X) == 10
    assert task.score(lambda T: red(T) if len(T) == 6 else None) == 1
    few = data.load("image-folder", path=tmp_path / "hymenoptera_data", size=8, n_target=4)
    assert len(few.target.X) == 4 and few.label(2)[1].sum() == 2


def test_a_second_folder_makes_the_first_the_source(tmp_path):
    source, target = fill(tmp_path / "photos", 10), fill(tmp_path / "drawings", 4)
    task = data.load("image-folder", path=source, target=target, size=8, channels=1)
    assert task.has_source
    assert len(task.source) == 16 and len(task.validation) == 4 and len(task.target.X) == 4
    assert task.source.X.shape[1:] == (1, 8, 8)
    luminance = np.array([0.299 * r + 0.587 * g + 0.114 * b for r, g, b in COLORS.values()]) / 255
    means = task.source.X.mean(axis=(1, 2, 3))
    assert np.abs(means - luminance[task.source.y]).max() < 0.02
    assert len(data.load("image-folder", path=source, target=target, n_source=10).source) == 8
    with pytest.raises(ValueError, match="target: got the classes ants, cats, want ants, bees"):
        other = fill(tmp_path / "o", 3, {"ants": (1, 1, 1), "cats": (2, 2, 2)})
        data.load("image-folder", path=source, target=other)


def test_shapes_turns_and_kinds_of_files(tmp_path):
    folder = tmp_path / "p"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
    # Left half black, right half white; the camera says: turn by 180 degrees.
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 20:] = 255
    picture = Image.fromarray(pixels)
    picture.save(folder / "a" / "plain.png")
    exif = Image.Exif()
    exif[0x0112] = 3
    picture.save(folder / "a" / "turned.jpg", exif=exif, quality=95)
    Image.new("L", (5, 50), 100).save(folder / "b" / "gray.bmp")
    Image.new("RGBA", (50, 5), (10, 20, 30, 255)).save(folder / "b" / "alpha.PNG")
    (folder / ".DS_Store").write_bytes(b"clutter")
    (folder / "a" / "Thumbs.db").write_bytes(b"clutter")
    (folder / "a" / "._plain.png").write_bytes(b"clutter")
    task, seen = data.load("image-folder", path=folder, size=10), []
    task.score(lambda T: seen.append(T) or np.zeros(2, int))
    images = np.concatenate([task.target.X, seen[0]])
    assert images.shape == (4, 3, 10, 10)
    left, right = images[..., :4].mean(axis=(1, 2, 3)), images[..., 6:].mean(axis=(1, 2, 3))
    split = sorted((left > right + 0.8).astype(int) - (right > left + 0.8).astype(int))
    assert split == [-1, 0, 0, 1], "one as it is, two of one color, one turned"


def archive_of(folder, kind):
    files = {
        f"data/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in folder.rglob("*.jpg")
    }
    if kind == "tar":
        return tar(files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, written in files.items():
            archive.writestr(name, written)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_will_do(tmp_path, kind, clean):
    fill(tmp_path / "h" / "train", 4)
    fill(tmp_path / "h" / "val", 2)
    path = tmp_path / f"hymenoptera_data.{kind}"
    path.write_bytes(archive_of(tmp_path / "h", kind))
    task = data.load("image-folder", path=path, size=8)
    assert task.classes == ("ants", "bees") and len(task.target.X) == 8
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ValueError, match="damaged or no archive, nothing was unpacked"):
        data.load("image-folder", path=path)
    path.write_bytes(tar({"../evil.jpg": b"x"}))
    with pytest.raises(ValueError, match="leads out of the folder"):
        data.load("image-folder", path=path)
    assert len(list((clean / "unpacked").iterdir())) == 1, "the good one alone"


@pytest.mark.parametrize("bad", [b"", b"<html>", jpeg((1, 1, 1))[:200], b"GIF89a"])
def test_damaged_pictures_are_left_out_and_named(tmp_path, bad, capsys):
    folder = fill(tmp_path / "p", 2)
    for i in range(8):
        (folder / "ants" / f"bad{i}.jpg").write_bytes(bad)
    task = data.load("image-folder", path=folder, size=8)
    assert len(task.target.X) == 2 and "bad0.jpg (" in capsys.readouterr().out


def test_a_picture_that_changed_is_read_again(tmp_path):
    folder = fill(tmp_path / "p", 2)
    before = data.load("image-folder", path=folder, size=8).target.X
    for file in folder.rglob("*.jpg"):
        file.write_bytes(jpeg((250, 250, 250), (next(SIDES), 31)))
    after = data.load("image-folder", path=folder, size=8).target.X
    assert before.max() < 0.9 < after.min()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "flies").mkdir(), "no picture of the class flies, want at least one"),
        (lambda f: (f / "ants").rename(f.parent / "away"), "the class bees alone, want two"),
        (lambda f: fill(f, 1, {"flies": (1, 1, 1)}), "want at least 2 different rows .* in flies"),
    ],
)
def test_unfit_folders_are_named(tmp_path, spoil, message):
    folder = fill(tmp_path / "p", 3)
    spoil(folder)
    with pytest.raises(ValueError, match=message):
        data.load("image-folder", path=folder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "path: got nothing, want a folder"),
        ({"path": "/no/such/folder"}, "path: got '/no/such/folder', want a folder of pictures"),
        ({"path": ".", "size": 0}, "size: got 0"),
        ({"path": ".", "channels": 4}, "channels: got 4"),
        ({"path": ".", "n_target": 1}, "n_target: got 1"),
        ({"path": ".", "n_source": 5}, "n_source: got 5 without target"),
    ],
)
def test_unfit_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        data.load("image-folder", **options)


def test_a_class_that_one_part_alone_has_is_named(tmp_path):
    fill(tmp_path / "p" / "train", 3)
    fill(tmp_path / "p" / "val", 3, COLORS | {"wasps": (0, 0, 0)})
    with pytest.raises(ValueError, match="has no class wasps in train, want every class in every"):
        data.load("image-folder", path=tmp_path / "p")


def test_with_three_splits_the_last_grades_and_nothing_is_lost(tmp_path):
    for name, n in (("train", 4), ("val", 2), ("test", 3)):
        fill(tmp_path / "p" / name, n)
    task = data.load("image-folder", path=tmp_path / "p", size=8)
    assert len(task.target.X) == 12
    assert task.score(lambda T: red(T) if len(T) == 6 else None) == 1


def test_copies_stay_on_one_side(tmp_path, capsys):
    folder = fill(tmp_path / "p", 6)
    for name in COLORS:
        for file in sorted((folder / name).iterdir()):
            (folder / name / f"copy of {file.name}").write_bytes(file.read_bytes())
    task, seen = data.load("image-folder", path=folder, size=8), []
    task.score(lambda T: seen.append(T) or red(T))
    assert len(task.target.X) == len(seen[0]) == 12
    fill(tmp_path / "q" / "train", 4)
    fill(tmp_path / "q" / "test", 2)
    twin = (tmp_path / "q" / "test" / "bees" / "0.jpg").read_bytes()
    (tmp_path / "q" / "train" / "bees" / "twin.jpg").write_bytes(twin)
    assert len(data.load("image-folder", path=tmp_path / "q", size=8).target.X) == 8
    assert capsys.readouterr().out == "left out of train: 1 rows that test has too\n"
    other = fill(tmp_path / "r", 5)
    (other / "bees" / "twin.jpg").write_bytes(twin)
    task = data.load("image-folder", path=other, target=tmp_path / "q", size=8)
    assert len(task.source) + len(task.validation) == 10
    assert "left out of path: 1 rows that target has too" in capsys.readouterr().out


def test_pictures_stay_on_disk_and_fit_reads_them(tmp_path):
    from torch import nn
    from torchvision.transforms import v2

    from tlbook import models
    from tlbook.training import fit, predict

    fill(tmp_path / "p" / "train", 8)
    fill(tmp_path / "p" / "test", 3)
    frame = data.list_pictures(tmp_path / "p")
    train, test = (
        data.PictureFiles(frame[frame.split == split], ("ants", "bees"), size=8)
        for split in ("train", "test")
    )
    net = models.wrap(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)))
    fit(net, train, steps=40, batch_size=8, lr=0.1)
    assert np.array_equal(predict(net, test), test.y)
    x, y = train[0]
    assert x.shape == (3, 8, 8) and x.dtype == np.float32 and y == 0
    twice = v2.Compose([v2.ToImage(), v2.Resize((5, 7))])
    assert data.PictureFiles(frame, transform=twice)[0][0].shape == (3, 5, 7)
    with pytest.raises(ValueError, match="classes: got none called bees"):
        data.PictureFiles(frame, ("ants",))
    with pytest.raises(ValueError, match="frame: got no rows"):
        data.PictureFiles(frame[:0])
