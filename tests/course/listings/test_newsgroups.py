"""The text listing of D3: what it says when it runs, and that its matrix plays no part."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from tlbook.course import listings
from tlbook.course.listings import newsgroups as patient

FAULTS = {fault.name: fault for fault in listings.listing("newsgroups").faults}


def test_the_exception_is_the_one_of_the_missing_attribute():
    before = FAULTS["an attribute that does not exist"].before()
    assert before.said == "AttributeError: vocabulary_"
    assert not hasattr(patient.stand_in(), "vocabulary_")


def test_the_stand_in_has_the_form_of_the_real_posts():
    posts, later = patient.stand_in("train"), patient.stand_in("test")
    assert set(posts) == {"data", "filenames", "target_names", "target", "DESCR"}
    assert len(posts.data) == len(posts.target) == len(posts.filenames)
    assert all(isinstance(text, str) for text in posts.data)
    assert set(posts.target) == set(range(len(posts.target_names)))
    assert not set(posts.filenames) & {name.replace("test", "train") for name in later.filenames}


def test_answers_do_not_depend_on_the_matrix_to_the_last_bit():
    first, second = patient.run(seed=0), patient.run(seed=1)
    assert not np.array_equal(first["embedding"], second["embedding"])
    score = [run["model"].predict_log_proba(run["new_task"].data) for run in (first, second)]
    assert np.array_equal(*score)
    without = patient.VOCABULARY.split("embedding =")[0], patient.VOCABULARY.split("100)", 1)[1]
    bare = patient.run("".join(without))
    assert "embedding" not in bare
    assert np.array_equal(bare["answers"], first["answers"])


def test_running_it_leaves_numpy_and_scikit_learn_as_they_were():
    from sklearn import datasets

    rand, fetch = np.random.rand, datasets.fetch_20newsgroups
    patient.run()
    with pytest.raises(AttributeError, match="vocabulary_"):
        patient.run(patient.AS_PUBLISHED)
    assert np.random.rand is rand and datasets.fetch_20newsgroups is fetch


def test_words_of_a_pair_are_closer_when_their_vectors_are():
    def twins(words):
        return np.repeat(np.eye(len(words) // 2), 2, axis=0)

    assert patient.related_words(twins) == 1.0
    assert patient.related_words(lambda words: np.roll(twins(words), 1, axis=0)) < 0.2


def test_giveaways_are_words_of_the_posts():
    found = patient.giveaways(())
    words = TfidfVectorizer().fit(patient.stand_in().data).vocabulary_
    assert found and set(found) <= set(words)


def test_unused_names_are_found_and_only_those():
    assert patient.unused("import a\nfrom b import c as d, e\nprint(a, e)") == ["d"]
    assert patient.unused("import a\na.b()") == []
