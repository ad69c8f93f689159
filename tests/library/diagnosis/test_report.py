"""The report reads well: as text, as JSON, as a page for print and for a screen reader."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.library.diagnosis.worlds import clusters
from tlbook.diagnosis import diagnose
from tlbook.diagnosis.buying import to_buy
from tlbook.diagnosis.sections import sections
from tlbook.diagnosis.source_model import choose_model
from tlbook.diagnosis.withheld import possible, unknown_accuracy


@pytest.fixture(scope="module")
def report():
    X, y = clusters(250, 0)
    Xt, yt = clusters(200, 1, shares=(0.1, 0.2, 0.7))
    names = np.array(["red", "green & <blue>", "gray"])
    given = (Xt[:60], names[yt[:60]])
    return diagnose((X, names[y]), Xt, given, rehearsals=2, names=("a & b", "<c>"))


VOID = {"meta", "br", "circle", "line", "path"}


class Reader(HTMLParser):
    """Collect headings, tables, figures and open tags."""

    def __init__(self):
        super().__init__()
        self.open, self.headings, self.tags, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, key, value) for key, value in attrs]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.mark.slow
def test_the_page_is_whole_and_accessible(report):
    page = report.html()
    reader = Reader()
    reader.feed(page)
    assert reader.open == [] and page.startswith("<!DOCTYPE html>")
    assert reader.headings[0] == 1 and reader.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False))
    assert ("html", "lang", "en") in reader.attributes and "@media print" in page
    assert ("meta", "name", "viewport") in reader.attributes
    assert reader.tags.count("table") == reader.tags.count("caption") >= 5
    scopes = [a for a in reader.attributes if a[0] == "th" and a[1] == "scope"]
    assert len(scopes) == reader.tags.count("th")
    figures = [a for a in reader.attributes if a[0] == "svg"]
    assert reader.tags.count("svg") >= 3
    assert sum(a[1] == "aria-label" and len(a[2]) > 30 for a in figures) == reader.tags.count("svg")
    assert reader.tags.count("title") == 1 + reader.tags.count("svg")


@pytest.mark.slow
def test_the_page_loads_nothing_and_names_are_escaped(report):
    page = report.html()
    assert "a &amp; b → &lt;c&gt;" in page and "green &amp; &lt;blue&gt;" in page
    links = re.findall(r'(?:src|href)="[^"]*"|url\(|@import', page)
    assert links == [] and "<script" not in page
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}


def test_json_holds_the_numbers_of_the_text(report):
    data = json.loads(report.json())
    assert data["kind_of_shift"] == report.shift == "label shift"
    assert data["soundness"]["n_source"] == 250 and data["labeled_rows"]["n"] == 60
    text = report.text()
    assert f"Kind of shift: {report.shift}" in text
    assert "Accuracy measured on 60 labeled target rows: " in text
    for each in data["bench"]:
        assert f"{each['gain']:+.1f} [{each['low']:+.1f}, {each['high']:+.1f}]" in text
    assert data["labels_to_buy"]["curve"] and "nan" not in text.lower().replace("finan", "")


def test_the_fourth_test_and_the_labels_stand_in_the_text(report):
    text, found = " ".join(report.text().split()), report.findings
    assert "for all four tests together" in text
    assert "The answers that a source model gives to both domains: p" in text
    assert found.headline.name == "labeled target rows"
    assert text.count("labeled target rows: ") >= 1
    assert json.loads(report.json())["headline"] == "labeled target rows"


def test_the_text_fits_its_width_and_says_what_it_cannot_know(report):
    text = report.text(88)
    assert max(map(len, text.splitlines())) <= 88
    assert "What this report cannot know" in text and "Nothing left this machine" in text


def test_a_notebook_shows_it_without_a_page_around(report):
    shown = report._repr_html_()
    assert shown.startswith("<div>") and "<html" not in shown and "<h3>" in shown


def test_the_lines_run_and_give_an_answer_for_each_target_row(report):
    X, y = clusters(250, 0)
    Xt, _ = clusters(200, 1, shares=(0.1, 0.2, 0.7))
    space = {"Xs": X, "ys": y, "Xt": Xt}
    exec(report.code, space)
    assert np.shape(space["answers"]) == (200,)


def test_saved_files(report, tmp_path):
    place = report.save(tmp_path / "new" / "folder")
    assert sorted(path.name for path in place.iterdir()) == [
        "report.html",
        "report.json",
        "report.txt",
    ]


@pytest.mark.slow
def test_without_labels_concept_shift_is_called_invisible():
    X, y = clusters(80, 0)
    report = diagnose((X, y), clusters(60, 1)[0], rehearsals=2)
    assert "invisible" in report.text() and report.advice == "do not adapt"
    assert json.loads(report.json())["labeled_rows"] is None
    assert "Accuracy measured" not in report.text()


@pytest.mark.slow
def test_the_code_has_the_kernel_features_of_the_report():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = (np.hypot(*X.T) > 1.1).astype(int)
    report = diagnose((X, y), rng.normal(size=(90, 2)), rehearsals=2)
    assert report.findings.model.name == "kernel" and "n_components=40," in report.code


@pytest.mark.slow
def test_many_columns_are_projected_and_that_is_said():
    rng = np.random.default_rng(0)
    X, y = clusters(80, 0)
    wide = X @ rng.normal(size=(4, 90)) + 0.1 * rng.normal(size=(80, 90))
    report = diagnose((wide[:50], y[:50]), wide[50:], (wide[50:], y[50:]), rehearsals=2)
    assert len(report.columns) == 60 and "principal components" in report.notes[0]
    space = {"Xs": wide[:50], "ys": y[:50], "Xt": wide[50:]}
    exec(report.code, space)
    assert np.shape(space["answers"]) == (30,)


@pytest.fixture(scope="module")
def moved():
    """Return a report on inputs of another zero and unit, and what a budget of nothing left."""
    X, y = clusters(150, 0)
    target = 1.5 * clusters(120, 1)[0] + [3, 0, 9, 1]
    whole = diagnose((X, y), target, rehearsals=5)
    return whole, diagnose((X, y), target, rehearsals=5, seconds=1e-6)


@pytest.mark.slow
def test_an_interval_says_what_it_is_of_and_stays_possible(moved):
    whole, _ = moved
    answer = " ".join(sections(whole)[0].lines)
    assert whole.findings.advice.adapt
    assert "the interval of one further rehearsal" in answer
    assert ("a loss is possible" in answer) == (whole.findings.advice.low < 0)
    wide = replace(whole.findings.expected[0], low=-250.0, high=300.0)
    kept = possible(replace(whole.findings, expected=(wide,))).expected[0]
    assert (kept.low, kept.high) == (-100, 100)


@pytest.mark.slow
def test_what_the_budget_left_out_is_said_and_nothing_is_advised_by_it(moved):
    whole, cut = moved
    assert whole.left_out == "" and "budget of seconds" not in whole.text()
    assert "used up before all 5 rehearsals" in cut.left_out
    assert "moved inputs: 2" in " ".join(cut.text().split())
    assert cut.advice == "do not adapt" and "more seconds" in cut.findings.advice.why
    assert json.loads(cut.json())["left_out"] == cut.left_out


@pytest.mark.slow
def test_features_that_differ_most_come_first(moved):
    features = (each for each in sections(moved[0]) if each.header[:1] == ("feature",))
    rows = next(features).rows
    sizes = [abs(float(row[1])) for row in rows if row[2] == "< 0.001"]
    assert len(sizes) > 1 and sizes == sorted(sizes, reverse=True)


@pytest.mark.slow
def test_an_accuracy_that_nothing_tells_is_called_unknown():
    X, y = clusters(150, 0)
    rng = np.random.default_rng(3)
    target = np.exp(clusters(120, 1)[0]) * rng.normal(size=(120, 4))
    report = diagnose((X, y), target, rehearsals=2)
    assert unknown_accuracy(report.findings)
    answer = " ".join(sections(report)[0].lines)
    assert "unknown without labels of the target. The estimates reach from" in answer
    assert report.purchase.to_measure == 120  # the precision of a coin, not of an estimate
    assert report.purchase.precision == pytest.approx(98 / np.sqrt(120))


def test_a_curve_on_few_rows_recommends_nothing():
    X, y = clusters(60, 0)
    model = choose_model(X, y)
    fitted = make_pipeline(StandardScaler(), model.classifier).fit(X, model.codes)
    for rows, words in ((18, "6 rows to measure it on are too few"), (60, "may not pay")):
        bought = to_buy(model, fitted, (X, y), X, np.arange(60), (X[:rows], y[:rows]), 80.0)
        assert words in bought.words


def test_rehearsals_elsewhere_are_no_secret(report):
    there = replace(report, elsewhere="dask://10.0.0.1:8786")
    assert "Nothing left this machine" not in there.text()
    assert "ran on dask://10.0.0.1:8786" in " ".join(there.text().split())
