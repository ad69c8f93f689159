"""A talk and an app in a real browser: nothing overflows, nothing is requested, a slider moves."""

import subprocess
import time
import urllib.error
import urllib.request
import zlib

import pytest

from tests.browser.lab import environment, free_port
from tlbook.course.chapters import find
from tlbook.workshop.talk import phone, printed
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
    for _ in range(3):
        page.keyboard.press("ArrowRight")
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


def _text_inside(data):
    for part in data.split(b"stream\r\n" if b"stream\r\n" in data else b"stream\n")[1:]:
        try:
            yield b"Tj" in zlib.decompressobj().decompress(part) or b"TJ" in part
        except zlib.error:
            continue


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
