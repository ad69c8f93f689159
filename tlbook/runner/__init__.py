"""Execute chapters headless: each in its own process and kernel, with a time limit."""

from tlbook.runner.claims import read_claims
from tlbook.runner.job import Job, Outcome, RunOptions
from tlbook.runner.pool import run_jobs
from tlbook.runner.report import load_latest, save_report
from tlbook.runner.select import make_jobs, run_chapters

__all__ = [
    "Job",
    "Outcome",
    "RunOptions",
    "load_latest",
    "make_jobs",
    "read_claims",
    "run_chapters",
    "run_jobs",
    "save_report",
]
