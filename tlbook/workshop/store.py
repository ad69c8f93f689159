"""``tlbook store``: execute a chapter and put clean outputs back into ``notebooks/``.

A stored notebook comes from one run from top to bottom and says nothing about the machine that
ran it, so that two people who store the same chapter change the same few lines.
"""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tlbook.course import chapters
from tlbook.workshop.runner.process import kernel_environment
from tlbook.workshop.saved import without_widget_views
from tlbook.workshop.whole import write_text

TIME_LIMIT = 900
SIZE_WARNING = 1_000_000

_KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
_KEPT_CELL_METADATA = ("tags", "jupyter", "slideshow", "editable", "deletable")
_MACHINE_NOTEBOOK_METADATA = ("widgets", "papermill", "jupytext", "vscode", "signature")

# An absolute path of two or more parts, not the inside of a web address, a tag or a fraction.
_POSIX_PATH = re.compile(r"(?<![\w.:/<>)\]}~*-])/(?:[\w.+@-]+/)+[\w.+@-]*")
_WINDOWS_PATH = re.compile(r"(?<!\w)[A-Za-z]:\\\\?\w")
_PACKED = re.compile(r"(?<=;base64,)[\w+/=]+")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_WARNING = re.compile(r"\b[A-Z]\w*Warning\b:")


class StoreError(ValueError):
    """A notebook whose outputs may not be stored; the message lists every reason."""


def find_notebook(key: str) -> Path:
    """Return the notebook named by a path, a chapter number or a stem, finished or not.

    Raises
    ------
    ValueError
        If there is none.
    """
    if key.endswith(".ipynb") and Path(key).is_file():
        return Path(key)
    folder = chapters.root() / "notebooks"
    matches = sorted({*folder.glob(f"{key.zfill(2)}_*.ipynb"), *folder.glob(f"{key}.ipynb")})
    if len(matches) != 1:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.ipynb"))) or "none yet"
        raise ValueError(f"chapter: got {key!r}, want one of: {known}")
    return matches[0]


def _text_of(output: Any) -> str:
    """Return what a reader sees of an output as text; pictures and sounds are not text."""
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return "\n".join(output.traceback)
    data = output.get("data", {})
    text = "\n".join(
        str(value)
        for kind, value in data.items()
        if kind.startswith("text/") or kind == "image/svg+xml"
    )
    return _PACKED.sub("", text)  # letters and slashes by chance, as in a path


def find_problems(notebook: Any) -> list[str]:
    """Return one line for each output that must not be stored."""
    problems = []
    own = (str(Path.home()), tempfile.gettempdir(), str(chapters.root()))
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            where, text = f"cell {index}", _text_of(output)
            if output.output_type == "error":
                problems.append(f"{where}: raised {output.ename}: {output.evalue}")
                continue
            if output.output_type == "stream" and output.name == "stderr":
                problems.append(f"{where}: wrote to stderr: {text.strip()[:80]!r}")
            elif found := _WARNING.search(text):
                problems.append(f"{where}: shows a warning: {text[found.start() :][:80]!r}")
            path = _POSIX_PATH.search(text) or _WINDOWS_PATH.search(text)
            if path or any(len(name) > 1 and name in text for name in own):
                shown = path.group() if path else "a folder of this machine"
                problems.append(f"{where}: shows a machine path: {shown[:80]!r}")
            if found := _ADDRESS.search(text):
                problems.append(f"{where}: shows a memory address: {found.group()!r}")
    return problems


def _clean_outputs(cell: Any, count: int) -> list[Any]:
    kept: list[Any] = []
    for output in without_widget_views(cell.outputs):
        if output.output_type == "stream":
            if not output.text:
                continue
            last = kept[-1] if kept else None
            if last is not None and last.output_type == "stream" and last.name == output.name:
                last.text += output.text
                continue
        elif output.output_type in ("display_data", "execute_result"):
            if not any(output.data.values()):
                continue
            output.metadata = {
                kind: value for kind, value in output.metadata.items() if kind in output.data
            }
            output.pop("transient", None)
            if output.output_type == "execute_result":
                output.execution_count = count
        kept.append(output)
    return kept


def _cell_id(source: str, taken: set[str]) -> str:
    for repeat in range(1000):
        digest = hashlib.sha256(f"{repeat}:{source}".encode()).hexdigest()[:8]
        if digest not in taken:
            return digest
    raise StoreError("cell: the same source occurs a thousand times")


def normalize(notebook: Any) -> Any:
    """Return the notebook as it is stored: nothing of the machine, ids that follow from the text.

    The same executed notebook always gives the same file, and a stored one is left as it is.
    """
    import nbformat

    notebook = nbformat.from_dict(notebook)
    for key in _MACHINE_NOTEBOOK_METADATA:
        notebook.metadata.pop(key, None)
    notebook.metadata.update(kernelspec=_KERNELSPEC, language_info=_LANGUAGE)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    count = 0
    for cell in notebook.cells:
        cell.metadata = {k: cell.metadata[k] for k in _KEPT_CELL_METADATA if k in cell.metadata}
        cell.id = _cell_id(cell.source, taken)
        taken.add(cell.id)
        if cell.cell_type == "code":
            count += bool(cell.source.strip())
            cell.execution_count = count if cell.source.strip() else None
            cell.outputs = _clean_outputs(cell, count)
    return nbformat.from_dict(notebook)


def execute(path: Path, time_limit: float = TIME_LIMIT) -> Any:
    """Run a notebook at its default parameters in a fresh kernel; return it with its outputs."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=int(time_limit),
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        allow_errors=True,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    # What the kernel process itself says (not the cells) is no output of the notebook.
    return client.execute(env=kernel_environment(None, strict=True), stderr=subprocess.DEVNULL)


def store(path: Path, write: bool = True, time_limit: float = TIME_LIMIT) -> int:
    """Execute a chapter and write it back with clean outputs; return its size in bytes.

    Raises
    ------
    StoreError
        If a cell fails, warns, writes to stderr, shows a machine path or breaks a claim. The
        stored file is then left as it was.
    """
    import nbformat

    finished = normalize(execute(path, time_limit))
    if problems := find_problems(finished):
        raise StoreError("\n".join([f"{path.name} is not stored:", *problems]))
    content = nbformat.writes(finished) + "\n"
    if write:
        write_text(path, content)
    return len(content.encode())
