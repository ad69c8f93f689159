"""Every link, picture and script of a built site leads to a file and an anchor of the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {
    ("img", "src"), ("script", "src"), ("link", "href"), ("source", "src"), ("iframe", "src"),
    ("section", "data-pack"),
}  # fmt: skip
"""What a page loads by itself; the other links wait for a click and may lead outside."""


@dataclass
class Page(HTMLParser):
    """The links and anchors of one page."""

    links: list[tuple[str, str, str]] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(value or "")
            elif (tag, name) in LOADED or (tag, name) == ("a", "href"):
                self.links.append((tag, name, value or ""))


def problems(folder: Path) -> list[str]:
    """Return what is broken in a built site, one sentence each.

    Broken are links to a file or an anchor that does not exist, and whatever a page would load from
    another machine. The folder ``lite`` is not ours and is not read.
    """
    own = (p for p in sorted(folder.rglob("*.html")) if p.relative_to(folder).parts[0] != "lite")
    pages = {path: _read(path) for path in own}
    return [f"{p.relative_to(folder)}: {words}" for p in pages for words in _of(p, pages, folder)]


def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _of(path: Path, pages: dict[Path, Page], folder: Path) -> Iterator[str]:
    for tag, name, address in pages[path].links:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            if (tag, name) in LOADED and parts.scheme not in ("data", "blob"):
                yield f"<{tag}> loads {address} from another machine"
            continue
        there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if there.is_dir():
            there = there / "index.html"
        if not there.is_file():
            yield f"{address} leads to no file"
        elif not there.is_relative_to(folder.resolve()):
            yield f"{address} leads out of the site"
        elif there in pages and unquote(parts.fragment) not in ("", *pages[there].anchors):
            yield f"{address} leads to no anchor"
