"""``tlbook recipe``: the whole programs of the chapters, on your own data."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tlbook.workshop.cli.app import app


@app.command()
def recipe(
    name: Annotated[str | None, typer.Argument(help="Which; all are listed if left out.")] = None,
    data: Annotated[Path | None, typer.Option(help="Your pictures, CSV or text file.")] = None,
    target: Annotated[Path | None, typer.Option(help="The same of a second domain.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for script, checkpoints and model; runs/NAME.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="embedded, or the real ones.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int | None, typer.Option(min=0)] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")] = None,
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Another option.")
    ] = None,
    sharded: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Share the network among N processes (bert)."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the script, run nothing.")] = False,
) -> None:
    """Run a chapter's whole program on your own data; run again, it goes on where it stopped."""
    from tlbook.workshop import recipes

    if name is None:
        list_recipes()
        return
    options: dict[str, Any] = {"data": data, "target": target, "weights": weights}
    options |= {"epochs": epochs, "seed": seed, "device": device}
    for pair in assign or []:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ValueError(f"--set: got {pair!r}, want KEY=VALUE")
        options[key] = recipes.literal(value)
    if show:
        print(recipes.script(name, sharded=sharded is not None, out=out, **options), end="")
        return
    raise typer.Exit(recipes.run(name, out or Path("runs") / name, processes=sharded, **options))


def list_recipes() -> None:
    """Print one line for each recipe: its name, its chapter, what it does."""
    from tlbook.workshop.recipes import recipes

    found = recipes()
    width = max(map(len, found), default=0)
    for each in found.values():
        number = each.notebook.name.split("_")[0]
        print(f"{each.name:{width}}  chapter {number}  {each.line}".rstrip())
    if not found:
        print("There is no recipe in these notebooks.")
