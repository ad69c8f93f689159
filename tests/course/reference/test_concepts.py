"""The concept map: no circle, and behind every concept a section, a claim and an exercise."""

import importlib

import pytest

from tests.cases import for_each
from tests.course.reference.stored_notebooks import claims, headings
from tlbook.course.files import chapter_modules
from tlbook.course.reference import concepts, pictures

ALL = for_each("concept", concepts.concepts())


def test_every_concept_comes_behind_what_it_needs():
    found = [c.name for c in concepts.ordered(concepts.concepts())]
    assert len(found) == len(set(found)) == len(concepts.concepts())
    for concept in concepts.concepts():
        for before in concept.prerequisites:
            assert found.index(before) < found.index(concept.name)


def test_nothing_rests_on_a_later_chapter():
    for concept in concepts.concepts():
        for before in concept.prerequisites:
            assert concepts.find(before).chapter <= concept.chapter


@ALL
def test_a_concept_has_a_section_and_a_claim(concept):
    assert concept.heading in headings(concept.chapter)
    assert any(line.startswith(concept.claim) for _, line in claims(concept.chapter))


@ALL
def test_a_concept_has_an_exercise(concept):
    headings(concept.chapter)  # skips where the chapter is not there yet
    exercises = importlib.import_module(chapter_modules("exercises")[f"ch{concept.chapter}"])
    assert hasattr(exercises, concept.exercise)


@ALL
def test_the_path_holds_all_prerequisites_and_no_more(concept):
    path = concepts.path_to(concept.name)
    names = {c.name for c in path}
    assert path[-1] == concept
    assert all(set(c.prerequisites) <= names for c in path)
    needed = {p for c in path for p in c.prerequisites}
    assert names - needed == {concept.name}


def test_what_do_i_need_for_dann():
    assert [c.name for c in concepts.path_to("DANN")] == [
        "source and target",
        "domain and task",
        "covariate shift",
        "objective with λ",
        "A-distance",
        "discriminator and GAN",
        "gradient reversal",
        "DANN",
    ]


def test_what_is_known_is_left_out_with_what_only_that_rests_on():
    path = concepts.path_to("DANN", known=["objective with λ", "discriminator and GAN"])
    assert [c.name for c in path] == ["gradient reversal", "DANN"]
    assert [c.name for c in concepts.path_to("DANN", known=["DANN"])][-1] == "DANN"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("fine tuning", "fine-tuning"),
        ("微调", "fine-tuning"),
        ("domain-adversarial training", "DANN"),
        ("域对抗训练", "DANN"),
        ("负迁移", "negative transfer"),
    ],
)
def test_a_reader_s_own_word_leads_to_the_concept(asked, name):
    assert concepts.path_to(asked) == concepts.path_to(name)


def test_unknown_names_and_circles_are_named():
    with pytest.raises(ValueError, match="'shift', want one of the .*, such as covariate shift"):
        concepts.path_to("shift")
    with pytest.raises(ValueError, match="concepts.table.. lists"):
        concepts.path_to("Quark")
    with pytest.raises(ValueError, match="name: got int, want a text"):
        concepts.path_to(3)
    loop = [concepts.Concept(a, (b,), 1, "", "", "", "") for a, b in ("ab", "bc", "ca")]
    with pytest.raises(ValueError, match="circle"):
        concepts.ordered(loop)


def test_the_table_says_the_same_as_the_path():
    path = concepts.path_to("DANN")
    table = concepts.table(path)
    assert list(table.concept) == [c.name for c in path]
    assert table["minutes so far"].iloc[-1] == sum(c.minutes for c in path) == 100
    assert len(concepts.table()) == len(concepts.concepts())


@pytest.mark.parametrize("name", ["DANN", "source and target"])
def test_the_picture_shows_the_path_and_no_two_boxes_share_a_place(name):
    path = concepts.path_to(name)
    shown = {text.get_text().replace("\n", " ") for text in pictures.path(name).axes[0].texts}
    assert {c.name for c in path} <= shown
    for places in (pictures.by_depth(path), pictures.by_chapter(concepts.concepts())):
        assert len(set(places.values())) == len(places)


def test_the_whole_map_colors_the_path():
    ax = pictures.whole_map("DANN").axes[0]
    wide = [patch for patch in ax.patches if patch.get_linewidth() > 2]
    assert len(wide) == len(concepts.path_to("DANN"))
