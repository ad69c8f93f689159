"""The taxonomy: every description that can be written is decided or refused, by the definitions."""

import pickle
from dataclasses import FrozenInstanceError

import pytest

from tlbook.course.ch03_taxonomy import taxonomy
from tlbook.course.ch03_taxonomy.taxonomy import (
    CHOICES,
    METHODS,
    SETTINGS,
    Contradiction,
    Problem,
    decide,
)
from tlbook.course.ch03_taxonomy.taxonomy.syllabus import TITLES, reference
from tlbook.course.chapters import CHAPTERS


@pytest.fixture(scope="module")
def verdicts():
    """Every description with its decision, or with the contradiction that refused it."""
    found = {}
    for problem in taxonomy.every_problem():
        try:
            found[problem] = decide(problem)
        except Contradiction as clash:
            found[problem] = clash
    return found


@pytest.fixture(scope="module")
def look_up(verdicts):
    """A function: the verdict on a description after one answer was changed."""
    places = {name: i for i, name in enumerate(CHOICES)}
    table = {tuple(getattr(p, n) for n in CHOICES): v for p, v in verdicts.items()}

    def changed(problem, name, value):
        key = [getattr(problem, n) for n in CHOICES]
        key[places[name]] = value
        return table[tuple(key)]

    return changed


@pytest.fixture(scope="module")
def decided(verdicts):
    return {p: v for p, v in verdicts.items() if not isinstance(v, Contradiction)}


@pytest.fixture(scope="module")
def refused(verdicts):
    return {p: v for p, v in verdicts.items() if isinstance(v, Contradiction)}


# -- every description ---------------------------------------------------------------------------


@pytest.mark.slow
def test_all_descriptions_are_there_once(verdicts):
    assert len(verdicts) == 3**4 * 2**8
    assert 0.1 < sum(isinstance(v, Contradiction) for v in verdicts.values()) / len(verdicts) < 0.9


@pytest.mark.slow
def test_a_decision_is_whole(decided):
    for problem, d in decided.items():
        assert d.problem == problem
        assert d.reason and d.note and d.path and d.chapters and d.fits
        assert {c.number for c in d.chapters} <= set(TITLES)
        assert all(a.why and a.chapters for a in (*d.fits, *d.unfit))


def test_every_method_fits_or_does_not(decided):
    names = sorted(m.name for m in METHODS)
    assert len(set(names)) == len(names)
    for d in decided.values():
        fits, unfit = {a.method for a in d.fits}, {a.method for a in d.unfit}
        assert not fits & unfit
        assert sorted(fits | unfit) == names


@pytest.mark.slow
def test_a_refusal_blames_no_innocent_answer(refused, look_up):
    """As long as the answers that it names stay, no change of another one helps."""
    for problem, clash in refused.items():
        assert isinstance(clash, ValueError) and clash.why.strip()
        assert len(clash.fields) >= 2 and set(clash.fields) <= set(CHOICES)
        for name in CHOICES:
            for value in CHOICES[name] if name not in clash.fields else ():
                assert isinstance(look_up(problem, name, value), Contradiction), (problem, name)


def test_a_refusal_says_what_was_answered(refused):
    seen = {clash.fields: clash for clash in refused.values()}
    assert len(seen) == 15
    for clash in seen.values():
        assert all(statement in str(clash) for statement in clash.statements)


def test_following_the_refusals_leads_out(refused, look_up):
    """Change one of the answers named, as the refusal asks, and again: something is left."""
    cache = {}

    def way_out(problem, clash, steps):
        if steps == 0:
            return False
        if (problem, steps) not in cache:
            verdicts = [look_up(problem, n, v) for n in clash.fields for v in CHOICES[n]]
            cache[problem, steps] = any(
                not isinstance(v, Contradiction) or way_out(v.problem, v, steps - 1)
                for v in verdicts
            )
        return cache[problem, steps]

    assert all(any(way_out(p, c, k) for k in range(1, 7)) for p, c in refused.items())


