"""Confirm a stored result: run a random sample of its jobs again and compare every number.

The code behind a long study may change without changing its numbers: a file is split, the loop gets
an option. Then the fingerprint says "out of date" and hours of computing would give the same table.
A sample of the jobs, drawn anew each time, that comes out the same to the last digit is good
evidence; one number that does not is proof of the opposite.
"""

from __future__ import annotations

import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from tlbook.course.results import stored

if TYPE_CHECKING:
    import pandas as pd

TIMES = ("seconds", "milliseconds")
"""Columns whose name ends in one of these are measured times, which never come out the same."""


class Unconfirmed(RuntimeError):
    """A job of the sample gave other numbers than the stored table has."""


def different_rows(old: pd.DataFrame, new: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the rows of ``new``, as texts, that ``old`` does not have; times do not count.

    Raises
    ------
    ValueError
        If the tables have different columns or ``new`` is empty.
    """
    old, new = _as_text(old), _as_text(new)
    if len(new) == 0:
        raise ValueError("new: got an empty table, want the rows of at least one job")
    if missing := set(new.columns) - set(old.columns):
        raise ValueError(f"new: got the columns {sorted(missing)}, which the stored table lacks")
    # A sample may lack a column that only other jobs fill.
    columns = [c for c in old.columns if c in new.columns and not c.endswith(TIMES)]
    known = set(old[columns].itertuples(index=False, name=None))
    return [row for row in new[columns].itertuples(index=False, name=None) if row not in known]


def confirm(
    name: str, sample: pd.DataFrame, jobs: int, fingerprint: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Compare a sample with the stored table; on success the record takes today's fingerprint.

    Parameters
    ----------
    name : str
        A stored result.
    sample : pandas.DataFrame
        What the sampled jobs gave with the present code.
    jobs : int
        How many jobs that were.
    fingerprint : dict
        Of the study, today.
    seed : int
        Seed by which the sample was drawn.

    Returns
    -------
    dict
        The new record. ``confirmed`` lists what was run again and when; ``date`` and ``versions``
        stay those of the whole run.

    Raises
    ------
    Unconfirmed
        If a row differs: the study has to be run again.
    """
    path = stored._existing(name)
    record = stored.info(name)
    if wrong := different_rows(_read(path.read_text(encoding="utf-8")), sample):
        raise Unconfirmed(
            f"stored result {name!r}: {len(wrong)} of {len(sample)} rows came out different, the "
            f"first is {', '.join(wrong[0])}. Make it again: {record['command']}"
        )
    entry = {"date": date.today().isoformat(), "jobs": jobs, "rows": len(sample), "seed": seed}
    record["confirmed"] = [*record.get("confirmed", []), entry]
    record = record | fingerprint
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    stored._write(path.with_suffix(".json"), text)
    return record


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    return _read(frame.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _read(text: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
