"""The stored runs of the shift zoo, read for their tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tlbook.course.results import stored
from tlbook.diagnosis.bench import Expected
from tlbook.diagnosis.withheld import is_withheld

if TYPE_CHECKING:
    import pandas as pd

HARM = 1.0
"""Points: advice is harmful where the target's accuracy falls by more."""

FINAL = "diagnosis_fresh"
"""The half of the zoo that was drawn after the last rule of the report and examined once."""

EARLIER = "diagnosis_zoo"
"""The half on which the last rule was learned: to withhold some advice without labels."""


def zoo(name: str = FINAL, as_run: bool = False) -> pd.DataFrame:
    """Return a stored half of the zoo with the columns ``named_right`` and ``harmful`` added.

    Parameters
    ----------
    name : str
    as_run : bool
        With the advice of ``examine``. By default it is that of the report, which withholds an
        adaptation under a least bad assumption: a rule that was learned on ``EARLIER``.
    """
    frame = stored.load(name)
    frame["named_right"] = _is_right(frame)
    return _judged(frame, as_run)


def _judged(frame: pd.DataFrame, as_run: bool) -> pd.DataFrame:
    """Return the frame with the advice that counts, its gain and regret, and ``harmful``."""
    pairs = zip(frame.named, frame.labeled > 0, strict=True)
    if not as_run:
        withheld = [is_withheld(kind, labels) for kind, labels in pairs]
        frame.loc[withheld, ["advice", "gain", "expected_gain"]] = "none", 0.0, 0.0
        frame.loc[withheld, "regret"] = frame.best_gain[withheld]
    frame["harmful"] = frame.gain < -HARM
    return frame


def _is_right(frame: pd.DataFrame) -> pd.Series:
    """Return whether a report found one of the names that are right, which a stroke separates."""
    import pandas as pd

    pairs = zip(frame.named, frame.right_name, strict=True)
    return pd.Series([named in right.split(" / ") for named, right in pairs], frame.index)


def by_truth(name: str = FINAL) -> pd.DataFrame:
    """Return one row for each thing that was done to the target, and one for all tasks.

    Columns: tasks; named right; adaptations advised; advice that cost more than a point; mean gain
    of the advice, regret against the best remedy, largest loss (points); share of the expected-gain
    intervals that hold the true gain; mean error of three estimates of the accuracy (points).
    """
    import pandas as pd

    frame = zoo(name)
    rows = {str(truth): _row(part) for truth, part in frame.groupby("truth", sort=False)}
    return pd.DataFrame({**rows, "all": _row(frame)}).T


def record() -> pd.DataFrame:
    """Return the record of the report: names, advice, harm, and regret in points.

    One row for the final half, for its parts, and for what its advice was without the last rule;
    and two for the half on which that rule was learned. Harm has Wilson's 95 % interval, regret
    Student's. The last column is the share of expected-gain intervals that hold the true gain.
    """
    import pandas as pd

    final = zoo()
    runs = {
        "final half": final,
        "… no labels": final[final.labeled == 0],
        "… 60 labels": final[final.labeled > 0],
        "… named right": final[final.named_right],
        "… named wrong": final[~final.named_right],
        "… without the last rule": zoo(as_run=True),
        "earlier half": zoo(EARLIER),
        "… before that rule": zoo(EARLIER, as_run=True),
    }
    return pd.DataFrame({words: _summed_up(part) for words, part in runs.items()}).T


def _summed_up(part: pd.DataFrame) -> dict[str, object]:
    from tlbook.diagnosis.labels_say import wilson
    from tlbook.evaluation import t_interval

    harmed, found = int(part.harmful.sum()), t_interval(part.regret)
    low, high = wilson(harmed, len(part))
    return {
        "tasks": len(part),
        "named right": int(part.named_right.sum()),
        "advised": int((part.advice != "none").sum()),
        "harmful": harmed,
        "harmful (%)": f"{100 * part.harmful.mean():.1f} [{low:.1f}, {high:.1f}]",
        "regret (points)": f"{found.mean:.1f} [{found.low:.1f}, {found.high:.1f}]",
        "of never adapting": f"{part.best_gain.mean():.1f}",
        "gains covered (%)": f"{100 * part.covered.sum() / part.intervals.sum():.0f}",
    }


