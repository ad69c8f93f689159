"""``tlbook clean``: delete what tools and runs left behind, never the learner's work."""

import argparse
import shutil

from tlbook.workshop.bootstrap.project import Project, SetupError, runs_inside

_CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".benchmarks")
_KEPT = {".venv", ".git", "workbook", "wheels"}


def clean(project: Project, everything: bool = False) -> list[str]:
    """Delete caches, executed copies and, with ``everything``, ``.venv``; return what went.

    What cannot be deleted is left, and the rest goes; only ``.venv`` is all or an error.
    """
    doomed = [
        project.root / name for name in (*_CACHES, "build", "runs", "site/html", "site/source")
    ]
    doomed += project.root.glob("*.egg-info")
    for name in ("__pycache__", ".ipynb_checkpoints"):
        doomed += [
            path
            for path in project.root.rglob(name)
            if not _KEPT & set(path.relative_to(project.root).parts)
        ]
    if everything:
        doomed.append(project.venv)
    found = [path for path in doomed if path.exists() or path.is_symlink()]
    for path in found:
        if path.is_symlink():  # what it leads to is not ours
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=path != project.venv)
    return [path.relative_to(project.root).as_posix() for path in found if not path.exists()]


def clean_command(project: Project, argv: list[str]) -> int:
    """Run ``tlbook clean [--all]``."""
    parser = argparse.ArgumentParser(
        prog="tlbook clean",
        description="Delete caches and executed copies (runs/). workbook/ is never touched.",
    )
    parser.add_argument("--all", action="store_true", help="also delete .venv")
    options = parser.parse_args(argv)
    if options.all and runs_inside(project):
        raise SetupError("--all deletes this very Python: run 'python3 -m tlbook clean --all'")
    try:
        removed = clean(project, options.all)
    except OSError as error:
        raise SetupError(
            f"cannot delete {error.filename}: close the notebooks that use it, then try again"
        ) from None
    print(f"deleted: {', '.join(removed)}" if removed else "nothing to delete")
    return 0
