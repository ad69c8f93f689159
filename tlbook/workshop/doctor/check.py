"""What one check of the doctor found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing looked at: is it well, what was found, and what to do if it is not.

    A check that is not ``required`` is advice: it does not make the doctor fail.
    """

    name: str
    ok: bool
    detail: str
    cure: str = ""
    required: bool = True

    def __post_init__(self) -> None:
        if not self.ok and not self.cure:
            raise ValueError(f"cure: check {self.name!r} found a fault and names no cure")