def _row(part: pd.DataFrame) -> dict[str, float]:
    judged = part.intervals.sum()
    return {
        "tasks": len(part),
        "named right": int(part.named_right.sum()),
        "advised": int((part.advice != "none").sum()),
        "harmful": int(part.harmful.sum()),
        "gain": round(part.gain.mean(), 2),
        "regret": round(part.regret.mean(), 2),
        "worst": round(part.gain.min(), 2),
        "covered": round(part.covered.sum() / judged, 3) if judged else float("nan"),
        "headline error": round((part.headline - part.accuracy).abs().mean(), 2),
        "ATC error": round((part.atc - part.accuracy).abs().mean(), 2),
        "DoC error": round((part.doc - part.accuracy).abs().mean(), 2),
    }


def course_runs(as_run: bool = False) -> pd.DataFrame:
    """Return the stored runs on the shifts of earlier chapters, ``right_name`` empty if unknown.

    Parameters
    ----------
    as_run : bool
        As in :func:`zoo`.
    """
    frame = stored.load("report_course_tasks")
    frame["right_name"] = frame.right_name.fillna("")
    frame["named_right"] = _is_right(frame).where(frame.right_name != "")
    return _judged(frame, as_run)


def course() -> pd.DataFrame:
    """Return one row for each shift of an earlier chapter: its eight runs in numbers."""
    import pandas as pd

    rows = {}
    for name, runs in course_runs().groupby("name", sort=False):
        named = runs.named_right.dropna()
        rows[str(name)] = {
            "named right": f"{int(named.sum())} of {len(named)}" if len(named) else "not known",
            "advised": int((runs.advice != "none").sum()),
            "lost": int(runs.harmful.sum()),
            "gain (points)": round(runs.gain.mean(), 1),
            "best remedy (points)": round(runs.best_gain.mean(), 1),
            "accuracy (%)": round(runs.accuracy.mean(), 1),
            "estimate off by": round((runs.headline - runs.accuracy).abs().mean(), 1),
        }
    return pd.DataFrame(rows).T.rename_axis("8 runs each")


EXPECTED = re.compile(r"(.+?) (\S+) (\S+) \[(\S+), (\S+)\] (\S+)")


def expectations(words: str) -> tuple[dict[str, Expected], dict[str, float]]:
    """Return what a stored row expected of each remedy, and what each truly gained (points)."""
    expected, true = {}, {"none": 0.0}
    for part in words.split("; ") if isinstance(words, str) else ():
        found = EXPECTED.fullmatch(part)
        assert found is not None
        gain, sure, low, high, truly = map(float, found.groups()[1:])
        expected[found[1]] = Expected(found[1], gain, low, high, sure)
        true[found[1]] = truly
    return expected, true


def by_rule(rule: Callable[[dict[str, Expected]], str], name: str = FINAL) -> list[float]:
    """Return the true gain of what a rule advises, task by task, in points.

    Parameters
    ----------
    rule : function
        Takes ``{remedy: Expected}``, which no target label has touched, and returns a remedy or
        "none".
    name : str
        A stored half of the zoo.

    Raises
    ------
    ValueError
        If the rule returns anything else.
    """
    gains = []
    for words in stored.load(name).expected:
        expected, true = expectations(words)
        chosen = rule(expected)
        if not isinstance(chosen, str) or chosen not in true:
            known = ", ".join(true)
            raise ValueError(f"rule: got {chosen!r}, want one of {known}")
        gains.append(true[chosen])
    return gains