def test_every_setting_method_and_way_through_the_tree_occurs(decided):
    assert {d.setting for d in decided.values()} == set(SETTINGS)
    assert {a.method for d in decided.values() for a in d.fits} == {m.name for m in METHODS}
    assert {a.method for d in decided.values() for a in d.unfit} == {m.name for m in METHODS}
    assert {d.path for d in decided.values()} == {steps for steps, _ in taxonomy.paths()}
    assert dict(taxonomy.paths()) == {d.path: d.setting for d in decided.values()}


# -- the definitions, written a second time ------------------------------------------------------


def test_transductive_is_same_task_other_domain_labels_only_in_the_source(decided):
    for p, d in decided.items():
        other_domain = p.inputs == "different" or p.features == "different"
        definition = (
            p.task == "same"
            and other_domain
            and p.source_labels != "none"
            and p.target_labels == "none"
            and p.target_inputs
        )
        assert (d.family == "transductive") == definition, p


def test_another_task_with_target_labels_is_inductive_whatever_the_domain(decided):
    for p, d in decided.items():
        if p.task != "same" and p.target_labels != "none":
            assert d.family == "inductive", p
    assert {p.inputs for p, d in decided.items() if d.setting == "inductive transfer"} == {
        "same",
        "different",
    }


def test_unsupervised_means_no_labels_in_either(decided):
    for p, d in decided.items():
        if d.family == "unsupervised":
            assert p.source_labels == p.target_labels == "none"
        if p.source_labels == p.target_labels == "none":
            assert d.family in ("unsupervised", "no transfer")


def test_transfer_needs_a_difference(decided):
    for p, d in decided.items():
        one_problem = p.task == "same" and p.features == "same" and p.inputs == "same"
        assert (d.family == "no transfer") == one_problem
        if one_problem:
            kinds = {a.kind for a in d.fits}
            assert kinds == {"baseline"}, (p, kinds)


def test_self_taught_has_labels_in_the_target_only(decided):
    for p, d in decided.items():
        if d.setting == "self-taught learning":
            assert p.source_labels == "none" and p.target_labels != "none"
            assert d.family == "inductive"


def test_zero_shot_has_no_label_of_the_classes_and_a_description(decided):
    for p, d in decided.items():
        if d.setting == "zero-shot learning":
            assert p.target_labels == "none" and p.descriptions and p.source_labels != "none"
            assert "recognition by description" in d.methods()


def test_two_tasks_at_once_need_the_labels_of_both(decided):
    for p, d in decided.items():
        if d.setting in ("multi-task learning", "learning without forgetting"):
            assert p.goal == "both" and p.task != "same"
            assert "none" not in (p.source_labels, p.target_labels)
            assert (d.setting == "multi-task learning") == (p.access == "data")


# -- what methods need ---------------------------------------------------------------------------

NEEDS_TARGET_LABELS = {
    "target alone", "pooled training", "semi-supervised learning", "TrAdaBoost",
    "frozen features + new head", "fine-tuning", "multi-task training",
    "distillation from the old model", "adapter before the model",
    "class relations as soft targets", "relational distillation",
    "few-shot learning from episodes",
}  # fmt: skip
NEEDS_SOURCE_DATA = {
    "pooled training", "robust training", "importance weights", "selection of similar examples",
    "label-shift correction, BBSE", "TrAdaBoost", "alignment of given features",
    "learned domain-invariant features", "features from unlabeled source", "matching of geometries",
    "multi-task training", "few-shot learning from episodes",
}  # fmt: skip
NEEDS_TARGET_INPUTS = {
    "importance weights", "selection of similar examples", "label-shift correction, BBSE",
    "label-shift correction, EM", "alignment of given features", "self-training",
    "learned domain-invariant features", "normalization with target statistics",
    "clustering in transferred features", "matching of geometries",
}  # fmt: skip
NEEDS_THE_SAME_TASK = {
    "source model as it is", "pooled training", "importance weights", "self-training",
    "selection of similar examples", "alignment of given features", "robust training",
    "learned domain-invariant features", "normalization with target statistics",
    "label-shift correction, BBSE", "label-shift correction, EM", "matching of geometries",
}  # fmt: skip
BRIDGES = {"common space from pairs", "matching of geometries", "adapter before the model"}


