"""The built site behind a plain file server, and a page that notes whatever goes wrong."""

import functools
import http.server
import threading
from pathlib import Path

import pytest


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Served:
    """A folder behind Python's own file server; use it in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handler = functools.partial(_Quiet, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "Served":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def open_page(browser, served, path, width=1280, theme="light"):
    """Open a page of the site; ``page.problems`` collects errors and requests to elsewhere."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_init_script(
        f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
    )
    page = context.new_page()
    page.problems, page.weight = [], []
    page.on("pageerror", lambda error: page.problems.append(f"page: {error}"))
    page.on(
        "console",
        lambda m: page.problems.append(f"console: {m.text}") if m.type == "error" else None,
    )
    page.on("response", lambda answer: page.weight.append(_size(page, served, answer)))
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith((served.address, "data:", "blob:"))
            else page.problems.append(f"asks for {r.url}")
        ),
    )
    page.goto(f"{served.address}/{path}")
    return page


def _size(page, served, answer) -> int:
    if answer.status >= 400:
        page.problems.append(f"{answer.status}: {answer.url}")
    if not answer.url.startswith(served.address):
        return 0
    path = served.folder / answer.url.removeprefix(served.address).split("?")[0].lstrip("/")
    path = path / "index.html" if path.is_dir() else path
    return path.stat().st_size if path.is_file() else 0


def fonts(page, selector: str) -> str:
    """Return the names of the fonts that the letters of an element are drawn with."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return ", ".join(font["familyName"] for font in used)


def axe_source() -> str:
    """Return the script of axe-core that lies beside the browser tests; skip without it."""
    found = sorted(Path(__file__).parent.rglob("axe*.js"))
    if not found:
        pytest.skip("axe-core does not lie beside the browser tests")
    return found[0].read_text(encoding="utf-8")
