"""A table of texts: other encodings, separators, quotes; nothing swallowed."""

import csv

import pytest

from tlbook.data import list_texts


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "own.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_separator_is_found(tmp_path, separator, mark):
    lines = [("id", "text", "label"), ("1", "a good day", "pos"), ("2", "rain", "neg")]
    path = write(tmp_path, mark + "\r\n".join(separator.join(line) for line in lines))
    frame = list_texts(path)
    assert frame.columns.tolist() == ["text", "label", "content"]
    assert frame.text.tolist() == ["a good day", "rain"]
    assert frame.label.tolist() == ["pos", "neg"] and frame.attrs["empty"] == []


def test_own_columns_and_texts_over_lines(tmp_path):
    path = write(tmp_path, 'stars,review\n5,"Fine,\n""really"" fine"\n\n1, bad \n')
    frame = list_texts(path, text="review", label="stars")
    assert frame.text.tolist() == ['Fine,\n"really" fine', " bad "]
    assert frame.label.tolist() == ["5", "1"]


def test_content_ignores_case_white_space_and_forms_of_characters(tmp_path):
    path = write(tmp_path, "text,label\nA  Day,x\na day ,y\nＡ day,x\na-day,x\n")
    first, second, third, fourth = list_texts(path).content
    assert first == second == third != fourth


def test_rows_without_a_text_or_a_label_are_named(tmp_path, capsys):
    path = write(tmp_path, 'text,label\n"two\nlines",x\n  ,x\nwords,\nmore,y\n')
    frame = list_texts(path)
    assert frame.text.tolist() == ["two\nlines", "more"] and frame.attrs["empty"] == [4, 5]
    assert capsys.readouterr().out == (
        "own.csv: left out, without a text or without a label: line 4, 5\n"
    )
    list_texts(path, quiet=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("这部电影很好看，我非常喜欢它的故事和演员", "gb18030"),
        ("Ein schöner Film über große Gefühle und für Mädchen und Jungen", "cp1252"),
        ("a film that we liked", "utf-16"),
    ],
)
def test_another_encoding_is_proposed_and_reads(tmp_path, words, encoding):
    path = write(tmp_path, "text,label\n" + f"{words},x\n" * 20, encoding)
    with pytest.raises(ValueError, match=r"encoding: own\.csv is .*; '(.*)' decodes it") as caught:
        list_texts(path)
    proposed = str(caught.value).split("; '")[1].split("'")[0]
    assert list_texts(path, encoding=proposed).text[0] == words
    assert list_texts(path, encoding=encoding).text[0] == words


@pytest.mark.parametrize(
    "rows",
    [
        ['"Great" film\tpos', "dull\tneg"],  # words after the closing quote
        ['"Great film\tpos', "dull\tneg", "fine\tpos"],  # to the end of the file
        ['"Great film\tpos', "dull\tneg", 'the end"\tpos', "x\tneg"],  # a partner rows later
    ],
)
def test_a_quote_without_its_partner_swallows_nothing(tmp_path, rows):
    path = write(tmp_path, "text\tlabel\n" + "\n".join(["one\tpos", *rows]) + "\n")
    with pytest.raises(ValueError, match=r"quoting: own\.csv has a quote .* in line 3 .*QUOTE_NON"):
        list_texts(path)
    assert len(list_texts(path, quoting=csv.QUOTE_NONE)) == 1 + len(rows)


@pytest.mark.parametrize(
    ("written", "options", "message"),
    [
        ("", {}, "file: own.csv is empty"),
        ("text,label\n", {}, "file: own.csv has no row with a text and a label"),
        ("words,label\na,x\n", {}, "text: got 'text', own.csv has the columns 'words', 'label'"),
        ("text,stars\na,x\n", {}, "label: got 'label', own.csv has the columns 'text', 'stars'"),
        ("text,text,label\na,b,x\n", {}, "text: own.csv has 2 columns 'text', want one"),
        ("text:label\na:x\n", {}, "has the columns 'text:label'; .* another separator= than ','"),
        ("text,label\na,b,c\n", {}, "separator: own.csv has 3 columns in line 2, the first line"),
        ("text,label\n\na\n", {}, "separator: own.csv has 1 columns in line 3"),
        ("text,label\na,x\n", {"separator": ";;"}, "separator: got ';;', want one character"),
        ("text,label\na,x\n", {"encoding": "klingon"}, "encoding: got 'klingon', which Python"),
        ("text,label\na,x\n", {"quoting": 17}, "quoting: got 17, want one of"),
        (b"text,label\n\xff\xfe,x\n", {}, r"encoding: own.csv is not utf-8 \(byte 11\)"),
    ],
)
def test_unfit_files_are_named(tmp_path, written, options, message):
    with pytest.raises(ValueError, match=message):
        list_texts(write(tmp_path, written), **options)
    with pytest.raises(ValueError, match="file: got '.*none.csv', want a CSV file that is there"):
        list_texts(tmp_path / "none.csv")


def test_a_long_text_is_no_mistake(tmp_path):
    path = write(tmp_path, "text,label\n" + "word " * 40_000 + ",x\n")
    limit = csv.field_size_limit()
    assert len(list_texts(path).text[0]) == 200_000
    assert csv.field_size_limit() == limit
