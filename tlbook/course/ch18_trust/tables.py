"""The stored studies of leaks, privacy, clinics, calibration and coverage, read for the notebook.

Arrays are sorted by seed or repetition, so that two of them pair up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import stored
from tlbook.evaluation import paired_test, t_interval

if TYPE_CHECKING:
    import pandas as pd

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""False positive rates at which ``membership`` measured."""


def _rows(study: str, **where: Any) -> pd.DataFrame:
    """Return the rows of a study that have these values.

    Raises
    ------
    ValueError
        If a column is unknown or no row is left.
    """
    frame = stored.load(study)
    for name, value in where.items():
        check_choice(name, "column", tuple(frame.columns))
        frame = frame[frame[name] == value]
    if not len(frame):
        raise ValueError(f"where: got {where}, which {study} does not have")
    return frame.sort_values("repetition" if "repetition" in frame else "seed")


def interval(values: Any, digits: int = 1, scale: float = 100.0) -> str:
    """Return mean and 95 % interval as text, in percent."""
    found = t_interval(scale * np.asarray(values, dtype=float))
    low, mean, high = (round(v, digits) + 0.0 for v in (found.low, found.mean, found.high))
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def difference(a: Any, b: Any) -> str:
    """Return the paired difference of two arrays with its interval, in points."""
    found = paired_test(100 * np.asarray(a), 100 * np.asarray(b))
    return f"{found.effect:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"


# -- membership -----------------------------------------------------------------------------------


def leak(
    arm: str, steps: int, column: str = "found_0.01", decay: float = 0.0, rows: int = 200
) -> np.ndarray:
    """Return a column of ``membership`` over the seeds.

    Raises
    ------
    ValueError
        If there is no such run or column.
    """
    frame = _rows("membership", arm=arm, steps=steps, decay=decay, rows=rows)
    return frame[check_choice(column, "column", tuple(frame.columns))].to_numpy()


def roc(arm: str, steps: int) -> np.ndarray:
    """Return the shares of members found at each of ``RATES``, (seeds, rates)."""
    return np.stack([leak(arm, steps, f"found_{rate:g}") for rate in RATES], axis=1)


# -- privacy --------------------------------------------------------------------------------------


def private(task: str, kind: str, epsilon: float) -> np.ndarray:
    """Return the accuracies of ``private_transfer`` over the seeds."""
    where = {"task": task, "kind": kind, "epsilon": epsilon}
    return _rows("private_transfer", **where).accuracy.to_numpy()


# -- clinics --------------------------------------------------------------------------------------


def clinics(
    split: str, start: str = "random", local_steps: int = 20, proximal: float | None = 0.0
) -> pd.DataFrame:
    """Return the rows of ``federated`` at the rate that its held-back rows chose, by seed.

    ``proximal=None`` lets the held-back rows choose the strength of the proximal term, too.
    """
    frame = _rows("federated", split=split, start=start, local_steps=local_steps)
    frame = frame[frame.proximal > 0] if proximal is None else frame[frame.proximal == proximal]
    chosen = frame.groupby(["rate", "proximal"]).held_back.mean().idxmax()
    frame = frame[(frame.rate == chosen[0]) & (frame.proximal == chosen[1])]
    return frame.sort_values("seed", ignore_index=True)


CLINICS: dict[str, dict[str, Any]] = {
    "all rows in one place": {"split": "together"},
    "FedAvg, clinics alike": {"split": "alike"},
    "FedAvg, two digits each": {"split": "two digits each"},
    "FedProx, two digits each": {"split": "two digits each", "proximal": None},
    "average after 5 steps": {"split": "two digits each", "local_steps": 5},
    "average after 1 step": {"split": "two digits each", "local_steps": 1},
    "start from letters": {"split": "two digits each", "start": "letters"},
    "letters, head only": {"split": "two digits each", "start": "letters, frozen"},
    "start from letters, clinics alike": {"split": "alike", "start": "letters"},
}


def clinics_table() -> pd.DataFrame:
    """Return for each arm its averages, the chosen rate, accuracy, and what it loses."""
    import pandas as pd

    whole = clinics("together").accuracy
    rows = {}
    for name, where in CLINICS.items():
        found = clinics(**where)
        first = found.iloc[0]
        rows[name] = {
            "averages": "none" if where["split"] == "together" else 200 // first.local_steps,
            "rate": first.rate,
            "accuracy (%)": interval(found.accuracy),
            "minus one place (points)": difference(found.accuracy, whole),
        }
    rows["all rows in one place"]["minus one place (points)"] = "the control"
    return pd.DataFrame.from_dict(rows, orient="index")


# -- calibration ----------------------------------------------------------------------------------


def calibration(domain: str, arm: str, column: str = "error") -> np.ndarray:
    """Return a column of ``calibration_shift`` over the seeds."""
    return _rows("calibration_shift", domain=domain, arm=arm)[column].to_numpy()


def calibration_table() -> pd.DataFrame:
    """Return accuracy, confidence, calibration error and its chance level for each arm."""
    import pandas as pd

    frame = stored.load("calibration_shift")
    rows = {}
    for domain, arm in frame[["domain", "arm"]].drop_duplicates().itertuples(index=False):
        mean = {
            name: 100 * calibration(domain, arm, column).mean()
            for name, column in (
                ("accuracy (%)", "accuracy"),
                ("confidence (%)", "confidence"),
                ("error by chance", "by_chance"),
            )
        }
        rows["three classes" if domain == "bells" else domain, arm] = {
            "temperature": round(calibration(domain, arm, "temperature").mean(), 2),
            **{name: round(value, 1) for name, value in mean.items()},
            "calibration error (points)": interval(calibration(domain, arm)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


# -- coverage -------------------------------------------------------------------------------------


def covered(
    case: str, weights: str, shift: float | None = None, column: str = "coverage"
) -> np.ndarray:
    """Return a column of ``conformal_shift`` over its repetitions."""
    where: dict[str, Any] = {"case": case, "weights": weights}
    if shift is not None:
        where["shift"] = shift
    return _rows("conformal_shift", **where)[column].to_numpy()


def coverage_table() -> pd.DataFrame:
    """Return coverage without and with weights, infinite sets and effective rows, by shift."""
    import pandas as pd

    shifts = (0.0, 0.5, 1.0, 1.5, 2.0)
    cases: dict[str, tuple[str, str, str, float | None]] = {
        f"inputs, shift {shift:g}": ("covariate", "none", "true", shift) for shift in shifts
    }
    cases |= {
        "P(Y given X) changes": ("concept", "none", "true", 0.0),
        "class shares change": ("label", "none", "estimated", None),
        "print → print": ("digits", "print", "", None),
        "print → handwriting": ("digits", "handwriting", "handwriting, weighted", None),
    }
    rows = {}
    for name, (case, plain, weighted, shift) in cases.items():
        row = {"plain (%)": interval(covered(case, plain, shift))}
        if weighted:
            infinite, effective = (
                covered(case, weighted, shift, column).mean()
                for column in ("infinite", "effective")
            )
            row["weighted (%)"] = interval(covered(case, weighted, shift))
            row["infinite (%)"] = f"{100 * infinite:.1f}"
            row["effective rows"] = "" if np.isnan(effective) else f"{effective:.0f} of 400"
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").fillna("")
