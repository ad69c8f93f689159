"""What the README tells a reader to type works."""

import re

import pytest
from PIL import Image

from tlbook.course.chapters import root

README = (root() / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_recipes_for_own_data_run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # checkpoints land where one stands
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    few_labels, adaptation, tables, comparison, own_files = blocks
    names = {}
    exec(few_labels, names)
    assert "2 looks" in capsys.readouterr().out
    exec(adaptation, names)
    first = capsys.readouterr().out
    assert 0 <= float(first) <= 1 and (tmp_path / "runs" / "mmd" / "step-00000020").is_dir()
    names["net"] = None
    exec(adaptation, names)  # called again, it takes the finished run from its checkpoint
    assert capsys.readouterr().out == first
    exec(tables, names)
    assert "p_value=" in capsys.readouterr().out and len(names["answers"]) == 150
    exec(comparison, names)
    assert "n = 3" in capsys.readouterr().out and len(names["table"]) == 6
    draw(tmp_path / "photos")
    exec(own_files, names)
    assert "photos/test/" in capsys.readouterr().out
    assert (tmp_path / "runs" / "photos" / "README.md").is_file()


def draw(folder):
    for split in ("train", "test"):
        for k, name in enumerate(("ants", "bees")):
            (folder / split / name).mkdir(parents=True)
            for i in range(3):
                picture = Image.new("RGB", (40 + i, 30), (200 * k, 10 * i, len(split)))
                picture.save(folder / split / name / f"{i}.jpg")


def without_code(page):
    text = (root() / page).read_text(encoding="utf-8")
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


LINKS = [
    (page, link)
    for page in ("README.md", *sorted(f"docs/{p.name}" for p in (root() / "docs").glob("*.md")))
    for link in re.findall(r"\]\(([^)#]+)\)", without_code(page))
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_every_link_into_the_project_leads_somewhere(page, link):
    assert link.startswith("http") or ((root() / page).parent / link).exists(), link
