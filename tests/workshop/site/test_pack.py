"""Pictures in a pack: nothing is lost, letters keep their size, the file keeps its bound."""

import base64
import json
import re
import zlib

import numpy as np
import pytest

from tlbook import plots
from tlbook.workshop.site import pack


def read(script):
    text = re.search(r'take\("(\w+)","([^"]+)"\)', script)
    return json.loads(zlib.decompress(base64.b64decode(text[2])))


def test_what_is_packed_comes_out_again_line_by_line():
    pictures = ["<svg>\n<a/>\n<b/>\n</svg>", "<svg>\n<b/>\n<b/>\n<c/>\n</svg>"]
    content = read(pack.packed("toy", {"title": "T"}, pictures))
    for steps, picture in zip(content["pictures"], pictures, strict=True):
        assert [content["lines"][i] for i in np.cumsum(steps)] == picture.splitlines()
    assert content["title"] == "T" and len(content["lines"]) == 5


def test_coordinates_get_short_and_factors_near_zero_stay():
    fig, ax = plots.figure("A line", size="single")
    ax.plot([0, 1], [0, 1])
    text = pack.vectors(fig)
    assert "scale(0.015625" in text  # of a letter: 0.02 would make it a quarter larger
    long = re.findall(r" [ML]? ?-?\d+\.\d{3,}", text)
    assert not long


def test_the_pixels_of_a_picture_are_stored_once_each():
    fig, ax = plots.figure("Noise", size="single")
    ax.imshow(np.random.default_rng(0).random((20, 20, 3)))
    text = pack.vectors(fig)
    pixels = re.search(r"data:image/\w+;base64,([^\"]+)", text)
    assert len(pixels[1]) < 3000 and "pixelated" in text


def test_a_pack_that_is_too_large_is_cut_at_its_end(monkeypatch):
    rng = np.random.default_rng(0)
    pictures = ["\n".join(map(str, rng.random(50))) for _ in range(20)]

    def facts(count):
        return {"states": list(range(count))}

    whole = len(pack.packed("toy", facts(20), pictures))
    monkeypatch.setattr(pack, "MOST_BYTES", int(0.6 * whole))
    script, count = pack.fitted("toy", facts, pictures, 5)
    assert len(script) <= 0.6 * whole and 9 <= count < 13
    assert read(script)["states"] == list(range(count))
    monkeypatch.setattr(pack, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="toy: 5 pictures take"):
        pack.fitted("toy", facts, pictures, 5)
