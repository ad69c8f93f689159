"""The report of a class as two tables and one page that needs no other file."""

import html
from collections.abc import Sequence
from pathlib import Path

from tlbook.workshop.grading.sheet import write_table
from tlbook.workshop.handout import asked as asks
from tlbook.workshop.handout.report import SMALLEST, Item

_HEADER = ("chapter", "item", "asked", "source", "learners", "share right", "discrimination")
_LAST = {"questions": "most frequent mistake", "predictions": "most frequent wrong answer"}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:80em;margin:2em auto;padding:0 1em;color:#222;"
    "background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;"
    "padding:.3em .6em;border-bottom:1px solid #ccc;vertical-align:top}"
    ".bar{display:inline-block;height:.7em;background:#0072B2;margin-right:.4em}"
)


def write(folder: Path, questions: Sequence[Item], predictions: Sequence[Item]) -> list[Path]:
    """Write ``questions.csv``, ``predictions.csv`` and ``report.html``; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, found in (("questions", questions), ("predictions", predictions)):
        files.append(folder / f"{name}.csv")
        write_table(files[-1], (*_HEADER, _LAST[name], "made by"), [_row(item) for item in found])
    files.append(folder / "report.html")
    files[-1].write_text(page(questions, predictions), encoding="utf-8")
    return files


def _row(item: Item) -> tuple[str, ...]:
    asked = asks.words(item.chapter, item.item)
    if item.learners is None:
        few = f"fewer than {SMALLEST}"
        return (item.chapter, item.item, asked, item.source, few, "", "", "", "")
    return (
        item.chapter,
        item.item,
        asked,
        item.source,
        str(item.learners),
        f"{item.difficulty:.2f}",
        "" if item.discrimination is None else f"{item.discrimination:z.2f}",
        item.mistake,
        "" if item.made_by is None else str(item.made_by),
    )


def page(questions: Sequence[Item], predictions: Sequence[Item]) -> str:
    """Return the page: predictions that most got wrong first, then every question."""
    surprising = [p for p in predictions if p.difficulty is not None and p.difficulty < 0.5]
    surprising.sort(key=lambda p: p.difficulty or 0.0)
    few = sum(item.learners is None for item in (*questions, *predictions))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What the class found hard</title><style>{_STYLE}</style></head><body>"
        "<h1>What the class found hard</h1>"
        f"<p>Groups of fewer than {SMALLEST} learners are not shown ({few} left out).</p>"
        "<h2>Predictions that most of the class got wrong before running</h2>"
        f"{_table(surprising, _LAST['predictions'])}"
        "<h2>Questions</h2>"
        "<p>Discrimination is the correlation between a right answer here and the share of right "
        "answers to the chapter's other questions. A negative one asks for a look at the question."
        "</p>"
        f"{_table([q for q in questions if q.learners is not None], _LAST['questions'])}"
        "</body></html>\n"
    )


def _table(items: Sequence[Item], last: str) -> str:
    if not items:
        return "<p>None.</p>"
    header = "".join(f'<th scope="col">{name}</th>' for name in (*_HEADER, last, "made by"))
    rows = ""
    for item in items:
        texts = [html.escape(text) for text in _row(item)]
        width = 6 * (item.difficulty or 0.0)
        bar = _HEADER.index("share right")
        texts[bar] = f'<span class="bar" style="width:{width:.2f}em"></span>{texts[bar]}'
        rows += "<tr>" + "".join(f"<td>{text}</td>" for text in texts) + "</tr>"
    return f"<table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"
