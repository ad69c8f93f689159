"""What a prediction is worth where a false alarm and a miss cost differently: net benefit."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels
from tlbook._base.named import named


@named
def net_benefit(probabilities: Any, y: Any, thresholds: Any) -> np.ndarray:
    r"""Return the net benefit of treating whoever is above each threshold (a decision curve).

    .. math:: \mathrm{NB}(t) = \frac{\mathrm{TP}}{n} - \frac{\mathrm{FP}}{n}\,\frac{t}{1 - t}

    Whoever would treat from a probability of t on says by that how many false alarms one hit is
    worth: t / (1 − t) hits for one alarm. So the threshold states the costs, and the answer is in
    hits per patient without any false alarm. Treating nobody is worth 0, treating all is worth
    ``net_benefit(np.ones(n), y, thresholds)``: a model that lies below one of them is worse than no
    model.

    Parameters
    ----------
    probabilities : array of shape (n,)
        Of class 1.
    y : array of shape (n,)
        Labels 0 and 1.
    thresholds : number or array
        t, above 0 and below 1.

    Returns
    -------
    array of the shape of ``thresholds``

    Raises
    ------
    ValueError
        If shapes or values do not fit.

    References
    ----------
    Vickers and Elkin, Decision curve analysis: a novel method for evaluating prediction models,
    Medical Decision Making 2006.

    Examples
    --------
    >>> from tlbook.trust import net_benefit
    >>> net_benefit([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0], [0.2, 0.5]).tolist()
    [0.4375, 0.0]
    """
    p = check_array(probabilities, "probabilities", ndim=1, dtype=np.float64)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"probabilities: got {p.min():g} … {p.max():g}, want numbers in [0, 1]")
    labels = check_labels(y, len(p))
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f"y: got {np.unique(labels)[:4]}, want labels 0 and 1")
    t = check_array(thresholds, "thresholds", ndim=(0, 1), min_rows=0, dtype=np.float64)
    if not ((t > 0) & (t < 1)).all():
        raise ValueError(f"thresholds: got {thresholds!r}, want numbers above 0 and below 1")
    treated = p >= t[..., None]
    hits = (treated & (labels == 1)).mean(axis=-1)
    alarms = (treated & (labels == 0)).mean(axis=-1)
    return hits - alarms * t / (1 - t)
