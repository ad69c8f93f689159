"""The drawings of chapter 08 whose lines of code teach nothing about distances."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

from tlbook import plots


def surprise(p: np.ndarray, q: np.ndarray, terms: dict[str, np.ndarray]) -> Figure:
    """Return the bars of p and q, and beside them the bars of each named array of terms."""
    title = "The two directions of KL charge different outcomes"
    fig, (left, right) = plots.figure(title, size=(9.5, 2.8), columns=2)
    outcomes, hues = np.arange(len(p)), (plots.color("KL"), plots.color("reverse KL"))
    for ax, bars in ((left, {"p": p, "q": q}), (right, terms)):
        for k, (name, values) in enumerate(bars.items()):
            ax.bar(outcomes + 0.4 * k - 0.2, values, 0.36, color=hues[k], label=name)
        ax.set(xticks=outcomes, xlabel="outcome")
        ax.axhline(0, color="black", lw=1)
        ax.legend()
    left.set_ylabel("probability")
    right.set_ylabel("extra surprise (nats)")
    right.set_ylim(top=1.3 * max(values.max() for values in terms.values()))
    return fig


def ellipses_and_border(P: np.ndarray, turned: np.ndarray, moved: np.ndarray) -> Figure:
    """Return the covariance ellipses of P and ``turned``, and a border between P and ``moved``."""
    title = "CORAL compares the ellipses. The A-distance counts who is on the wrong side"
    fig, (left, right) = plots.figure(title, size=(9.5, 3.4), columns=2, sharey=True)
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = 2 * np.stack([np.cos(angle), np.sin(angle)])  # two standard deviations
    for ax, Q in ((left, turned), (right, moved)):
        for Z, role, name in ((P, "source", "P"), (Q, "target", "Q")):
            ax.plot(*Z.T, "o", ms=3, alpha=0.5, color=plots.color(role), label=name)
        ax.set(xlim=(-4, 4.5), ylim=(-4, 4.5), xlabel="feature 1")
    for Z, role in ((P, "source"), (turned, "target")):
        ellipse = np.linalg.cholesky(np.cov(Z.T)) @ circle + Z.mean(0)[:, None]
        left.plot(*ellipse, lw=3, color=plots.color(role))
    teller = LogisticRegression().fit(np.concatenate([P, moved]), np.repeat([0, 1], len(P)))
    (a, b), c = teller.coef_[0], teller.intercept_[0]
    x = np.array([-4, 4.5])
    right.plot(x, -(a * x + c) / b, lw=3, color=plots.color("A-distance"), label="border")
    left.set_ylabel("feature 2")
    left.legend(loc="upper left")
    right.legend(loc="lower left")
    return fig
