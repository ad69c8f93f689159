"""Chinese letters for pages and paper: no letter of the course is missing in the font."""

import re

import pytest

from tlbook.workshop import han


def test_the_font_has_every_chinese_letter_of_the_course():
    letters = han.letters()
    assert len(letters) > 250
    assert han.missing(letters) == "", "cut the font anew: see tlbook/workshop/han.py"
    assert han.missing("龘a迁") == "龘"


def test_pages_of_one_file_have_the_letters_inside_and_the_site_beside():
    assert re.findall(r'url\("([^"]{20})', han.faces()) == ["data:font/woff;base6"]
    assert re.findall(r'url\("([^"]+)"', han.faces("han")) == ["han/han.woff", "han/front.woff"]
    assert (han.HERE / "han.woff").stat().st_size < 100_000
    assert (han.HERE / "front.woff").stat().st_size < 5_000
    assert "SIL Open Font License" in (han.HERE / "LICENSE").read_text(encoding="utf-8")


def test_a_smaller_font_can_be_cut_from_it_and_other_files_are_refused(tmp_path, capsys):
    han.cut(han.HERE / "han.woff", "迁移", tmp_path / "two.woff")
    assert 0 < (tmp_path / "two.woff").stat().st_size < 3_000
    with pytest.raises(ValueError, match="without 龘, want one with all letters"):
        han.cut(han.HERE / "han.woff", "龘", tmp_path / "x.woff")
    (tmp_path / "no.ttf").write_text("no font")
    with pytest.raises(ValueError, match="want a font file"):
        han.cut(tmp_path / "no.ttf", "迁", tmp_path / "x.woff")
    with pytest.raises(ValueError, match="want a font file"):
        han.cut(tmp_path / "nowhere.ttf", "迁", tmp_path / "x.woff")
    with pytest.raises(SystemExit, match="want one argument"):
        han.main([])
