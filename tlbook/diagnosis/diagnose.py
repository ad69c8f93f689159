"""``diagnose``: from what a user has to a report."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.diagnosis.bench import Rehearsals, rehearse
from tlbook.diagnosis.buying import to_buy
from tlbook.diagnosis.counted_bench import CountedBench
from tlbook.diagnosis.findings import examine
from tlbook.diagnosis.listing import listing
from tlbook.diagnosis.report import Report
from tlbook.diagnosis.rows import Rows, read_rows, reduced
from tlbook.diagnosis.soundness import soundness
from tlbook.diagnosis.withheld import possible, prudent, unknown_accuracy

SHOWN = 150
"""Rows of each domain in the picture."""


@named
def diagnose(
    source: Any,
    target: Any,
    labeled: Any = None,
    kind: str = "auto",
    *,
    seconds: float = 120,
    rehearsals: int = 6,
    seed: int = 0,
    names: tuple[str, str] = ("source", "target"),
    quiet: bool = True,
    on: Any = None,
    folder: str | Path | None = None,
) -> Report:
    """Return a report on a labeled source and an unlabeled target.

    It answers, each with its evidence and with what it cannot know: are the data sound, is there a
    shift and of which kind, what will a source model score on the target, which remedy without
    target labels would help (or none), how many labels to buy and which. Nothing leaves the
    machine, unless ``on`` names others.

    Parameters
    ----------
    source : (X, y)
        Rows of the source and their class labels. X is an array (n, d) of numbers or a data frame,
        a list of n texts, or an array (n, channels, h, w) of pictures in [0, 1] or uint8.
    target : X
        Rows of the target, of the same kind.
    labeled : (X, y), optional
        Target rows with labels, drawn at random. Only they can show a concept shift.
    kind : {"auto", "numbers", "texts", "pictures"}
        Texts are embedded by MiniLM, pictures by the frozen network "signnet".
    seconds : float
        Budget of the rehearsals; the tests before them take some seconds more. What was left out
        is said.
    rehearsals : int
        At least 2, under each assumption that fits.
    seed : int
    names : pair of str
        What the domains are called in the report.
    quiet : bool
        Do not print the steps.
    on : {"local", "dask://HOST:PORT", "slurm"} or concurrent.futures.Executor, optional
        Where the rehearsals run (:func:`tlbook.scale.spread`); by default in this process.
    folder : str or Path, optional
        With ``on`` of several machines: a folder that all see. The rows lie there meanwhile.

    Returns
    -------
    Report
        ``.text()``, ``.json()``, ``.html()``, ``.save(folder)``; a notebook shows it.

    Raises
    ------
    ValueError
        If the data do not fit; one line names what is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.diagnosis import diagnose
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 300)
    >>> X = rng.normal(size=(300, 4)) + 2 * y[:, None]
    >>> drifted = 1.5 * X[rng.permutation(300)[:150]] + 3  # another zero and another unit
    >>> report = diagnose((X[:150], y[:150]), drifted, rehearsals=3)
    >>> report.shift
    'moved inputs'
    """
    check_positive(seconds, "seconds")
    if check_positive(rehearsals, "rehearsals", integer=True) < 2:
        raise ValueError(f"rehearsals: got {rehearsals}, want at least 2")
    from sklearn.exceptions import ConvergenceWarning

    say: Callable[[str], Any] = (lambda step: None) if quiet else _progress()
    say("turning into numbers")
    whole = read_rows(source, target, labeled, kind, seed)
    sound = soundness(whole.X, whole.labels, whole.target, whole.columns, whole.contents)
    sound = replace(sound, problems=(*whole.warnings, *sound.problems))
    rows = reduced(whole, seed)
    bench = CountedBench(_bench(on, folder))
    with warnings.catch_warnings():
        # Many small fits: one that stops a little early, or has fewer rows than kernel features,
        # is no news for the reader.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "n_components > n_samples", UserWarning)
        found = examine(
            (rows.X, rows.y),
            rows.target,
            rows.labeled,
            rehearsals=rehearsals,
            seconds=seconds,
            seed=seed,
            say=say,
            bench=bench,
        )
        found = prudent(possible(found), bench.fewest, rehearsals)
        say("labels to buy")
        buy = to_buy(
            found.model,
            found.fitted,
            (rows.X, rows.y),
            rows.target,
            rows.numbers,
            rows.labeled,
            50 if unknown_accuracy(found) else found.headline.value,
            seed,
        )
    say("")
    projected = rows.X.shape[1] if rows.X.shape[1] != whole.X.shape[1] else 0
    code = listing(found, rows.kind, projected)
    return Report(
        names,
        rows.kind,
        rows.columns,
        sound,
        found,
        buy,
        code,
        rows.notes,
        seed,
        _clouds(rows),
        bench.said(rehearsals, seconds),
        "" if on in (None, "local") else on if isinstance(on, str) else type(on).__name__,
    )


def _bench(on: Any, folder: str | Path | None) -> Callable[..., Rehearsals]:
    if on is None:
        return rehearse
    from tlbook.diagnosis.elsewhere import bench_on

    return bench_on(on, folder)


def _clouds(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return some rows of both domains on the first two principal components of both."""
    from sklearn.decomposition import PCA

    from tlbook.distances import standardize

    X, Xt = standardize(rows.X, rows.target)
    X, Xt = X[:: max(1, len(X) // SHOWN)], Xt[:: max(1, len(Xt) // SHOWN)]
    if X.shape[1] == 1:
        return tuple(np.hstack([Z, np.zeros((len(Z), 1))]) for Z in (X, Xt))  # type: ignore[return-value]
    pca = PCA(2, random_state=0).fit(np.concatenate([X, Xt]))
    return pca.transform(X), pca.transform(Xt)


def _progress() -> Callable[[str], None]:
    """Return what prints each step with the seconds since the start."""
    started = time.monotonic()

    def say(step: str) -> None:
        if step:
            print(f"{time.monotonic() - started:5.0f} s  {step} …", flush=True)

    return say
