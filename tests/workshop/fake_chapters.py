"""Tiny notebooks that stand in for chapters."""

import json
from pathlib import Path

import nbformat


def claim_cell(effect: str = "2.0", margin: float = 1.0, mark: str = "'✓'") -> str:
    """Return a cell that records one claim; ``effect`` and ``mark`` are expressions."""
    fields = {"form": "margin", "text": "a beats b", "low": 0.1, "high": 9.0, "margin": margin}
    fields |= {"unit": "points", "n": 3, "over": "seeds"}
    return (
        "import json, os\n"
        f"record = dict({json.dumps(fields)}, effect={effect}, mark={mark})\n"
        'with open(os.environ["TLBOOK_CLAIM_LOG"], "a", encoding="utf-8") as log:\n'
        '    log.write(json.dumps(record) + "\\n")'
    )


def write_notebook(
    folder: Path, name: str, *cells: str, tags: dict[int, str] | None = None
) -> Path:
    """Write a notebook with a parameters cell and the given code cells."""
    folder.mkdir(parents=True, exist_ok=True)
    first = nbformat.v4.new_code_cell(
        'seed = 0\nbudget = "quick"\ndevice = "auto"\nextra = "none"\nrates = [0.1]\nrate = 0.5'
    )
    first.metadata["tags"] = ["parameters"]
    made = [nbformat.v4.new_code_cell(source) for source in cells]
    for place, tag in (tags or {}).items():
        made[place].metadata["tags"] = [tag]
    notebook = nbformat.v4.new_notebook(cells=[first, *made])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path
