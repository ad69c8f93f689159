"""The live view itself, on two small experiments: exact pictures, errors, dragging, static copy."""

import statistics

import pytest

from tests.browser import axe, toy
from tests.browser.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

TOY = "from tests.browser import toy\nfrom tlbook.course import widgets\n"
SHOW = TOY + "widgets.show(toy.EXPERIMENT)"


@pytest.fixture(params=["toy"])
def live(request, lab, page):
    view = Live(page, toy.EXPERIMENT)
    view.open(lab.notebook(SHOW))
    return view


def test_the_page_shows_exactly_what_render_gives(live, tmp_path, capsys):
    experiment, page = toy.EXPERIMENT, live.page
    assert live.picture() == experiment.render()
    page.screenshot(path=tmp_path / "live.png")

    still = page.locator(".jp-RenderedImage img")
    assert still.count() == 1
    assert not still.is_visible(), "the static picture should be hidden beside the live one"

    for control in experiment.controls:
        if control.name == "kind":
            continue
        for end in (0, 1):
            live.reset()
            want = experiment.render(**{control.name: control.ends()[end]})
            assert live.move(control, end) == want, (control.name, end)

    delays = live.delays(experiment.controls[0])
    with capsys.disabled():
        print(f"\n  toy: slider to picture, median {statistics.median(delays):.0f} ms", end="")
    assert len(delays) >= 20
    assert page.problems == []


def test_an_error_is_shown_and_goes_away(live, tmp_path):
    kind = next(c for c in toy.EXPERIMENT.controls if c.name == "kind")
    before = live.reset()
    live.move(kind, 1)
    message = live.box.get_by_role("alert")
    assert "ValueError: kind: got 'broken', want a <whole> one" in message.inner_text()
    live.page.screenshot(path=tmp_path / "error.png")
    assert live.picture() == before
    live.move(kind, 0)
    assert not message.is_visible()


def test_axe_finds_what_has_no_name(live):
    output = ".jp-OutputArea-output:has(.tlbook-live)"
    assert axe.findings(live.page, output) == []
    live.box.evaluate(
        "(box) => { box.querySelector('.noUi-handle').removeAttribute('aria-label');"
        " box.querySelector('img').removeAttribute('alt'); }"
    )
    found = "\n".join(axe.findings(live.page, output))
    assert "aria-input-field-name" in found and "image-alt" in found


def test_the_names_follow_the_values(live):
    shift, budget = (toy.EXPERIMENT.controls[i] for i in (0, 3))
    live.move(shift, 1)
    live.move(budget, 1)
    said = {slider["name"]: slider for slider in live.names()}
    assert said["Shift (cm)"]["says"] == said["Shift (cm)"]["shown"] == "2.0"
    assert said["Budget"]["says"] == "10" and live.image.get_attribute("alt").endswith("cm")
    live.page.keyboard.press("ArrowLeft")
    live.settle()
    assert {slider["name"]: slider["says"] for slider in live.names()}["Budget"] == "5"


def test_dragging_a_slow_experiment_skips_to_the_latest(lab, page):
    live = Live(page, toy.SLOW)
    live.open(lab.notebook(TOY + "widgets.show(toy.SLOW)", "print(len(toy.RUNS))"))
    live.control(toy.SLOW.controls[0]).locator(".noUi-handle").focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    assert live.settle() == toy.SLOW.render(shift=30)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-below')")
    page.evaluate(
        """() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
          {code: "open('runs.txt', 'w').write(str(len(toy.RUNS)))"}).done"""
    )
    runs = int((lab.files / "runs.txt").read_text())
    assert 2 <= runs <= 15, f"{runs} computations for 30 steps: a queue was worked through"


def test_a_page_without_kernel_shows_the_static_picture(browser, tmp_path):
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOW)])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    notebook.metadata.pop("widgets", None)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    path = tmp_path / "page.html"
    path.write_text(html)
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    still = page.locator(".jp-RenderedImage img")
    still.wait_for(state="visible", timeout=20_000)
    assert still.bounding_box()["width"] > 300
    page.screenshot(path=tmp_path / "static.png")
    context.close()
