"""The report: what was found, as text, as JSON and as one HTML page."""

from __future__ import annotations

import json
from dataclasses import asdict
from html import escape
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from tlbook.diagnosis import svg
from tlbook.diagnosis.contents import Contents
from tlbook.diagnosis.section import Section
from tlbook.diagnosis.sections import sections

STYLE = """
body{font:16px/1.5 sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}
.wide{overflow-x:auto}
caption{text-align:left;font-weight:bold;padding:.3rem 0}
th,td{border-bottom:1px solid #bbb;padding:.25rem .7rem .25rem 0;text-align:left;vertical-align:top}
pre{background:#f4f4f4;padding:.7rem;overflow-x:auto}
svg{width:100%;min-width:30rem;max-width:40rem;height:auto} h1,p{overflow-wrap:anywhere}
.answer{border-left:5px solid #0072B2;padding-left:1rem}
@media print{body{margin:0;max-width:none;font-size:11pt}pre{white-space:pre-wrap}
.wide{overflow:visible}svg{min-width:0;width:36rem}figure,tr,svg{break-inside:avoid}
h2,caption{break-after:avoid}}
""".strip()


class Report(Contents):
    """A transfer report; it shows itself in a notebook, and ``print`` shows the text."""

    @property
    def advice(self) -> str:
        """The remedy that is advised, or "do not adapt"."""
        return self.findings.advice.remedy if self.findings.advice.adapt else "do not adapt"

    @property
    def shift(self) -> str:
        """The kind of shift."""
        return self.findings.kind

    def text(self, width: int = 88) -> str:
        """Return the report as plain text."""
        title = f"Transfer report: {self.names[0]} → {self.names[1]}"
        parts = [title, "=" * len(title)]
        for number, each in enumerate(sections(self), 1):
            parts += ["", f"{number}. {each.title}", ""]
            parts += [fill(line, width, subsequent_indent="  ") for line in each.lines]
            if each.header:
                parts += ["", f"{each.caption}:"]
                parts += [f"  {row}" for row in _plain_table(each, width)]
            if each.code:
                parts += ["", *(f"    {line}" for line in each.code.splitlines())]
        return "\n".join(parts) + "\n"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Report {self.names[0]} → {self.names[1]}: {self.shift}, {self.advice}>"

    def data(self) -> dict[str, Any]:
        """Return the report as dictionaries, lists, numbers and texts."""
        found = self.findings
        return _jsonable(
            {
                "source": self.names[0],
                "target": self.names[1],
                "kind_of_data": self.kind,
                "seed": self.seed,
                "advice": asdict(found.advice),
                "kind_of_shift": found.kind,
                "soundness": asdict(self.soundness),
                "shift": {
                    "p_value": found.shift.p_value,
                    "auc": found.shift.auc,
                    "p_classifier": found.shift.p_classifier,
                    "p_mmd": found.shift.p_mmd,
                    "features": {
                        name: {"effect": e, "adjusted_p": p}
                        for name, e, p in zip(
                            self.columns, found.shift.effects, found.shift.p_features, strict=True
                        )
                    },
                },
                "overlap": {"effective_rows": found.ess, "outside": found.outside},
                "class_mix": asdict(found.mix),
                "classes": found.model.classes,
                "assumptions": [
                    {"name": a.name, "p_value": a.p_value, "rows": a.rows, "fits": a.fits}
                    for a in found.assumptions
                ],
                "labeled_rows": None if found.labels is None else asdict(found.labels),
                "accuracy": [asdict(each) for each in found.estimates],
                "headline": found.headline.name,
                "bench": [asdict(each) for each in found.expected],
                "labels_to_buy": asdict(self.purchase) | {"first_named": self.first_named},
                "code": self.code,
                "notes": self.notes,
                "left_out": self.left_out,
                "seconds": found.seconds,
            }
        )

    def json(self) -> str:
        """Return the report as JSON; what is not known is null."""
        return json.dumps(self.data(), indent=1, ensure_ascii=False, allow_nan=False)

    def html(self) -> str:
        """Return one HTML page that needs nothing else: style and figures are inside."""
        title = escape(f"Transfer report: {self.names[0]} → {self.names[1]}")
        return (
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>"
            f"{self._body(2)}</main></body></html>\n"
        )

    def _repr_html_(self) -> str:
        return f"<div>{self._body(3)}</div>"

    def _body(self, level: int) -> str:
        return "".join(_html(each, level, i == 0) for i, each in enumerate(sections(self)))

    def save(self, folder: str | Path) -> Path:
        """Write ``report.html``, ``report.json`` and ``report.txt``; return the folder."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for end, content in (("html", self.html()), ("json", self.json()), ("txt", self.text())):
            (place / f"report.{end}").write_text(content, encoding="utf-8")
        return place


def _html(section: Section, level: int, first: bool) -> str:
    parts = ['<section class="answer">' if first else "<section>"]
    parts.append(f"<h{level}>{escape(section.title)}</h{level}>")
    parts += [f"<p>{escape(line)}</p>" for line in section.lines]
    if section.clouds is not None:
        picture = svg.clouds(section.clouds[0], section.clouds[1], section.figure)
        parts.append(_wide(picture, f"Figure: {section.title}"))
    if section.bars:
        picture = svg.intervals(section.bars, section.figure, section.unit)
        parts.append(_wide(picture, f"Figure: {section.title}"))
    if section.header:
        head = "".join(
            f'<th scope="col">{escape(name)}</th>' if name else "<td></td>"
            for name in section.header
        )
        table = [f"<table><caption>{escape(section.caption)}</caption><thead><tr>{head}</tr>"]
        table.append("</thead><tbody>")
        for name, *cells in section.rows:
            rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            table.append(f'<tr><th scope="row">{escape(name)}</th>{rest}</tr>')
        parts.append(_wide("".join([*table, "</tbody></table>"]), f"Table: {section.caption}"))
    if section.code:
        parts.append(f"<pre><code>{escape(section.code)}</code></pre>")
    return "".join([*parts, "</section>\n"])


def _wide(content: str, name: str) -> str:
    """Return what scrolls by itself where the screen is narrow; the keyboard reaches it, too."""
    label = escape(name, quote=True)
    return f'<div class="wide" role="group" tabindex="0" aria-label="{label}">{content}</div>'


def _plain_table(section: Section, width: int) -> list[str]:
    """Return a table in lines; where it is too wide for them, a paragraph for each row."""
    table = [section.header, *section.rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(section.header))]
    if sum(widths) + 2 * len(widths) <= width:
        return [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
    return [
        fill(
            f"{row[0]}: "
            + "; ".join(
                f"{head} {cell}"
                for head, cell in zip(section.header[1:], row[1:], strict=True)
                if cell
            ),
            width - 2,
            subsequent_indent="      ",
        )
        for row in section.rows
    ]


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_jsonable(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value
