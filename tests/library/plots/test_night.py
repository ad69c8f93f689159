"""The same picture for a dark page."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.cases import for_each
from tlbook import plots
from tlbook.plots.night import day_and_night, night_colors

PAPER = "#111111"


def turned(color):
    rgb = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)]])
    return tuple(night_colors(rgb)[0] / 255)


def open_(data):
    return np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)


def test_white_becomes_the_dark_page_and_black_nearly_white():
    assert tuple(round(255 * c) for c in turned("#ffffff")) == pytest.approx((17, 17, 17), abs=1)
    assert min(turned("#000000")) > 0.9


@for_each("name", plots.COLORS)
def test_text_and_lines_stand_out_by_night(name):
    assert plots.contrast(turned(plots.ink(plots.color(name))), PAPER) >= 4.5
    if name != "chance":  # a light gray for what stays behind
        assert plots.contrast(turned(plots.color(name)), PAPER) >= 3


@pytest.mark.parametrize("name", ["source", "target", "highlight", "right", "KL", "fine-tuning"])
def test_a_color_keeps_its_hue(name):
    import colorsys

    rgb = [int(plots.color(name)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    before, after = colorsys.rgb_to_hsv(*rgb), colorsys.rgb_to_hsv(*turned(plots.color(name)))
    if before[1] > 0.05:
        assert abs((before[0] - after[0] + 0.5) % 1 - 0.5) < 0.06


def test_a_gray_ramp_is_turned_over_without_a_jump():
    ramp = np.repeat(np.arange(256)[:, None], 3, axis=1)
    found = night_colors(ramp)[:, 0].astype(int)
    assert (np.diff(found) <= 0).all() and np.diff(found).min() > -8


def test_photographs_stay_what_they_are():
    fig, axes = plots.figure("A photograph and a map", columns=2)
    photo = np.zeros((4, 4, 4))
    photo[..., :3], photo[:, :2, 3] = (0.9, 0.2, 0.1), 1  # the right half is see-through
    axes[0].imshow(photo)
    axes[1].imshow(np.full((4, 4), 0.5), cmap="Blues", vmin=0, vmax=1)
    day, night = (open_(data) for data in day_and_night(fig, 96))
    assert day.shape == night.shape
    assert day_and_night(fig, 96)[0] == plots.png(fig, dpi=96)

    def at(picture, ax, x, y):
        box = ax.get_window_extent()
        column, row = (
            round(box.x0 + x * box.width),
            round(picture.shape[0] - box.y0 - y * box.height),
        )
        return picture[row, column]

    assert at(night, axes[0], 0.25, 0.5) == pytest.approx(at(day, axes[0], 0.25, 0.5), abs=12)
    assert at(night, axes[0], 0.75, 0.55) == pytest.approx([17, 17, 17], abs=6)
    assert abs(at(night, axes[1], 0.5, 0.5) - at(day, axes[1], 0.5, 0.5)).max() > 20