@pytest.mark.parametrize(
    ("missing", "methods"),
    [
        (lambda p: p.target_labels == "none", NEEDS_TARGET_LABELS),
        (lambda p: p.access == "model", NEEDS_SOURCE_DATA),
        (lambda p: not p.target_inputs, NEEDS_TARGET_INPUTS),
        (lambda p: p.task != "same", NEEDS_THE_SAME_TASK),
        (lambda p: p.features == "same", BRIDGES),
        (lambda p: p.overlap == "no", {"importance weights", "selection of similar examples"}),
        (lambda p: not p.descriptions, {"recognition by description"}),
        (
            lambda p: p.label_shift,
            {"importance weights", "alignment of given features"},
        ),
    ],
    ids=["target labels", "source data", "target inputs", "same task", "two feature spaces",
         "overlap", "descriptions", "more than the shares moved"],
)  # fmt: skip
def test_no_method_is_offered_where_what_it_needs_is_missing(decided, missing, methods):
    assert methods <= {m.name for m in METHODS}
    cases = [d for p, d in decided.items() if missing(p)]
    assert cases
    for d in cases:
        assert not methods & set(d.methods()), d.problem


def test_a_method_across_one_feature_space_is_never_offered_for_two(decided):
    alone = {"target alone", "semi-supervised learning", "clustering of the target alone"}
    for p, d in decided.items():
        if p.features == "different":
            assert set(d.methods()) <= BRIDGES | alone


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [("access", "model", "data"), ("descriptions", False, True), ("pairs", False, True),
     ("overlap", "no", "yes"), ("overlap", "unknown", "yes")],
)  # fmt: skip
def test_knowing_more_takes_no_method_away(decided, look_up, name, less, more):
    """Of a labeled source: from unlabeled data a model has to be trained first."""
    compared = 0
    for p, d in decided.items():
        if getattr(p, name) == less and (name != "access" or p.labeled_source):
            richer = look_up(p, name, more)
            if not isinstance(richer, Contradiction):
                assert set(d.methods()) <= set(richer.methods()), p
                compared += 1
    assert compared > 20


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("pairs", lambda p: p.features == "same"),
        ("descriptions", lambda p: p.task == "same"),
        ("overlap", lambda p: p.task != "same"),
        ("inputs", lambda p: p.task == "other classes" and not p.label_shift),
    ],
)
def test_an_answer_that_does_not_matter_changes_no_setting(decided, look_up, name, where):
    compared = 0
    for p, d in decided.items():
        for value in CHOICES[name] if where(p) else ():
            other = look_up(p, name, value)
            if not isinstance(other, Contradiction):
                assert other.setting == d.setting and other.family == d.family
                compared += 1
    assert compared > 20


def test_few_and_many_make_no_other_setting(decided, look_up):
    """How many labels there are decides on methods; whether there are any, on the setting."""
    for p, d in decided.items():
        for name in ("source_labels", "target_labels"):
            if getattr(p, name) == "few":
                assert look_up(p, name, "many").setting == d.setting


# -- the situations of the literature and of the documents ---------------------------------------

STORIES = {
    "ImageNet to medical images": (
        {"target_labels": "few", "task": "other classes", "access": "model"},
        "inductive transfer",
    ),
    "news topics to film sentiment": (
        {"target_labels": "few", "task": "other classes"},
        "inductive transfer",
    ),
    "printed to handwritten digits": ({}, "domain adaptation"),
    "the hospital keeps its data": ({"access": "model"}, "source-free domain adaptation"),
    "font characters to handwritten ones": (
        {"source_labels": "none", "target_labels": "few", "task": "other classes"},
        "self-taught learning",
    ),
    "word vectors to clusters of texts": (
        {"source_labels": "none", "task": "other classes", "access": "model"},
        "unsupervised transfer",
    ),
    "animals by their attributes": (
        {"task": "other classes", "descriptions": True},
        "zero-shot learning",
    ),
    "text to pictures by captions": (
        {"features": "different", "pairs": True},
        "heterogeneous transfer",
    ),
    "a second sample of the same": ({"inputs": "same"}, "supervised learning"),
    "a new hospital tomorrow": ({"target_inputs": False}, "domain generalization"),
}


