"""Execute chapters headless: each in its own process and kernel, with a time limit."""

from tlbook.workshop.runner.claims import read_claims
from tlbook.workshop.runner.job import Job, Outcome, RunOptions
from tlbook.workshop.runner.pool import run_jobs
from tlbook.workshop.runner.report import load_latest, save_report
from tlbook.workshop.runner.select import make_jobs, run_chapters

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
