"""Two distributions to drag, and every distance between them (chapter 08)."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import distances, plots
from tlbook.course.widgets.controls import Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.figure import headline
from tlbook.plots.legible import ink_on

CONTROLS = (
    Slider("shift", "Shift: mean of Q", -4, 4, 0.1, 0.0, "SD of P"),
    Slider("scale", "Scale: spread of Q", 0.3, 3, 0.1, 2.0, "SD of P"),
    Slider("bumps", "Mixture: Q in two bumps", 0, 0.95, 0.05, 0.0),
    Slider("n", "Points in each sample", 20, 500, 0.2, 200, kind="log"),
    Slider("bandwidth", "Bandwidth σ", 0.05, 20, 0.2, 1.0, "× median", kind="log"),
    Stepper("seed", "New sample", 0),
)

WINDOW = (-8.0, 8.0)
PERMUTATIONS = 199
GRID = np.linspace(*WINDOW, 321)
# Name, color, and the value that fills the bar: a bound where there is one, else a round number.
RULERS = (
    ("KL(P‖Q)", "KL", 3.0),
    ("KL(Q‖P)", "reverse KL", 3.0),
    ("JS", "JS", float(np.log(2))),
    ("Wasserstein", "Wasserstein", 3.0),
    ("MMD², mean only", "baseline", 3.0),
    ("MMD², Gaussian", "MMD", 2.0),
    ("CORAL", "CORAL distance", 3.0),
    ("A-distance", "A-distance", 2.0),
)
ANSWERS: dict[str, dict[str, float]] = {
    "(a) scale 2": {},
    "(b) two bumps": {"scale": 1.0, "bumps": 0.9},
    "(c) as (b), σ × 0.3": {"scale": 1.0, "bumps": 0.9, "bandwidth": 0.3},
    "(d) shift 4": {"scale": 1.0, "shift": 4.0},
}
FROM_DENSITIES = 3  # the first three need the densities, the others only the samples


@dataclass(frozen=True)
class Result:
    """What is drawn: samples, densities and witness on the grid, distances, two p-values."""

    X: np.ndarray
    Y: np.ndarray
    p: np.ndarray
    q: np.ndarray
    witness: np.ndarray
    values: tuple[float, ...]
    p_mean_only: float
    p_gaussian: float
    sigma: float


def _normal(x: np.ndarray, mean: float, width: float) -> np.ndarray:
    return np.exp(-(((x - mean) / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))


def density(x: np.ndarray, shift: float, scale: float, bumps: float) -> np.ndarray:
    """Density of Q: two bumps at ``shift ± bumps·scale``, so wide that its SD stays ``scale``."""
    width = scale * np.sqrt(1 - bumps**2)
    left, right = shift - bumps * scale, shift + bumps * scale
    return (_normal(x, left, width) + _normal(x, right, width)) / 2


def draw_samples(
    shift: float, scale: float, bumps: float, n: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Samples of shape (n, 1) from P = N(0, 1) and from Q."""
    rng = np.random.default_rng(seed)
    X, noise = rng.normal(size=(2, n, 1))
    sides = rng.permutation(np.arange(n) % 2 * 2.0 - 1)[:, None]
    return X, shift + scale * (bumps * sides + np.sqrt(1 - bumps**2) * noise)


