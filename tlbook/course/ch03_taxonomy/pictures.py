"""The picture of experiment 2 in chapter 03: two lines on a curve, and where the target lives."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tlbook import plots


@plots.styled
def two_lines(task: Any, weights: np.ndarray, plain: Any, weighted: Any) -> Figure:
    """Draw the source with its weights as dot sizes, both fitted lines and the target's range.

    Parameters
    ----------
    task : Task
        One input, one real output.
    weights : array of shape (n_source,)
    plain, weighted : fitted regressors
        Without and with the weights.
    """
    X, T = task.source.X, task.target.X
    fig, ax = plots.figure("The weighted line follows the curve where the target lives")
    sizes = 4 + 12 * weights / weights.mean()
    ax.scatter(X, task.source.y, s=sizes, color=plots.color("source"), alpha=0.5, lw=0)
    ends = np.array([[min(X.min(), T.min())], [max(X.max(), T.max())]])
    for name, line, dashes in (("plain", plain, "--"), ("weighted", weighted, "-")):
        ax.plot(ends, line.predict(ends), dashes, color="#222222", label=f"{name} line")
    low, high = np.quantile(T, [0.05, 0.95])
    ax.axvspan(low, high, color=plots.color("target"), alpha=0.12, label="90 % of target inputs")
    ax.set(xlabel="input x", ylabel="output y (dot size: weight)")
    ax.legend()
    return fig
