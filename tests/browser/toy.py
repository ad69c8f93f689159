"""Two small experiments that prove the framework itself: a light one and a slow one."""

import time

import numpy as np

from tlbook import plots
from tlbook.course.widgets import Choice, Experiment, Slider, Stepper, Text, Toggle


def compute(shift, n, scale, budget, kind, log, seed, name):
    if kind == "broken":
        raise ValueError("kind: got 'broken', want a <whole> one")
    rng = np.random.default_rng(seed)
    return shift + budget + scale * rng.normal(size=n), log, name


def draw(result, fig):
    values, log, name = result
    fig, ax = plots.figure(f"The mean of the sample is {values.mean():.2f} cm", fig=fig)
    ax.hist(values, bins=20, color=plots.COLORS["source"], log=log)
    ax.set(xlabel=f"{name} (cm)", ylabel="count")
    return fig


EXPERIMENT = Experiment(
    "toy",
    "How does a sample move?",
    compute,
    draw,
    (
        Slider("shift", "Shift", low=-2, high=2, step=0.1, start=0, unit="cm"),
        Slider("n", "Sample size", low=10, high=200, step=10, start=50, kind="int"),
        Slider("scale", "Scale", low=0.03, high=30, step=0.1, start=1, kind="log"),
        Choice("budget", "Budget", options=(1, 2, 5, 10), start=2, slider=True),
        Choice("kind", "Kind", options=("whole", "other", "broken")),
        Toggle("log", "Logarithmic count"),
        Stepper("seed", "New sample"),
        Text("name", "Name of the value", start="value", examples=("x", "length of a tail <&>")),
    ),
    size="single",
)

RUNS: list[float] = []


def slow_compute(shift):
    time.sleep(0.4)
    RUNS.append(shift)
    return np.linspace(0, 1, 50) + shift, len(RUNS) < 0, "value"


SLOW = Experiment(
    "slow",
    "What happens when computing takes long?",
    slow_compute,
    draw,
    (Slider("shift", "Shift", low=0, high=30, step=1, start=0, kind="int"),),
    size="single",
)
