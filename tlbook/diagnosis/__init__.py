"""The transfer report (chapter 20): what a source and an unlabeled target say about each other.

``diagnose`` takes arrays, texts or pictures, ``diagnose_files`` what lies on the disk; ``examine``
gives the findings without words.
"""

from tlbook.diagnosis.diagnose import diagnose
from tlbook.diagnosis.files import diagnose_files
from tlbook.diagnosis.findings import Findings, examine
from tlbook.diagnosis.report import Report

__all__ = ["Findings", "Report", "diagnose", "diagnose_files", "examine"]
