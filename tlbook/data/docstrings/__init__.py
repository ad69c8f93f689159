"""docstrings: real English text of the installed libraries, six topics, NumPy and SciPy → torch."""

from tlbook.data.docstrings.task import load_docstrings

__all__ = ["load_docstrings"]
