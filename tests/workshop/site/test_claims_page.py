"""The dashboard: every claim with its numbers, its picture and what it came to before."""

import re

from tlbook.course.chapters import CHAPTERS
from tlbook.workshop import claim_history
from tlbook.workshop.claim_history import Outcome, extended
from tlbook.workshop.printed_claims import claims_of
from tlbook.workshop.site import claims_page
from tlbook.workshop.site.claim_picture import picture


def outcome(effect="+3 points", interval="1, 5", asked="more than 2", mark="✓"):
    return Outcome("A", "2026-01-01", "2026-01-01", 1, "0.1.0", mark, effect, interval, asked, "8")


def places(svg, kind):
    return [float(x) for x in re.findall(rf'circle class="claim-{kind}" cx="([^"]+)"', svg)]


def test_the_picture_has_every_outcome_in_place():
    svg = picture([outcome("+1 points", "-4, 6"), outcome("+3 points", "1, 5")])
    [before], [now] = places(svg, "before"), places(svg, "now")
    assert before < now
    limit = float(re.search(r'asked" d="M([\d.]+)', svg)[1])
    assert before < limit < now  # 1 < 2 < 3
    assert len(re.findall("M", re.search(r'asked" d="([^"]+)', picture([
        outcome(asked="within ±2")]))[1])) == 2  # fmt: skip


def test_a_ratio_is_drawn_on_a_log_scale():
    svg = picture([outcome("×2", "1, 4", "more than ×1")])
    low, high = re.search(r'now" d="M([\d.]+) 10H([\d.]+)', svg).groups()
    [middle] = places(svg, "now")
    assert abs(middle - (float(low) + float(high)) / 2) < 0.2


def test_what_has_no_numbers_has_no_picture():
    assert picture([]) == picture([outcome("", "", "")]) == ""
    assert picture([outcome(interval="one run only")]) == ""


def test_a_claim_shows_its_earlier_outcomes(tmp_path):
    chapter = CHAPTERS[1]
    claims = claims_of(chapter.path.read_text(encoding="utf-8"))
    first = next(claim for claim in claims if claim.effect)
    old = type(first)("~", first.text, "+0.1 points", "-9.0, 9.2", first.asked, first.n)
    history = extended(extended({}, [old], "2020-01-01", "0.0.1"), claims, "2020-02-01", "0.0.2")
    claim_history.write(history, claim_history.path_of(chapter, tmp_path))
    page = claims_page.page(tmp_path, tmp_path)
    [unfolded] = re.findall(r"(?s)<details>.*?</details>", page)
    assert "2 outcomes in 2 stored versions: \\~ ✓" in unfolded
    assert "| ~ | +0.1 points | -9.0, 9.2 | 1 × 2020-01-01 |" in unfolded
    assert page.count("{container} claim") == page.count("```") / 2 > 300


def test_marks_of_this_machine_are_in_the_order_of_their_time(tmp_path):
    for when, mark, text in (("2026-02-01", "~", "8 rows win"), ("2026-01-01", "✓", "9 rows win")):
        folder = tmp_path / when
        folder.mkdir()
        entry = f'{{"name": "a", "claims": [{{"mark": "{mark}", "text": "{text}"}}]}}'
        (folder / "report.json").write_text(f'{{"when": "{when}", "chapters": [{entry}]}}')
    assert claims_page.earlier_marks(tmp_path) == {("a", "# rows win"): "✓~"}
