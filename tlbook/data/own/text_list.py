"""A table of labeled texts from a CSV file: nothing swallowed, every refusal names its option."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tlbook._base.checks import check_choice
from tlbook._base.named import named
from tlbook.data.own.picture_list import shorten

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = {",": "comma", "\t": "tabulator", ";": "semicolon", "|": "bar"}
QUOTING = (None, csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
Line = tuple[int, list[str]]


@named
def list_texts(
    file: str | Path,
    text: str = "text",
    label: str = "label",
    separator: str | None = None,
    encoding: str = "utf-8",
    quoting: int | None = None,
    *,
    quiet: bool = False,
) -> pd.DataFrame:
    """Return a table of the labeled texts in a CSV file.

    A row without a text or without a label is left out and named, in one printed line and in
    ``frame.attrs["empty"]`` (line numbers of the file).

    Two rows have the same ``content`` where their texts differ by nothing but case, white space and
    forms of one character. Rows with one content belong on one side of a split; see
    :func:`tlbook.data.list_pictures`.

    Parameters
    ----------
    file : str or Path
        A file with a line of column names.
    text, label : str
        Names of the two columns.
    separator : str, optional
        Between columns, one character; by default the one of comma, tabulator, semicolon and bar
        that gives both columns.
    encoding : str
        Of the file, such as ``"utf-8"``, ``"gb18030"`` or ``"cp1252"``.
    quoting : {None, csv.QUOTE_NONE, csv.QUOTE_MINIMAL}
        With ``csv.QUOTE_NONE`` a quote is a character like every other, as in many tables with
        tabulators. By default a quote at the start of a field holds it together; where that does
        not come out, the file is refused.
    quiet : bool
        Do not print the line about rows left out.

    Returns
    -------
    DataFrame
        ``text`` and ``label`` (str) and ``content`` (a hash), in the order of the file.

    Raises
    ------
    ValueError
        If the file is missing, in another encoding (one that fits is proposed), has no such
        column, a row with more or fewer columns than the first, or a quote without its partner;
        the message names the line, and the option that helps.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from tlbook.data import list_texts
    >>> file = Path(tempfile.mkdtemp()) / "reviews.csv"
    >>> written = file.write_text("stars;review\\n5;A fine film\\n1;Dull\\n5;a  fine FILM\\n")
    >>> frame = list_texts(file, text="review", label="stars")
    >>> frame.text.tolist(), frame.content.nunique()
    (['A fine film', 'Dull', 'a  fine FILM'], 2)
    """
    import pandas as pd

    check_choice(quoting, "quoting", QUOTING)
    place = Path(file).expanduser()
    if not place.is_file():
        raise ValueError(f"file: got {str(file)!r}, want a CSV file that is there")
    written = _decoded(place, encoding)
    if separator is None:
        separator = _find_separator(written, text, label)
    elif len(separator) != 1:
        raise ValueError(f"separator: got {separator!r}, want one character")
    header, rows = _rows(written, place.name, separator, quoting)
    columns = [
        _column(header, column, option, place.name, separator)
        for column, option in ((text, "text"), (label, "label"))
    ]
    kept, empty = [], []
    for line, row in rows:
        words, name = row[columns[0]], row[columns[1]].strip()
        if words.strip() and name:
            kept.append((words, name, text_content(words)))
        else:
            empty.append(line)
    if empty and not quiet:
        lines = shorten([str(line) for line in empty])
        print(f"{place.name}: left out, without a text or without a label: line {lines}")
    if not kept:
        raise ValueError(f"file: {place.name} has no row with a text and a label, want some")
    frame = pd.DataFrame(kept, columns=["text", "label", "content"]).astype(object)
    frame.attrs["empty"] = empty
    return frame


@named
def list_lines(file: str | Path, encoding: str = "utf-8") -> list[str]:
    """Return the lines of a text file that are not empty, without white space at their ends.

    Raises
    ------
    ValueError
        If the file is missing, empty, or in another encoding (one that fits is proposed).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from tlbook.data import list_lines
    >>> file = Path(tempfile.mkdtemp()) / "said.txt"
    >>> written = file.write_text("Where is the bank?\\n\\n It rains. \\n")
    >>> list_lines(file)
    ['Where is the bank?', 'It rains.']
    """
    place = Path(file).expanduser()
    if not place.is_file():
        raise ValueError(f"file: got {str(file)!r}, want a text file that is there")
    if not place.read_bytes().strip():
        raise ValueError(f"file: {place.name} is empty, want a sentence a line")
    return [line.strip() for line in _decoded(place, encoding).splitlines() if line.strip()]


def text_content(text: str) -> str:
    """Return a hash of a text without its case, its white space and forms of one character."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _decoded(place: Path, encoding: str) -> str:
    data = place.read_bytes()
    # Spreadsheets put a mark in front of UTF-8, which is no part of the first column's name.
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        written = data.decode(name)
    except LookupError:
        raise ValueError(f"encoding: got {encoding!r}, which Python does not know") from None
    except (UnicodeDecodeError, UnicodeError) as error:
        place_of = f" (byte {error.start:,})" if isinstance(error, UnicodeDecodeError) else ""
        other = _proposed(data)
        advice = f"; {other!r} decodes it, look whether the words are right" if other else ""
        raise ValueError(f"encoding: {place.name} is not {encoding}{place_of}{advice}") from None
    if not written.strip():
        raise ValueError(f"file: {place.name} is empty, want a line of column names and rows")
    if "\0" in written:
        other = _proposed(data)
        advice = f"; {other!r} decodes it" if other else ""
        raise ValueError(f"encoding: {place.name} is no text in {encoding} (it has NUL){advice}")
    return written


