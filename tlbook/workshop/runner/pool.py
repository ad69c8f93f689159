"""Jobs in parallel, each in a watched process; one that dies or hangs leaves the others alone."""

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

from tlbook.workshop.runner.claims import read_claims
from tlbook.workshop.runner.guard import guarded
from tlbook.workshop.runner.job import Job, Outcome
from tlbook.workshop.runner.process import Cancelled, Watched, kernel_environment, python_module

_HTML_SECONDS = 120.0
_POLL_SECONDS = 0.25


def usable_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_job(job: Job, cancel: Event) -> Outcome:
    """Execute one job in its own process and say what came of it; never raises for the job."""
    job.folder.mkdir(parents=True, exist_ok=True)
    part = job.folder / f".{job.name}.part.ipynb"
    for leftover in (job.executed, job.html, job.claim_log, part):
        leftover.unlink(missing_ok=True)
    spec = job.folder / f"{job.name}.job.json"
    measured_file = job.folder / f"{job.name}.measured"
    content = {
        "notebook": str(job.notebook.resolve()),
        "executed": str(part.resolve()),
        "html": str(job.html.resolve()) if job.with_html else None,
        "parameters": job.parameters,
        "measured_file": str(measured_file.resolve()),
        "runner": os.getpid(),
    }
    spec.write_text(json.dumps(content), encoding="utf-8")
    command = python_module("tlbook.workshop.runner.worker", str(spec))
    started = time.perf_counter()
    watched = Watched(command, kernel_environment(job.claim_log.resolve()), job.error_log)
    status = watched.wait(job.time_limit, cancel)
    seconds, peak_mib = time.perf_counter() - started, watched.peak_mib
    if measured_file.exists():  # by the worker itself, without the time that the HTML took
        seconds, peak_of_children = map(float, measured_file.read_text(encoding="utf-8").split())
        peak_mib = max(peak_mib, peak_of_children)
        measured_file.unlink()
    if part.exists() and _is_whole(part):  # the worker may have been killed while it wrote
        part.replace(job.executed)
    outcome = _outcome(job, status, seconds, peak_mib)
    if job.with_html and outcome.executed and not outcome.html:
        spec.write_text(json.dumps({**content, "executed": str(job.executed.resolve())}))
        _late_html(job, outcome, str(spec))
    part.unlink(missing_ok=True)
    spec.unlink(missing_ok=True)
    if outcome.status == "passed":
        job.error_log.unlink(missing_ok=True)
    return outcome


def _is_whole(notebook: Path) -> bool:
    try:
        json.loads(notebook.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _outcome(job: Job, status: int | None, seconds: float, peak_mib: float) -> Outcome:
    message, name = "", "passed"
    if status is None:
        name, message = "hung", f"stopped after {job.time_limit:g} seconds"
    elif status:
        name, message = "failed", _last_line(job) or f"the process ended with status {status}"
    try:
        claims = read_claims(job.claim_log)
    except ValueError as error:
        claims, name, message = [], "failed", str(error)
    return Outcome(
        name=job.name,
        status=name,
        seconds=seconds,
        peak_mib=peak_mib,
        claims=claims,
        executed=job.executed if job.executed.exists() else None,
        html=job.html if job.html.exists() else None,
        message=message,
    )


def _last_line(job: Job) -> str:
    lines = job.error_log.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]


def _late_html(job: Job, outcome: Outcome, spec: str) -> None:
    """Make the HTML of a partial notebook whose worker was killed."""
    command = python_module("tlbook.workshop.runner.worker", spec, "--html-only")
    log = job.folder / f"{job.name}.html.log"
    status = Watched(command, kernel_environment(None), log).wait(_HTML_SECONDS, Event())
    if status == 0 and job.html.exists():
        outcome.html = job.html
        log.unlink()


def run_jobs(
    jobs: Sequence[Job],
    workers: int,
    on_start: Callable[[Job], None] | None = None,
    on_end: Callable[[Outcome], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> list[Outcome]:
    """Run ``jobs``, at most ``workers`` at a time; return their outcomes in the order given.

    An interrupt (Ctrl-C) stops the running jobs and their kernels, then goes on upwards.
    """
    cancel = Event()

    def one(job: Job) -> Outcome:
        if cancel.is_set():
            raise Cancelled
        if on_start:
            on_start(job)
        outcome = run_job(job, cancel)
        if on_end:
            on_end(outcome)
        return outcome

    with guarded(), ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        futures: list[Future[Outcome]] = [pool.submit(one, job) for job in jobs]
        try:
            pending = set(futures)
            while pending:
                _, pending = wait(pending, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
                if on_tick:
                    on_tick()
        except KeyboardInterrupt:
            cancel.set()
            raise
    return [future.result() for future in futures]