@pytest.mark.parametrize("story", STORIES)
def test_known_situations(story):
    answers, setting = STORIES[story]
    assert decide(**answers).setting == setting


def test_label_shift_is_corrected_not_aligned():
    d = decide(label_shift=True)
    assert {"label-shift correction, BBSE", "label-shift correction, EM"} <= set(d.methods())
    why = {a.method: a.why for a in d.unfit}
    assert "mix up the classes" in why["alignment of given features"]


# -- bad input and looks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"task": "similar"}, "task: got 'similar', want one of 'same'"),
        ({"source_labels": 5}, "source_labels: got 5"),
        ({"target_inputs": "yes"}, "target_inputs: got 'yes', want True or False"),
        ({"descriptions": 1}, "descriptions: got 1, want True or False"),
        ({"inputs": None}, "inputs: got None"),
        ({"labels": "many"}, "answers: got 'labels', want one of source_labels"),
        ({"inputs": "same", "overlap": "no"}, "inputs, overlap: got P"),
        ({"task": "other meaning"}, "Only labels or descriptions can say"),
        ({"features": "different", "inputs": "same"}, "cannot carry the same P"),
        ({"label_shift": True, "inputs": "same"}, "linearly dependent"),
        ({"task": "other classes", "goal": "both"}, "the second one needs labels"),
        ({"features": "different", "task": "other classes"}, "Nothing says what in one"),
    ],
)
def test_bad_descriptions_get_a_clear_error(answers, message):
    with pytest.raises(ValueError, match=message):
        decide(**answers)


def test_only_a_problem_can_be_decided():
    with pytest.raises(ValueError, match="problem: got dict"):
        decide({"task": "same"})
    with pytest.raises(ValueError, match="number: got '21'"):
        reference("21")


def test_answers_replace_those_of_a_problem_which_stays_as_it_is():
    problem = Problem(target_labels="few")
    assert decide(problem, access="model").problem == problem.changed(access="model")
    assert problem.access == "data"
    with pytest.raises(FrozenInstanceError):
        problem.access = "model"
    with pytest.raises(ValueError, match="changes: got 'acess'"):
        problem.changed(acess="model")


def test_a_decision_reads_well_as_text_and_html():
    d = decide(task="other classes", target_labels="few")
    text, page = repr(d), d._repr_html_()
    assert max(map(len, text.splitlines())) <= 96
    for part in (d.setting, *(a.method for a in (*d.fits, *d.unfit))):
        assert part in " ".join(text.split()) and part in page
    assert page.count("<table") == page.count("</table>") == 2
    assert d.methods("parameter") == ("fine-tuning", "multi-task training")


def test_only_finished_chapters_are_linked(decided):
    finished = {c.number: c for c in CHAPTERS}
    for d in (decide(), decide(task="other classes", descriptions=True)):
        page = d._repr_html_()
        for chapter in d.chapters:
            listed = chapter.number in finished
            assert (f'href="{chapter.file}"' in page) == listed
            assert (chapter.file is None) != listed
            assert f"{chapter.number} {chapter.title}" in page
    assert all(reference(n).file == c.file for n, c in finished.items())


def test_decisions_and_refusals_can_be_kept():
    d = decide(label_shift=True)
    assert pickle.loads(pickle.dumps(d)) == d
    with pytest.raises(Contradiction) as caught:
        decide(inputs="same", overlap="no")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.fields == ("inputs", "overlap")