def _proposed(data: bytes) -> str | None:
    """Return an encoding that decodes the data, or None."""
    names = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8"]
    try:
        from charset_normalizer import from_bytes

        best = from_bytes(data[:200_000]).best()
        names += [best.encoding] if best else []
    except ImportError:
        pass
    for name in (*names, "gb18030", "cp1252"):
        if name.startswith(("utf_16", "utf_32")) and b"\0" not in data:
            continue  # a guess from a few bytes: the end of a line alone has a NUL there
        try:
            data.decode(name)
        except UnicodeError:
            continue
        return name
    return None


def _find_separator(written: str, text: str, label: str) -> str:
    """Return the separator with which the first line has both columns, else the most columns."""
    first = next(line for line in written.splitlines() if line.strip())
    names = {each: next(csv.reader([first], delimiter=each)) for each in SEPARATORS}
    for each, columns in names.items():
        if {text, label} <= {column.strip() for column in columns}:
            return each
    return max(names, key=lambda each: len(names[each]))


def _column(header: list[str], column: str, option: str, name: str, separator: str) -> int:
    found = [place for place, each in enumerate(header) if each.strip() == column]
    if len(found) == 1:
        return found[0]
    known = shorten([repr(each.strip()) for each in header], 20)
    if found:
        raise ValueError(f"{option}: {name} has {len(found)} columns {column!r}, want one")
    advice = f"; if this is one name, another separator= than {separator!r} may be right"
    raise ValueError(
        f"{option}: got {column!r}, {name} has the columns {known}"
        + (advice if len(header) == 1 else "")
    )


def _rows(
    written: str, name: str, separator: str, quoting: int | None
) -> tuple[list[str], list[Line]]:
    """Return the column names and the rows, each with the line where it begins."""
    quotes: Literal[0, 3] = csv.QUOTE_NONE if quoting == csv.QUOTE_NONE else csv.QUOTE_MINIMAL
    reader = csv.reader(
        io.StringIO(written, newline=""), delimiter=separator, quoting=quotes, strict=True
    )
    lines: list[Line] = []
    before, limit = 0, csv.field_size_limit(max(len(written), 1))
    try:
        for row in reader:
            if row:
                lines.append((before + 1, row))
            before = reader.line_num
    except csv.Error as error:
        raise _unpaired(name, before + 1, str(error)) from None
    finally:
        csv.field_size_limit(limit)
    (_, header), rows = lines[0], lines[1:]
    for line, row in rows:
        if separator == "\t" and any("\n" in each and "\t" in each for each in row):
            raise _unpaired(name, line, "a field runs over several rows")
        if len(row) != len(header):
            raise ValueError(
                f"separator: {name} has {len(row)} columns in line {line}, the first line has "
                f"{len(header)}; a {SEPARATORS.get(separator, separator)} inside a text wants "
                "quotes around the text, or another separator= is right"
            )
    return header, rows


def _unpaired(name: str, line: int, reason: str) -> ValueError:
    return ValueError(
        f"quoting: {name} has a quote without its partner in line {line} ({reason}); where quotes "
        "are ordinary characters, quoting=csv.QUOTE_NONE (3) reads it"
    )
