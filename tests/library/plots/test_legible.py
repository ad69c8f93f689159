"""Text that can be read: contrast, size, and room for it."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from tests.cases import for_each
from tests.course.widgets.looks import complaints, drawn_texts
from tlbook import plots
from tlbook.plots.large import enlarge
from tlbook.plots.legible import ink_on, luminance, strong_text


def test_contrast_is_that_of_the_guidelines():
    assert plots.contrast("white", "black") == pytest.approx(21)
    # The example of WCAG: this gray is the lightest that passes on white.
    assert plots.contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)
    assert plots.contrast("#777777", "white") < 4.5


@for_each("name", plots.COLORS)
def test_ink_is_dark_enough_and_keeps_the_proportions_of_its_color(name):
    color = plots.color(name)
    dark = plots.ink(color)
    assert plots.contrast(dark, "white") >= 4.5
    if plots.contrast(color, "white") >= 4.6:
        assert dark == color.lower()
        return
    light, deep = (np.array(to_rgb(c)) ** 2.2 for c in (color, dark))
    assert deep / deep.max() == pytest.approx(light / light.max(), abs=0.03)


@for_each("name", plots.COLORS)
def test_text_on_a_bar_stands_out(name):
    assert plots.contrast(ink_on(plots.color(name)), plots.color(name)) >= 4.2


def test_png_strengthens_text_and_leaves_lines_alone():
    fig, ax = plots.figure("A pale curve")
    (line,) = ax.plot([0, 1], color=plots.color("random features"))
    text = ax.text(0.5, 0.5, "pale", color=plots.color("random features"))
    white = ax.text(0.1, 0.1, "white", color="white")
    plots.png(fig)
    assert text.get_color() == plots.ink("#56B4E9") and white.get_color() == "white"
    assert line.get_color() == "#56B4E9"


def test_a_transparent_gray_counts_as_what_one_sees():
    fig, ax = plots.figure("A pale word")
    text = ax.text(0.5, 0.5, "pale", color="black", alpha=0.4)
    strong_text(fig)
    assert text.get_alpha() is None and luminance(text.get_color()) < 0.19


def crowded(fig):
    fig, axes = plots.figure(
        "A finding that needs more than half of the width of the picture to be said", columns=2,
        fig=fig, size="wide",
    )  # fmt: skip
    fig.set_layout_engine("none")
    for ax, place in zip(axes, ((0.06, 0.14, 0.42, 0.7), (0.55, 0.14, 0.42, 0.7)), strict=True):
        ax.set_position(place)
        ax.bar(range(4), [1, 2, 3, 400], label="bars")
        ax.set_xticks(range(4), ["one word", "two words", "three words", "four words"])
        ax.set(ylabel="height (m)", xlabel="what there is")
        ax.set_title("the title of a panel", fontsize=8)
    return fig


def test_enlarging_makes_room_for_all_that_is_written():
    fig = crowded(plots.CourseFigure(figsize=(9.5, 3.8)))
    before = {t.get_text(): t.get_fontsize() for t in drawn_texts(canvas(fig))}
    enlarge(fig, 1.4)
    after = {t.get_text(): t.get_fontsize() for t in drawn_texts(canvas(fig))}
    assert complaints(fig) == []
    assert after["height (m)"] == pytest.approx(1.4 * before["height (m)"])
    assert after["the title of a panel"] == pytest.approx(14)
    left, right = (ax.get_tightbbox() for ax in fig.axes)
    assert left.x1 < right.x0, "the panels run into each other"
    assert "\n" in fig.get_suptitle()


def test_only_small_text_grows_without_a_factor():
    fig = crowded(plots.CourseFigure(figsize=(9.5, 3.8)))
    places = [ax.get_position().bounds for ax in fig.axes]
    enlarge(fig)
    assert fig.axes[0].title.get_fontsize() == 10
    assert places == [ax.get_position().bounds for ax in fig.axes]


def test_the_measure_itself_finds_each_fault():
    fig, ax = plots.figure("Everything is wrong here", size="single")
    ax.bar([0, 1], [1, 5])
    ax.set_ylim(0, 2)
    ax.text(0.5, 0.5, "tiny", fontsize=6, color="black")
    fig.text(0.5, 1.5, "far away").set_in_layout(False)
    ax.axhspan(1.5, 2, color="#888888")
    ax.text(0.4, 1.7, "gray on gray", color="#555555")
    found = "\n".join(complaints(fig))
    for fault in ("'tiny' is of 6.0 pt", "'far away' leaves", "'gray on gray' has", "bar "):
        assert fault in found


def canvas(fig):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    return FigureCanvasAgg(fig)
