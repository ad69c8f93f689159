"""Pictures of every depth are read at their true values, or refused by name."""

import os

import numpy as np
import pytest
from PIL import Image

from tlbook.data import PictureFiles, list_pictures, open_picture
from tlbook.data.online.pictures import decode, read_pictures

GRAY = np.array([0.1, 0.3, 0.5, 0.9], dtype=np.float32)
SQUARE = np.repeat(np.repeat(GRAY.reshape(2, 2), 8, axis=0), 8, axis=1)  # (16, 16)
BYTES = np.rint(255 * SQUARE).astype(np.uint8)


def corners(path, channels=3):
    """The values in the middles of the four quarters, in [0, 1]: (channels, 4)."""
    return decode(str(path), 16, channels)[:, [4, 4, 12, 12], [4, 12, 4, 12]] / 255


def opened(path):
    """The same of the picture that transforms get."""
    pixels = np.asarray(open_picture(path)).transpose(2, 0, 1)
    return pixels[:, [4, 4, 12, 12], [4, 12, 4, 12]] / 255


def save(path, array, mode=None):
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path)
    return path


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("name", "array", "mode"),
    [
        ("a.png", np.rint(65535 * SQUARE).astype(np.uint16), None),
        ("a.tif", np.rint(65535 * SQUARE).astype(np.uint16), None),
        ("a.tif", SQUARE, None),
        ("a.png", BYTES, None),
        ("a.png", BYTES, "RGB"),
        ("a.png", BYTES, "RGBA"),
        ("a.png", BYTES, "LA"),
        ("a.gif", BYTES, "P"),
        ("a.tif", BYTES, "CMYK"),
        ("a.pgm", np.rint(65535 * SQUARE).astype(np.uint16), None),
        ("a.pfm", SQUARE, None),
    ],
)
def test_depths_and_modes_show_the_same_gray(tmp_path, channels, name, array, mode):
    found = corners(save(tmp_path / name, array, mode), channels)
    np.testing.assert_allclose(found, np.tile(GRAY, (channels, 1)), atol=0.01)
    np.testing.assert_allclose(opened(tmp_path / name), np.tile(GRAY, (3, 1)), atol=0.01)


def test_black_and_white_of_one_bit(tmp_path):
    path = save(tmp_path / "a.png", np.where(SQUARE > 0.4, 255, 0).astype(np.uint8), "1")
    np.testing.assert_array_equal(corners(path)[0], [0, 0, 1, 1])


def test_what_is_transparent_shows_white_whatever_lies_beneath(tmp_path):
    layers = np.zeros((16, 16, 4), dtype=np.uint8)  # black
    layers[:8, :, 3] = 255  # the upper half is there
    layers[8:, 8:, 3] = 128
    np.testing.assert_allclose(
        corners(save(tmp_path / "a.png", layers))[0], [0, 0, 1, 0.5], atol=0.01
    )
    palette = Image.fromarray(BYTES).convert("P")
    palette.info["transparency"] = int(np.asarray(palette)[0, 0])
    palette.save(tmp_path / "b.png", transparency=palette.info["transparency"])
    assert corners(tmp_path / "b.png")[0, 0] == 1


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.rint(1000 * SQUARE).astype(np.int32), "integers of 32 bits"),
        (300 * SQUARE, "floats from 30 to 270"),
        (np.where(SQUARE > 0.8, np.nan, SQUARE).astype(np.float32), "floats from"),
    ],
)
def test_an_unknown_range_is_refused_by_name(tmp_path, array, words):
    path = save(tmp_path / "deep.tif", array)
    with pytest.raises(ValueError, match=rf"deep.tif \({words}.*save"):
        read_pictures([path], 8)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_links_that_lead_nowhere_and_pipes_are_named(tmp_path):
    for name in ("ants", "bees"):
        (tmp_path / name).mkdir()
        save(tmp_path / name / "good.png", BYTES)
    os.symlink(tmp_path / "nowhere", tmp_path / "ants" / "link.png")
    os.mkfifo(tmp_path / "bees" / "pipe.png")
    frame = list_pictures(tmp_path, quiet=True)
    assert len(frame) == 2
    assert [d.split("/")[-1] for d in frame.attrs["damaged"]] == [
        "link.png (no file: a broken link or a pipe)",
        "pipe.png (no file: a broken link or a pipe)",
    ]
    with pytest.raises(ValueError, match="link.png; remove"):
        read_pictures([tmp_path / "ants" / "link.png"], 8)


def class_folders(place, array, name):
    """Two classes with two pictures each, the second class half as bright."""
    for label, factor in (("ants", 1), ("bees", 0.5)):
        (place / label).mkdir(parents=True)
        for i in range(2):
            row = (factor * array).astype(array.dtype)
            row[0, 0] = i
            save(place / label / f"{i}{name}", row)
    return place


@pytest.mark.parametrize(
    ("name", "array"),
    [(".png", np.rint(65535 * SQUARE).astype(np.uint16)), (".tif", SQUARE)],
)
def test_transforms_and_a_model_see_deep_pictures_as_they_are(name, array, tmp_path):
    from torchvision.models import ResNet18_Weights

    from tlbook.models.preprocessing import as_preprocessing

    frame = list_pictures(class_folders(tmp_path, array, name))
    x, y = PictureFiles(frame, transform=np.asarray)[3]
    assert (x.shape, y) == ((16, 16, 3), 1)
    np.testing.assert_allclose(x[[4, 12], [4, 12], 0] / 255, GRAY[[0, 3]] / 2, atol=0.01)
    preset = ResNet18_Weights.DEFAULT.transforms(crop_size=16, resize_size=16)
    read = as_preprocessing(preset).read(frame.path.iloc[3])
    white, black = (1 - 0.485) / 0.229, -0.485 / 0.229
    assert black + 0.2 < read[0, 12, 4] < white - 2


def test_files_without_a_known_white_are_left_out_of_the_list_by_name(tmp_path):
    class_folders(tmp_path, SQUARE, ".tif")
    save(tmp_path / "ants" / "wide.tif", 255 * SQUARE)
    save(tmp_path / "bees" / "long.tif", np.full((4, 4), 7, dtype=np.int32))
    frame = list_pictures(tmp_path, quiet=True)
    assert len(frame) == 4
    told = [line.split("/")[-1] for line in frame.attrs["damaged"]]
    assert told[0].startswith("wide.tif (floats from 25.5 to 23")
    assert told[1].startswith("long.tif (integers of 32 bits")


def test_a_file_that_cannot_be_read_any_more_is_named_by_the_dataset(tmp_path):
    frame = list_pictures(class_folders(tmp_path, BYTES, ".png"))
    (tmp_path / "ants" / "0.png").write_bytes(b"no picture")
    (tmp_path / "ants" / "1.png").unlink()
    for transform in (None, np.asarray):
        pictures = PictureFiles(frame, transform=transform)
        with pytest.raises(ValueError, match=r"0\.png cannot be read as a picture"):
            pictures[0]
        with pytest.raises(ValueError, match=r"1\.png, want a picture file that exists"):
            pictures[1]


def test_twelve_bits_in_sixteen_are_read_as_they_are_with_a_word(tmp_path):
    path = save(tmp_path / "a.png", np.rint(4095 * SQUARE).astype(np.uint16))
    with pytest.warns(UserWarning, match="without a value above 4095 look nearly black"):
        found = opened(path)
    np.testing.assert_allclose(found[0], GRAY / 16, atol=0.01)
