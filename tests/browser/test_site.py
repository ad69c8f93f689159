"""The site as a reader meets it: a plain file server, no network, no kernel."""

import re

import pytest

from tests.browser.site_pages import Served, axe_source, fonts, open_page
from tlbook.course import files, widgets
from tlbook.course.chapters import CHAPTERS
from tlbook.workshop.site.build import build, places

# One build for all of them: the file is one unit of pytest's workers.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

ON_PAGES = {
    name: chapter
    for name, module in files.modules("ch*/widget/*.py").items()
    for chapter in CHAPTERS
    if f".ch{chapter.stem}." in module
}
LOOKED_AT = (
    "index.html",
    "course/08_distances.html",
    "course/02_domains_tasks_shift.html",
    "concepts.html",
    "glossary.html",
    "gallery.html",
    "claims.html",
    "faq.html",
    "api/distances.html",
    "guide/own_data.html",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Compute no picture: all that move are in ``data/moving``."""
    return build(tmp_path_factory.mktemp("site"), places()[1], names=())


@pytest.fixture(scope="module")
def served(built):
    with Served(built.folder) as server:
        yield server


def test_sphinx_has_nothing_to_say_and_no_link_is_broken(built):
    assert built.warnings == ()
    assert built.broken == ()
    assert built.still == ()


def test_every_picture_of_a_chapter_has_a_text_and_every_formula_a_size(browser, served):
    page = open_page(browser, served, "course/09_objective.html")
    boxes = [m.bounding_box() for m in page.locator("math").all()[:5]]
    assert len(boxes) == 5 and all(box["width"] > 5 and box["height"] > 5 for box in boxes)
    for chapter in CHAPTERS:
        page.goto(f"{served.address}/course/{chapter.stem}.html")
        texts = page.eval_on_selector_all(
            ".bd-article img", "all => all.map((img) => img.getAttribute('alt') || '')"
        )
        assert texts and all(len(text) > 8 for text in texts), chapter.number
    assert page.problems == []


def test_every_other_page_opens_without_an_error(browser, served, built):
    chapters = {f"{chapter.stem}.html" for chapter in CHAPTERS}
    pages = [path for path in sorted(built.folder.rglob("*.html")) if path.name not in chapters]
    assert len(pages) > 40
    page = open_page(browser, served, "index.html")
    for path in pages:
        page.goto(f"{served.address}/{path.relative_to(built.folder).as_posix()}")
        page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    assert page.problems == []


def test_chinese_letters_come_with_the_site_and_a_telephone_shows_the_whole_glossary(
    browser, served
):
    page = open_page(browser, served, "glossary.html")
    page.evaluate("document.fonts.ready.then(() => true)")
    for place in (
        ".reading td:nth-child(2)",
        ".bd-article h1",
        ".bd-sidebar-primary li.current > a",
    ):
        assert "Noto Sans SC" in fonts(page, place), place
    page.set_viewport_size({"width": 360, "height": 900})
    right = "all => Math.max(...all.map((cell) => cell.getBoundingClientRect().right))"
    assert page.eval_on_selector_all(".reading td", right) <= 360
    page.goto(f"{served.address}/concepts.html")
    assert page.eval_on_selector_all(".reading td", right) <= 360
    assert page.problems == []


def test_claims_and_the_report_of_chapter_20_can_be_read(browser, served):
    path = f"course/{CHAPTERS[-1].stem}.html"
    page = open_page(browser, served, path, 360, "dark")
    claims = page.locator("pre.lines", has_text="✓")
    assert claims.count() >= 3
    assert claims.evaluate_all("all => all.every((e) => e.scrollWidth <= e.clientWidth)")
    color = "all => [...new Set(all.map((e) => getComputedStyle(e).color))]"
    report = page.locator(".text_html", has=page.get_by_role("heading", name="The answer")).first
    letters = report.locator("h2, h3, p").evaluate_all(color)
    assert len(letters) == 1, "headings have the color of the text on the same card"
    page.context.close()
    page = open_page(browser, served, path)
    cut = "all => all.filter((e) => e.scrollWidth > e.clientWidth).length / all.length"
    assert page.locator(".cell_input pre").evaluate_all(cut) < 0.2


def test_the_first_page_is_below_a_megabyte(browser, served):
    page = open_page(browser, served, "index.html")
    page.locator(".moving-live").wait_for()
    page.wait_for_load_state("networkidle")
    assert 100_000 < sum(page.weight) < 1_000_000
    assert page.problems == []


def test_the_chapters_lead_from_one_to_the_next(browser, served):
    page = open_page(browser, served, f"course/{CHAPTERS[0].stem}.html")
    for chapter in CHAPTERS[1:]:
        page.locator(".prev-next-area a.right-next").click()
        assert page.url == f"{served.address}/course/{chapter.stem}.html"
    page.locator(".prev-next-area a.left-prev").click()
    assert page.url.endswith(f"{CHAPTERS[-2].stem}.html")
    assert page.problems == []


@pytest.mark.parametrize("word", ["witness", "迁移学习"])
def test_the_search_works_offline(browser, served, word):
    page = open_page(browser, served, "index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    assert "search.html" in page.url
    assert page.locator("#search-results li").count() >= 2
    form = page.locator(".bd-search-container form.bd-search")
    sign, field = form.locator(".fa-magnifying-glass"), form.locator("input")
    inside = field.evaluate("(e) => parseFloat(getComputedStyle(e).paddingLeft)")
    box = sign.bounding_box()
    assert box["x"] + box["width"] <= field.bounding_box()["x"] + inside, "the sign hides letters"
    assert page.problems == []


@pytest.mark.parametrize("name", sorted(ON_PAGES))
def test_every_control_of_an_experiment_goes_to_both_ends(browser, served, built, name):
    experiment = widgets.get(name)
    pack = built.folder / "_static" / "moving" / f"{name}.js"
    assert pack.stat().st_size <= 300_000
    page = open_page(browser, served, f"course/{ON_PAGES[name].stem}.html#moving-{name}")
    box = page.locator(f"#moving-{name}.moving-live")
    box.wait_for()
    image = box.locator("img")
    start = _picture(image)
    for control in experiment.controls:
        box.get_by_role("button", name="Reset").click()
        when = getattr(control, "when", None)
        if when is not None:
            other = next(c for c in experiment.controls if c.name == when[0])
            _choose(box, other, when[1])
        knob = box.locator(f"[data-control={control.name}]")
        assert knob.is_visible() and _name(knob), control.name
        pictures = [_picture(image)]
        for end in control.ends():
            _choose(box, control, end)
            pictures.append(_picture(image))
            assert image.get_attribute("alt") in box.get_by_role("status").inner_text()
        changed = len(set(pictures)) > 1
        assert changed or getattr(control, "unchanged", ""), f"{control.name}: the picture stays"
    box.get_by_role("button", name="Reset").click()
    assert _picture(image) == start
    assert page.problems == []


def _picture(image):
    """Return what the image shows, once it is drawn."""
    return image.evaluate(
        "async (img) => { await img.decode(); return (await fetch(img.src)).text(); }"
    )


def _name(knob):
    return knob.evaluate("(e) => e.labels?.[0]?.textContent || e.textContent")


def _choose(box, control, value):
    """Set a control by the keyboard, as a reader without a mouse does."""
    from tlbook.workshop.site.moving import shown

    knob = box.locator(f"[data-control={control.name}]")
    kind = knob.evaluate("(e) => e.type")
    knob.focus()
    if kind == "range":
        ends = [control.check(end) for end in control.ends()]
        for _ in range(60):  # through every stored place, not by a jump
            if knob.get_attribute("aria-valuetext") == shown(control, control.check(value)):
                return
            knob.press("ArrowRight" if value == ends[1] else "ArrowLeft")
        raise AssertionError(f"{control.name} does not come to {value}")
    if kind == "select-one":
        knob.select_option(label=shown(control, control.check(value)))
    elif kind == "checkbox":
        if knob.is_checked() != value:
            knob.press("Space")
        assert knob.is_checked() == value
    else:
        while int(re.sub(r"\D", "", knob.locator("+ span").inner_text())) != value:
            knob.press("Enter")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_screen(browser, served, width, theme):
    for path in LOOKED_AT:
        page = open_page(browser, served, path, width, theme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, served, theme):
    source, found = axe_source(), []
    for path in LOOKED_AT:
        page = open_page(browser, served, path, theme=theme)
        page.wait_for_load_state("networkidle")
        page.evaluate(source)
        for broken in page.evaluate("axe.run().then((result) => result.violations)"):
            if broken["impact"] in ("serious", "critical"):
                where = "; ".join(str(node["target"]) for node in broken["nodes"][:4])
                found.append(f"{path}: {broken['id']} ({len(broken['nodes'])}): {where}")
        page.context.close()
    assert found == []
