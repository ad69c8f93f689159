"""``--on``: studies and chapters on other processes, machines or a cluster.

A worker has a clone of its own: a job carries the name of the study or chapter, parameters and
the version of the code, and a worker of another version refuses it.
"""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from tlbook.course import chapters, studies
from tlbook.course.results.stored import machine_words
from tlbook.course.studies.jobs import _on_one_thread, words
from tlbook.scale import Call, Done, spread
from tlbook.workshop.runner.job import Job, Outcome
from tlbook.workshop.runner.pool import run_job

if TYPE_CHECKING:
    import pandas as pd

FILES = ("executed", "html", "claim_log", "error_log")


class CasesFailed(RuntimeError):
    """Cases of a study have no row; the message ends with the traceback of the first."""


def run_study(name: str, on: str, folder: Path | None = None) -> "pd.DataFrame":
    """Return the table of a study, made by the processes that ``on`` names.

    Its ``attrs`` say for the record on what machines, and how many seconds all cases took.

    Raises
    ------
    CasesFailed
        If a case failed twice: a table with a hole is not stored. The other rows are kept, and the
        same command again runs that case alone.
    """
    import pandas as pd

    study = studies.get(name)
    work = [(part.trial, case) for part in (study, *study.others) for case in part.listed()]
    calls = [
        Call(
            f"{name} {k}: {words({key: _plain(value) for key, value in case.items()})}",
            _on_one_thread,
            {"function": trial, "case": case, "sample": None},
        )
        for k, (trial, case) in enumerate(work)
    ]
    done = spread(calls, on, folder=folder, progress=True, sources=[trial for trial, _ in work])
    _all_good(done)
    frame = pd.DataFrame([row for each in done for row in each.value])
    frame.attrs = {
        "machine": f"{_where(done)}; asked by {machine_words()}",
        "seconds": sum(each.seconds for each in done),
    }
    return frame


def _where(done: Sequence[Done]) -> str:
    """Return how many processes of how many machines worked; "address (host:process)" is one."""
    names = {each.worker.split("(")[-1].rstrip(")") for each in done}
    hosts = {name.rpartition(":")[0] for name in names}
    processes, machines = len(names), len(hosts)
    return (
        f"{processes} process{'es' * (processes > 1)} on {machines} machine{'s' * (machines > 1)}"
    )


def _plain(value: Any) -> Any:
    return getattr(value, "__qualname__", value)


def _all_good(done: Sequence[Done]) -> None:
    failed = [each for each in done if each.error]
    if failed:
        raise CasesFailed(
            f"{len(failed)} of {len(done)} cases failed, the first of them {failed[0].name}:\n"
            f"{failed[0].error}"
        )


def run_jobs_on(on: str, jobs: Sequence[Job]) -> list[Outcome]:
    """Execute chapters elsewhere; their files come back into the folder of the run."""
    calls = []
    for job in jobs:
        arguments = {
            "stem": job.notebook.stem,
            "sha256": _sha256(job.notebook),
            "parameters": job.parameters,
            "limit": job.time_limit,
        }
        calls.append(Call(job.name, run_chapter, arguments))
    done = spread(calls, on, progress=True, unit="chapter")
    return [_outcome(job, each) for job, each in zip(jobs, done, strict=True)]


def run_chapter(stem: str, sha256: str, parameters: dict[str, Any], limit: float) -> dict[str, Any]:
    """Execute the chapter of this machine's clone; return the outcome and its files as text."""
    notebook = chapters.find(stem).path
    if _sha256(notebook) != sha256:
        raise ValueError(f"chapter: {stem} is another notebook on this machine")
    with tempfile.TemporaryDirectory() as folder:
        job = Job(stem, notebook, Path(folder), parameters, limit)
        outcome = run_job(job, Event())
        texts = {
            name: getattr(job, name).read_text(encoding="utf-8")
            for name in FILES
            if getattr(job, name).is_file()
        }
        content = replace(outcome, executed=None, html=None).as_dict()
    return {"outcome": content, "files": texts}


def _outcome(job: Job, done: Done) -> Outcome:
    job.folder.mkdir(parents=True, exist_ok=True)
    if done.error:
        last = done.error.strip().splitlines()[-1]
        job.error_log.write_text(done.error, encoding="utf-8")
        return Outcome(job.name, "failed", done.seconds, 0.0, [], None, None, last)
    for name, text in done.value["files"].items():
        getattr(job, name).write_text(text, encoding="utf-8")
    outcome = Outcome(**done.value["outcome"])
    outcome.executed = job.executed if job.executed.is_file() else None
    outcome.html = job.html if job.html.is_file() else None
    return outcome


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
