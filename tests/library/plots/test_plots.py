"""Figures: readable, in one look, shown once, and clear about bad input."""

import itertools
import threading
import time
from io import BytesIO

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from tlbook import plots
from tlbook.evaluation import t_interval
from tlbook.plots.curves import dodge

METHODS = {"scratch": 0.10, "linear probe": 0.60, "fine-tuning": 0.61, "LP-FT": 0.62}


def curve_frame(methods=METHODS):
    rng = np.random.default_rng(0)
    rows = [
        (method, budget, seed, min(0.99, start + 0.08 * np.log(budget) + 0.01 * rng.normal()))
        for method, start in methods.items()
        for budget in (1, 2, 5, 10, 20, 50)
        for seed in range(4)
    ]
    return pd.DataFrame(rows, columns=["method", "budget", "seed", "accuracy"])


def boxes(fig):
    """Return the visible texts of a figure with their boxes in pixels."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    renderer = canvas.get_renderer()
    texts = [t for t in fig.findobj(matplotlib.text.Text) if t.get_visible() and t.get_text()]
    ticks = {id(t) for ax in fig.axes for axis in (ax.xaxis, ax.yaxis) for t in hidden(axis)}
    return [(t.get_text(), t.get_window_extent(renderer)) for t in texts if id(t) not in ticks]


def hidden(axis):
    """Return tick labels outside the axis limits: they exist but are never drawn."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    out = [t for t in ticks if not low - slack <= t.get_loc() <= high + slack]
    return [label for t in out for label in (t.label1, t.label2)]


def assert_readable(fig):
    """No two texts overlap, none is cut off, none is smaller than 9 points."""
    found = boxes(fig)
    page = fig.bbox
    for text, box in found:
        assert box.x0 >= -1 and box.y0 >= -1, f"{text!r} is cut off"
        assert box.x1 <= page.x1 + 1 and box.y1 <= page.y1 + 1, f"{text!r} is cut off"
    for (a, box), (b, other) in itertools.combinations(found, 2):
        wide = min(box.x1, other.x1) - max(box.x0, other.x0)
        high = min(box.y1, other.y1) - max(box.y0, other.y0)
        assert not (wide > 1 and high > 1), f"{a!r} and {b!r} overlap"
    sizes = [t.get_fontsize() for t in fig.findobj(matplotlib.text.Text) if t.get_text()]
    assert min(sizes) >= 9


def lab(rgb):
    """Return CIELAB coordinates of an sRGB color."""
    c = np.asarray(rgb)
    c = np.where(c > 0.04045, ((c + 0.055) / 1.055) ** 2.4, c / 12.92)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    t = np.asarray(to_xyz) @ c / np.array([0.9505, 1.0, 1.089])
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira & Fernandes (2009): full deuteranopia, the most frequent kind.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)


@pytest.mark.parametrize("family", plots.FAMILIES)
def test_colors_of_a_family_stay_apart_also_for_the_color_blind(family):
    names = [n for n in plots.FAMILIES[family] if n not in ("chance", "wrong")]  # wrong = target
    for a, b in itertools.combinations(names, 2):
        rgb_a, rgb_b = (np.array(to_rgb(plots.COLORS[n])) for n in (a, b))
        assert np.linalg.norm(lab(rgb_a) - lab(rgb_b)) > 20, (a, b)
        blind = [lab(np.clip(DEUTERANOPIA @ rgb, 0, 1)) for rgb in (rgb_a, rgb_b)]
        same_hue = np.linalg.norm(blind[0] - blind[1]) < 10
        assert not same_hue or plots.MARKERS[a] != plots.MARKERS[b], (a, b)


def test_source_and_target_keep_their_colors_to_themselves_in_their_chapters():
    for family in ("fine-tuning", "instances", "features", "adversarial", "text", "few-shot"):
        used = set(plots.FAMILIES[family].values())
        assert not used & {plots.COLORS["source"], plots.COLORS["target"]}


def test_unknown_color_names_what_is_near():
    with pytest.raises(ValueError, match="'linear probe'"):
        plots.color("linear prob")
    with pytest.raises(ValueError, match=r"plots\.COLORS"):
        plots.COLORS["qqqqq"]


