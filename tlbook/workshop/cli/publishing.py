"""``tlbook site``."""

from pathlib import Path
from typing import Annotated

import typer

from tlbook.workshop.cli.app import app, finish, made


@app.command()
def site(
    out: Annotated[Path | None, typer.Option(help="Folder; site/ in the clone if not set.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Compute no experiment; those stored still move.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Only bring data/moving up to date (for maintainers).")
    ] = False,
) -> None:
    """Build the course as pages that need no kernel and no network (site/html)."""
    from tlbook.workshop.site import computing
    from tlbook.workshop.site.build import build, places

    folder, cache = places()
    if keep:
        computing.keep(cache, tell=lambda line: print(line, flush=True))
        return
    names: tuple[str, ...] | None = () if quick else None
    built = build(made(out or folder), cache, names, tell=lambda line: print(line, flush=True))
    for line in (*built.warnings, *built.broken):
        print(f"✗ {line}")
    if built.still:
        print(f"note: without movement: {', '.join(built.still)}")
    print(f"{built.folder / 'index.html'}: built in {built.seconds:.0f} s")
    finish(not built.warnings and not built.broken)
