"""Find what the chapter folders hold, by the names of the files: nothing is imported for it."""

from pathlib import Path

HERE = Path(__file__).parent


def modules(*patterns: str) -> dict[str, str]:
    """Return ``{file stem: module}`` for the files of the course that fit a pattern, sorted.

    Parameters
    ----------
    *patterns : str
        As ``"ch*/widget/*.py"``, from the folder of the course. Names that begin with an
        underscore are helpers and left out.

    Raises
    ------
    ValueError
        If two files share a name: it could not say which of them is meant.
    """
    found: dict[str, str] = {}
    for path in sorted(path for pattern in patterns for path in HERE.glob(pattern)):
        if path.stem.startswith("_"):
            continue
        module = ".".join((__package__, *path.relative_to(HERE).with_suffix("").parts))
        if found.setdefault(path.stem, module) != module:
            raise ValueError(f"patterns: {path.stem} is both {found[path.stem]} and {module}")
    return dict(sorted(found.items()))


def chapter_modules(name: str) -> dict[str, str]:
    """Return ``{"ch00": module, ...}`` for the chapters whose folder has the file ``name.py``.

    A number may carry a letter, as in ``"ch19b"``.
    """
    return {
        path.parent.name.split("_")[0]: f"{__package__}.{path.parent.name}.{name}"
        for path in sorted(HERE.glob(f"ch[0-9][0-9]*_*/{name}.py"))
    }