def test_dodge_keeps_order_and_gap_and_moves_nothing_needlessly():
    rng = np.random.default_rng(1)
    for _ in range(50):
        wanted = rng.uniform(0, 10, rng.integers(1, 8))
        moved = dodge(wanted, 0.8)
        order = np.argsort(wanted)
        assert (np.diff(moved[order]) >= 0.8 - 1e-9).all()
        assert moved.mean() == pytest.approx(wanted.mean())
    assert dodge([0.0, 5.0, 9.0], 1.0) == pytest.approx([0.0, 5.0, 9.0])
    assert dodge([], 1.0).shape == (0,)


def test_learning_curves_draw_the_mean_of_every_method_and_are_readable():
    frame = curve_frame()
    fig = plots.learning_curves(
        frame, title="Transfer starts fifty points higher than training from scratch", chance=0.1
    )
    ax = fig.axes[0]
    for line, method in zip(ax.get_lines(), METHODS, strict=False):
        want = 100 * frame[frame.method == method].groupby("budget").accuracy.mean()
        assert line.get_ydata() == pytest.approx(want.to_numpy())
        assert line.get_color() == plots.COLORS[method]
    assert ax.get_xscale() == "log"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2", "5", "10", "20", "50"]
    assert_readable(fig)


def test_learning_curve_band_is_one_standard_deviation():
    frame = curve_frame({"scratch": 0.3})
    fig = plots.learning_curves(frame, title="A band shows the seeds")
    path = fig.axes[0].collections[0].get_paths()[0].vertices
    at_one = path[np.isclose(path[:, 0], 1)][:, 1]
    runs = 100 * frame[frame.budget == 1].accuracy
    assert at_one.max() == pytest.approx(runs.mean() + runs.std(ddof=1))
    assert at_one.min() == pytest.approx(runs.mean() - runs.std(ddof=1))


def test_bars_show_the_mean_and_every_seed():
    values = {"scratch": [0.1, 0.12, 0.11], "linear probe": [0.6, 0.7, 0.65], "own": [0.4]}
    fig = plots.bars_with_spread(values, title="One label per class: only transfer works")
    ax = fig.axes[0]
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([11, 65, 40])
    assert sum(len(dots.get_offsets()) for dots in ax.collections[1::2]) >= 3
    assert_readable(fig)


def test_histograms_share_their_bins():
    rng = np.random.default_rng(0)
    fig = plots.histogram_pair(
        rng.normal(size=300), rng.normal(2, 1, 200), title="The target is moved", xlabel="x (cm)"
    )
    left, right = (p.get_path().get_extents() for p in fig.axes[0].patches[-2:])
    assert left.width > 0 and right.width > 0
    assert_readable(fig)


@pytest.mark.parametrize("shape", [(6, 1, 8, 8), (6, 3, 8, 8), (6, 8, 8, 3), (6, 8, 8)])
def test_image_grid_takes_every_usual_layout(shape):
    images = np.random.default_rng(0).random(shape)
    fig = plots.image_grid(images, list("abcdef"), title="Six images", good=[True] * 5 + [False])
    shown = [ax for ax in fig.axes if ax.get_visible()]
    assert len(shown) == 6
    assert shown[0].images[0].get_array().shape == (8, 8, 3)
    assert_readable(fig)


def test_image_grid_wraps_rows_and_names_them():
    images = np.zeros((6, 4, 4))
    fig = plots.image_grid(images, title="Two rows", columns=3, rows_named=["source", "target"])
    assert [ax.get_ylabel() for ax in fig.axes[::3]] == ["source", "target"]


def test_confusion_shades_by_row_share():
    counts = np.array([[90, 10], [5, 5]])
    fig = plots.confusion(counts, ["no", "yes"], title="Half of the yes are missed")
    shown = np.asarray(fig.axes[0].images[0].get_array())
    assert shown == pytest.approx(np.array([[0.9, 0.1], [0.5, 0.5]]))
    assert_readable(fig)


