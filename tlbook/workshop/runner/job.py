"""What is to be run and what came of it."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tlbook.workshop.runner.claims import count_marks

#: Seconds after which a chapter counts as hung, by budget.
TIME_LIMITS = {"quick": 600.0, "full": 4 * 3600.0}


@dataclass(frozen=True)
class RunOptions:
    """The options of ``tlbook run``."""

    budget: str = "quick"
    seed: int = 0
    device: str = "auto"
    parameters: dict[str, Any] = field(default_factory=dict)
    jobs: int | None = None
    timeout: float | None = None
    on: str | None = None

    @property
    def time_limit(self) -> float:
        return self.timeout if self.timeout is not None else TIME_LIMITS[self.budget]


@dataclass(frozen=True)
class Job:
    """One notebook to execute: where it is, where its results go, and how long it may take."""

    name: str
    notebook: Path
    folder: Path
    parameters: dict[str, Any]
    time_limit: float
    with_html: bool = True

    @property
    def executed(self) -> Path:
        return self.folder / f"{self.name}.ipynb"

    @property
    def html(self) -> Path:
        return self.folder / f"{self.name}.html"

    @property
    def claim_log(self) -> Path:
        return self.folder / f"{self.name}.claims.jsonl"

    @property
    def error_log(self) -> Path:
        return self.folder / f"{self.name}.log"


@dataclass
class Outcome:
    """What became of one job: ``status`` is ``"passed"``, ``"failed"`` or ``"hung"``."""

    name: str
    status: str
    seconds: float
    peak_mib: float
    claims: list[dict[str, Any]]
    executed: Path | None
    html: Path | None
    message: str = ""

    @property
    def marks(self) -> dict[str, int]:
        """How many claims are ✓, ~ and ✗."""
        return count_marks(self.claims)

    @property
    def broken(self) -> int:
        """How many claims did not hold (✗)."""
        return self.marks["✗"]

    @property
    def good(self) -> bool:
        return self.status == "passed" and not self.broken

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON can hold it."""
        content = asdict(self)
        for key in ("executed", "html"):
            content[key] = str(content[key]) if content[key] else None
        return content