def compute(
    shift: float, scale: float, bumps: float, n: float, bandwidth: float, seed: int
) -> Result:
    """Return every distance between P and Q, the witness and two permutation p-values."""
    X, Y = draw_samples(shift, scale, bumps, round(n), seed)
    p, q = _normal(GRID, 0, 1), density(GRID, shift, scale, bumps)
    wide = np.linspace(-16, 16, 1601)  # for the integrals; nothing of P or Q lies outside
    cells = [f + 1e-300 for f in (_normal(wide, 0, 1), density(wide, shift, scale, bumps))]
    cells = [f / f.sum() for f in cells]
    sigma = bandwidth * distances.median_bandwidth(X, Y)
    gaussian = distances.mmd_test(X, Y, PERMUTATIONS, sigma, seed=seed)
    linear = distances.mmd_test(X, Y, PERMUTATIONS, kernel="linear", seed=seed)
    values = (
        distances.kl_divergence(*cells),
        distances.kl_divergence(*cells[::-1]),
        distances.js_divergence(*cells),
        distances.wasserstein_distance(X, Y),
        linear.statistic,
        gaussian.statistic,
        distances.coral_distance(X, Y),
        distances.proxy_a_distance(X, Y, seed=seed),
    )
    seen = distances.witness(X, Y, GRID[:, None], sigma)
    return Result(X, Y, p, q, seen, values, linear.p_value, gaussian.p_value, sigma)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw densities and samples, the witness below them, and one bar per distance."""
    fig.clear()
    fig.set_layout_engine("none")  # fixed places: the layout engine would cost a third of the time
    headline(fig, _finding(result))
    _densities(fig.add_axes((0.075, 0.46, 0.43, 0.42)), result)
    _witness(fig.add_axes((0.075, 0.14, 0.43, 0.24)), result)
    _bars(fig.add_axes((0.7, 0.14, 0.13, 0.74)), result)
    note = "above the dots: from the densities. Below: from the samples. ▸: longer than its track"
    fig.text(0.98, 0.05, note, ha="right", fontsize=9, color="#444444")
    return fig


def answers() -> Figure:
    """Return the four states that the chapter asks for: densities and witness, and the rulers."""
    title = "Means miss (a) and (b). CORAL misses (b) and (d). The narrow kernel finds the bumps"
    fig, axes = plots.figure(
        title, size=(10.6, 4.6), rows=2, columns=4, sharey="row", height_ratios=(1, 1.9)
    )
    for (above, below), (name, state) in zip(axes.T, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state))
        for values, role in ((result.p, "source"), (result.q, "target")):
            above.fill_between(GRID, values, color=plots.color(role), alpha=0.3, lw=0)
        above.plot(GRID, result.witness, color=plots.color("witness"))
        above.axhline(0, color="#555555", lw=1)
        above.set(title=name, xlim=WINDOW, xticks=[-4, 0, 4])
        _bars(below, result)
        below.set(xlim=(-0.12, 2.6))
    axes[0, 0].set_ylabel("P, Q, witness")
    return fig


def _densities(ax: Axes, result: Result) -> None:
    top = 1.15 * max(result.p.max(), result.q.max())
    for values, sample, role, name, row in (
        (result.p, result.X, "source", "P", -0.1 * top),
        (result.q, result.Y, "target", "Q", -0.21 * top),
    ):
        hue = plots.color(role)
        ax.plot(GRID, values, color=hue, label=name)
        ax.fill_between(GRID, values, color=hue, alpha=0.15, lw=0)
        ax.plot(sample, np.full(len(sample), row), "|", color=hue, ms=6, alpha=0.5)
    ax.set(xlim=WINDOW, ylim=(-0.3 * top, top), ylabel="sample, density")
    ax.set(xticks=[-8, -4, 0, 4, 8], yticks=[0, float(f"{top / 1.3:.1g}")])
    ax.tick_params(labelbottom=False)
    ax.legend(loc="upper left")


def _witness(ax: Axes, result: Result) -> None:
    curve = result.witness
    ax.axhline(0, color="#555555", lw=1)
    ax.plot(GRID, curve, color=plots.color("witness"))
    ax.fill_between(GRID, curve, where=curve > 0, color=plots.color("source"), alpha=0.25, lw=0)
    ax.fill_between(GRID, curve, where=curve < 0, color=plots.color("target"), alpha=0.25, lw=0)
    top = max(0.05, 1.15 * float(abs(curve).max()))
    ax.set(xlim=WINDOW, ylim=(-top, top), xticks=[-8, -4, 0, 4, 8])
    ax.set(xlabel="x (SD of P)", ylabel="witness")
    ax.set_yticks([-float(f"{top / 1.3:.1g}"), 0, float(f"{top / 1.3:.1g}")])


def _bars(ax: Axes, result: Result) -> None:
    places = np.arange(len(RULERS))[::-1]
    lengths = [v / full for v, (_, _, full) in zip(result.values, RULERS, strict=True)]
    ax.barh(places, 1, color="#E4E4E4", height=0.62)
    hues = [plots.color(hue) for _, hue, _ in RULERS]
    ax.barh(places, np.clip(lengths, -0.12, 1), color=hues, height=0.62)
    for place, length, hue in zip(places, lengths, hues, strict=True):
        if length > 1.001:  # longer than its track
            ax.text(1.0, place, "▸", va="center", ha="right", color=ink_on(hue))
    tests = {4: result.p_mean_only, 5: result.p_gaussian}
    for i, value in enumerate(result.values):
        words = f"{value:.3f}" if value < 99 else f"{value:.0f}"
        words += f"   p = {tests[i]:.3f}" if i in tests else ""
        ax.text(1.06, places[i], words, va="center")
    ax.axvline(0, color="#555555", lw=1)
    ax.axhline(len(RULERS) - FROM_DENSITIES - 0.5, color="#777777", lw=1.2, ls=":")
    ax.set_yticks(places, [f"{name}, 0 to {full:.2g}" for name, _, full in RULERS])
    ax.set(xlim=(-0.12, 1), ylim=(-0.6, len(RULERS) - 0.4), xticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)


def _finding(result: Result) -> str:
    blind, sees = result.p_mean_only > 0.05, result.p_gaussian <= 0.05
    n = f"with {len(result.X)} points each"
    if blind and sees:
        return f"No difference of means found (p = {result.p_mean_only:.2f}). The kernel finds one"
    if not blind and sees:
        return f"Both tests tell P from Q {n}"
    if not blind:
        return f"Only the comparison of means tells P from Q {n}: look at the bandwidth"
    return f"Neither test can tell P from Q {n}"


EXPERIMENT = Experiment(
    "distance_explorer",
    "Drag Q away from P = N(0, 1): which ruler notices what?",
    compute,
    draw,
    CONTROLS,
    size=(9.5, 4.6),
)