def test_scatter_and_regions_draw_all_points():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(40, 2)), rng.normal(size=(30, 2)) + 1
    ys = np.arange(40) % 3
    fig = plots.scatter_domains(Xs, Xt, ys, title="The target is moved")
    assert sum(len(c.get_offsets()) for c in fig.axes[0].collections) == 70
    fig = plots.decision_regions(
        lambda Z: (Z[:, 0] > 0).astype(int), Xs, (Xs[:, 0] > 0).astype(int), title="A line cuts"
    )
    codes = fig.axes[0].images[0].get_array()
    assert (codes[:, 0] == 0).all() and (codes[:, -1] == 1).all()
    assert_readable(fig)


def test_lines_average_over_seeds_and_are_labeled():
    x = np.arange(5)
    runs = np.array([x, x + 2.0])
    fig = plots.lines(
        x, {"loss": runs, "other": x * 0.5}, title="Loss falls", xlabel="step", ylabel="loss (nats)"
    )
    assert fig.axes[0].get_lines()[0].get_ydata() == pytest.approx(x + 1.0)
    assert_readable(fig)


def test_panels_share_one_figure():
    fig, axes = plots.figure("Two panels", size="wide", columns=2)
    back = plots.histogram_pair([1, 2, 3], [2, 3, 4], title="left", xlabel="x", ax=axes[0])
    assert back is fig and axes[0].get_title(loc="left") == "left"
    plots.confusion(np.eye(3) * 4, title="right", ax=axes[1])
    assert_readable(fig)


def test_drawing_into_a_given_figure_clears_it():
    fig, _ = plots.figure("First")
    plots.lines([0, 1], {"a": [0, 1]}, title="Second", xlabel="x", ylabel="y", fig=fig)
    assert len(fig.axes) == 1 and fig.alt == "Second"


def test_a_figure_shows_once_with_alternative_text_and_modest_bytes():
    from IPython.core.formatters import DisplayFormatter

    fig = plots.learning_curves(curve_frame(), title="Transfer starts higher")
    data, metadata = DisplayFormatter().format(fig)
    assert set(data) == {"image/png", "text/plain"}
    assert metadata["image/png"] == {"width": 672, "alt": "Transfer starts higher"}
    assert len(data["image/png"]) < 60_000
    picture = Image.open(BytesIO(data["image/png"]))
    assert picture.size == (1008, 576)
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_threads_take_turns_with_the_style():
    """A slider and a button are answered in two threads; the settings are the process's."""
    inside, seen = threading.Event(), []

    def slow():
        with plots.style():
            inside.set()
            time.sleep(0.05)  # long enough for the other to leave its block, if it could enter
            seen.append(("slow", matplotlib.rcParams["axes.titlelocation"]))

    other = threading.Thread(target=slow)
    other.start()
    inside.wait()
    with plots.style():
        seen.append(("quick", matplotlib.rcParams["axes.titlelocation"]))
    other.join()
    assert seen == [("slow", "left"), ("quick", "left")]


def test_style_leaves_other_settings_alone():
    before = dict(matplotlib.rcParams)
    with plots.style():
        assert matplotlib.rcParams["axes.spines.top"] is False
    plots.lines([0, 1], {"a": [0, 1]}, title="t", xlabel="x", ylabel="y")
    assert dict(matplotlib.rcParams) == before


