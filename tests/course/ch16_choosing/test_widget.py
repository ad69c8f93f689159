"""The game of the sources: what is kept, what is judged, and too few of them."""

from tlbook.course.ch16_choosing import tables
from tlbook.course.ch16_choosing.cases import SOURCES
from tlbook.course.ch16_choosing.widget import source_game as game


def test_the_groups_are_the_twelve_sources():
    assert sorted(name for _, names in game.GROUPS.values() for name in names) == sorted(SOURCES)


def test_it_judges_the_sources_that_are_kept():
    result = game.compute(**game.EXPERIMENT.parameters(**game.WEAK))
    assert len(result.kept) == 8 and "digits, mirrored" not in result.kept
    want = tables.judged("linear probe", result.kept)
    assert result.table.tau.equals(want.tau)


def test_too_few_sources_are_said_and_not_judged():
    off = dict.fromkeys(game.GROUPS, False) | {"few": True}
    result = game.compute(**game.EXPERIMENT.parameters(**off))
    assert result.table is None
    assert "2 sources are left" in game.EXPERIMENT.figure_of(result).alt
