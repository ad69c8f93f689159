"""A talk and an app in a real browser: nothing overflows, nothing is requested, cells run."""

import subprocess
import time
import urllib.error
import urllib.request
import zlib

import nbformat
import pytest

from tests.browser.lab import environment, free_port
from tests.browser.site_pages import fonts
from tlbook.course.chapters import find
from tlbook.workshop.page import write_page
from tlbook.workshop.talk import phone, printed
from tlbook.workshop.talk.live import write_live
from tlbook.workshop.talk.page import write_talk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("number", ["02", "11", "15"])
def test_a_talk_opens_offline_and_no_slide_overflows(page, tmp_path, number):
    requests = []
    page.on("request", lambda r: requests.append(r.url))
    count = write_talk(find(number).path, tmp_path / "talk.html")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((tmp_path / "talk.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert page.evaluate("Reveal.getTotalSlides()") == count
    over = page.evaluate(
        "[...document.querySelectorAll('.slides > section')].map(s => +s.dataset.overflow)"
    )
    assert max(over) == 0, over
    drawn = ""
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        if "领域" in page.locator("section.present").inner_text():
            drawn = fonts(page, "section.present li")
    assert number != "02" or "Noto Sans SC" in drawn, "领域 is no box"
    assert page.evaluate("Reveal.getIndices().h") == 3
    page.screenshot(path=tmp_path / "slide.png")
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert not page.problems


def test_a_printed_chapter_is_a_pdf_with_its_pages(browser, tmp_path):
    target = tmp_path / "02.pdf"
    printed.write_pdf(find("02").path, target)
    data = target.read_bytes()
    assert data.startswith(b"%PDF")
    pages = data.count(b"/Type /Page") - data.count(b"/Type /Pages")
    assert pages >= 8
    assert data.count(b"/Subtype /Image") >= 5
    assert any(_text_inside(data)), "letters are letters, not pictures of letters"
    assert b"NotoSansSC" in data, "Chinese letters are printed from the font inside"


@pytest.mark.parametrize("number", ["02", "15"])
def test_no_line_of_a_printed_chapter_is_beyond_the_paper(page, tmp_path, number):
    write_page(find(number).path, tmp_path / "page.html", notes=False)
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 without its margins
    page.emulate_media(media="print")
    page.goto((tmp_path / "page.html").as_uri())
    wide = page.eval_on_selector_all(
        "pre, table, img, math",
        "all => all.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth"
        " || e.getBoundingClientRect().right > 690).map((e) => e.textContent.slice(0, 60))",
    )
    assert wide == []
    assert "Teacher's notes" not in page.content()


def _text_inside(data):
    for part in data.split(b"stream\r\n" if b"stream\r\n" in data else b"stream\n")[1:]:
        try:
            yield b"Tj" in zlib.decompressobj().decompress(part) or b"TJ" in part
        except zlib.error:
            continue


def test_a_live_talk_runs_its_cells_on_the_slide(page, lab):
    pytest.importorskip("jupyterlab_rise", reason="jupyterlab-rise is not installed")
    chapter = lab.files / "chapter.ipynb"
    cells = [
        nbformat.v4.new_markdown_cell("# A talk\n\nIts one sentence (迁移)."),
        nbformat.v4.new_code_cell("print(6 * 7)"),
        nbformat.v4.new_markdown_cell("Said and not shown."),
    ]
    cells[1].outputs = [nbformat.v4.new_output("stream", text="stored\n")]
    nb = nbformat.v4.new_notebook(cells=cells)
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(nb, chapter)
    assert write_live(chapter, lab.files / "talk.ipynb") == 2
    elsewhere = []
    page.on("request", lambda r: elsewhere.append(r.url) if _far(r.url, lab.address) else None)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{lab.address}/rise/talk.ipynb")
    page.get_by_role("heading", name="A talk").wait_for(timeout=60_000)
    page.wait_for_function("document.querySelectorAll('.slides > section').length == 2")
    words = page.get_by_role("paragraph").filter(has_text="Its one sentence")
    assert words.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 24
    slide = page.locator("section.present").last
    assert "Its one sentence" in slide.inner_text() and "stored" not in slide.inner_text()
    page.keyboard.press("Space")
    page.wait_for_function("location.hash.startsWith('#/slide-1')")
    assert "stored" in slide.inner_text() and "Said and not" not in slide.inner_text()
    page.locator(".reveal .jp-CodeCell .cm-content").click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-OutputArea-output", has_text="42").wait_for(timeout=60_000)
    assert elsewhere == []


def _far(url, address):
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def test_an_experiment_as_an_app_moves(page, tmp_path):
    folder = tmp_path / "app"
    folder.mkdir()
    port = free_port()
    served = phone.command(phone.write_app("label_dial", folder), port, "127.0.0.1", False)
    log = (tmp_path / "voila.log").open("w")
    server = subprocess.Popen(
        served, cwd=folder, env=environment(tmp_path), stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait(f"http://127.0.0.1:{port}/static/favicon.ico", server)
        page.set_viewport_size({"width": 420, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/", timeout=120_000)
        picture = page.locator(".tlbook-live img").first
        picture.wait_for(timeout=120_000)
        before = picture.get_attribute("src")
        page.locator(".tlbook-live [role=slider]").first.focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "before => document.querySelector('.tlbook-live img').src !== before",
            arg=before,
            timeout=60_000,
        )
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.screenshot(path=tmp_path / "phone.png", full_page=True)
        assert wide <= 460, "the app fits a phone"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait(address, server, seconds=90):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=3)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("the app did not start")
