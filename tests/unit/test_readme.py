"""What the README tells a reader to type works."""

import re

import pytest

from tlbook.chapters import root

README = (root() / "README.md").read_text(encoding="utf-8")


def test_the_recipe_for_own_data_runs(capsys):
    (recipe,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(recipe, {})
    assert "2 looks" in capsys.readouterr().out


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_into_the_project_leads_somewhere(link):
    assert link.startswith("http") or (root() / link).exists(), link
