"""The transfer report: what a labeled source and an unlabeled target say about each other."""

from tlbook.diagnosis.findings import Findings, examine

__all__ = ["Findings", "examine"]