def call(name, **changes):
    """Call a plot function with good arguments, some of them changed."""
    good = {
        "learning_curves": {"frame": curve_frame()},
        "bars_with_spread": {"values": {"scratch": [0.1, 0.2]}},
        "histogram_pair": {"source": [1.0, 2.0], "target": [2.0, 3.0], "xlabel": "x"},
        "image_grid": {"images": np.zeros((2, 4, 4))},
        "confusion": {"matrix": np.eye(2)},
        "scatter_domains": {"Xs": np.eye(2), "Xt": np.eye(2)},
        "decision_regions": {"predict": lambda Z: Z[:, 0] > 0, "X": np.eye(2)},
        "lines": {"x": [0, 1], "ys": {"a": [0, 1]}, "xlabel": "x", "ylabel": "y"},
    }[name]
    return getattr(plots, name)(**({"title": "A finding"} | good | changes))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("learning_curves", {"title": " "}, "title: got"),
        ("learning_curves", {"frame": pd.DataFrame({"method": []})}, "frame: got no column"),
        ("learning_curves", {"frame": curve_frame().iloc[:0]}, "frame: got no rows"),
        ("learning_curves", {"frame": curve_frame({"scrach": 0.1})}, "want one of 'scratch'"),
        ("learning_curves", {"band": "se"}, "band: got"),
        ("bars_with_spread", {"values": {}}, "values: got no bars"),
        ("bars_with_spread", {"values": {"a": []}}, "a: got no values"),
        ("bars_with_spread", {"values": {"a": [np.nan]}}, "a: got 1 values that are NaN"),
        ("histogram_pair", {"source": []}, "source: got 0 rows"),
        ("histogram_pair", {"target": [np.nan, 1]}, "target: got 1 values that are NaN"),
        ("image_grid", {"images": np.zeros((2, 4, 4, 2))}, "images: got shape"),
        ("image_grid", {"titles": ["a"]}, "titles: got 1, want 2"),
        ("image_grid", {"rows_named": ["a", "b"]}, "rows_named: got 2"),
        ("image_grid", {"images": np.zeros((0, 4, 4))}, "images: got 0 rows"),
        ("confusion", {"matrix": np.ones((2, 3))}, "matrix: got shape"),
        ("confusion", {"matrix": -np.eye(2)}, "matrix: got"),
        ("confusion", {"classes": ["a"]}, "classes: got 1 labels, want 2"),
        ("scatter_domains", {"Xs": np.eye(3)}, "Xs: got 3 features, want 2"),
        ("scatter_domains", {"ys": [0]}, "ys: got 1 labels, want 2"),
        ("decision_regions", {"predict": lambda Z: Z}, "predict: got shape"),
        ("lines", {"ys": {"a": [0, 1, 2]}}, "a: got 3 points, want 2"),
        ("lines", {"title": None}, "title: got None"),
        ("lines", {"size": "huge"}, "size: got 'huge'"),
    ],
)
def test_bad_input_gets_a_clear_message(name, changes, message):
    with pytest.raises(ValueError, match=message):
        call(name, **changes)


def test_a_title_is_required_everywhere():
    with pytest.raises(TypeError, match="title"):
        plots.confusion(np.eye(2))


def test_long_titles_wrap_inside_the_figure():
    title = "Where one label per class is all there is, only features learned elsewhere help at all"
    for size in plots.SIZES:
        fig, ax = plots.figure(title, size=size)
        ax.set(xlabel="x", ylabel="y")
        assert_readable(fig)


def test_the_check_for_readable_figures_can_fail():
    fig, ax = plots.figure("A finding")
    ax.text(0.5, 0.5, "one label", transform=ax.transAxes)
    ax.text(0.5, 0.51, "another label", transform=ax.transAxes)
    with pytest.raises(AssertionError, match="overlap"):
        assert_readable(fig)


def test_paired_differences_show_each_run_the_mean_and_its_interval():
    runs = np.array([0.1, 0.2, 0.3])
    fig = plots.paired_differences({"probe": runs, "scratch": -runs}, title="One up, one down")
    ax = fig.axes[0]
    dots, mean = ax.collections[0].get_offsets(), ax.collections[1].get_offsets()
    assert sorted(dots[:, 0]) == pytest.approx([10, 20, 30])
    assert mean[0].tolist() == pytest.approx([20, 0])
    low, high = ax.lines[1].get_xdata()
    found = t_interval(100 * runs)
    assert (low, high) == pytest.approx((found.low, found.high))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["probe", "scratch"]


@pytest.mark.parametrize("values", [{}, {"probe": [0.1]}, {"probe": [0.1, np.nan]}])
def test_paired_differences_want_two_finite_runs_a_row(values):
    with pytest.raises(ValueError, match=r"values: got no rows|probe: "):
        plots.paired_differences(values, title="Nothing to see")
