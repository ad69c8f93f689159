"""The text corpus: no text gives its label away, none is there twice, no chance is involved."""

import hashlib
import os
import pickle
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from tlbook import data
from tlbook.data.docstrings.clean import clean
from tlbook.data.docstrings.collect import paragraphs
from tlbook.data.docstrings.corpus import corpus
from tlbook.data.docstrings.duplicates import THRESHOLD, first_of_each, near_duplicates
from tlbook.data.docstrings.places import TOPICS
from tlbook.data.docstrings.task import proportional_order

ROOT = Path(__file__).resolve().parents[3]
PINNED = {"numpy": "2.4.6", "scipy": "1.17.1", "torch": "2.15.0"}
AS_PINNED = all(version(name).split("+")[0] == pin for name, pin in PINNED.items())


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """Give the module a cache folder of its own: the corpus is collected once, and here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def texts():
    return corpus()


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


def test_the_texts_of_known_items_are_there(texts):
    X, y, library, name = texts
    found = {
        (lib, item, TOPICS[c]): text for text, c, lib, item in zip(X, y, library, name, strict=True)
    }
    eig = found["NumPy", "eig", "linear algebra"]
    assert eig == "Compute the eigenvalues and right eigenvectors of a square array."
    assert "Bessel" in found["SciPy", "jn_zeros", "special functions"]
    assert "Butterworth" in found["SciPy", "buttap", "signal"]
    assert found["torch", "Dirichlet", "random"].startswith("Creates a distribution")


def test_no_text_names_a_class_a_library_or_itself(texts):
    X, _, _, name = texts
    forbidden = {"sparse", "random", "fft", "signal", "linalg", "optimization", "optimize"}
    forbidden |= {"optimizer", "numpy", "scipy", "torch", "pytorch"}
    for text, own in zip(X, name, strict=True):
        assert not words(text) & forbidden, text
        assert not re.search(r"linear\s+algebra|special\s+function", text, re.IGNORECASE), text
        assert not re.search(rf"(?<!\w){re.escape(own)}(?!\w)", text, re.IGNORECASE), (own, text)


def test_no_name_of_code_is_left(texts):
    for text in texts[0]:
        assert "_" not in text and "`" not in text and "::" not in text, text
        dotted = re.findall(r"[A-Za-z]\w*\.[A-Za-z]\w*", text)
        assert all(d in ("e.g", "i.e") for d in dotted), text
        assert not re.search(r"[a-z]\w*\((?!e?s\))\w", text), text  # call(...)
        assert not re.search(r"\b[A-Z][a-z]+[A-Z][a-z]+", text), text  # CamelCase


def test_no_two_texts_say_nearly_the_same(texts):
    """Brute force over all pairs, with another measure: all words, without their endings."""
    X = texts[0]
    sets = [frozenset(w.rstrip("s") for w in words(text) if len(w) > 2) for text in X]
    vocabulary = {w: k for k, w in enumerate(sorted(frozenset().union(*sets)))}
    table = np.zeros((len(sets), len(vocabulary)), dtype=np.float32)
    for row, s in enumerate(sets):
        table[row, [vocabulary[w] for w in s]] = 1
    shared = table @ table.T
    size = table.sum(1)
    jaccard = shared / (size[:, None] + size - shared)
    np.fill_diagonal(jaccard, 0)
    # Function words, which the corpus does not compare, lift some pairs above its threshold.
    assert jaccard.max() < 0.85
    assert (np.triu(jaccard) >= 0.7).sum() < 0.02 * len(X)
    assert near_duplicates(X) == []
    assert len(set(X)) == len(X)


def test_near_duplicates_are_those_of_the_definition():
    rng = np.random.default_rng(0)
    vocabulary = np.array(["matrix", "vector", "filter", "window", "gamma", "norm", "root", "axis"])
    X = [" ".join(rng.choice(vocabulary, size=rng.integers(2, 7))) for _ in range(60)]
    sets = [set(text.split()) for text in X]
    wanted = [
        (i, j)
        for i in range(60)
        for j in range(i + 1, 60)
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= THRESHOLD
    ]
    assert near_duplicates(X) == wanted
    assert 0 < len(wanted) < 60 * 59 / 2


def test_of_near_duplicates_the_first_stays_and_of_contradictions_none():
    X = [
        "Solve a system with a banded matrix",
        "Solves systems with banded matrix",
        "Draw a sample from a normal law",
        "Return the window in the time domain",
        "Return the windows in the time domain",
    ]
    topics = ["linear algebra", "linear algebra", "random", "signal", "random"]
    assert first_of_each(X, topics) == [0, 2]


def test_classes_and_domains_have_sensible_sizes(texts):
    _, y, library, _ = texts
    source, target = np.bincount(y[library != "torch"]), np.bincount(y[library == "torch"])
    assert set(library) == {"NumPy", "SciPy", "torch"}
    assert len(source) == len(target) == len(TOPICS)
    assert source.min() >= 40 and target.min() >= 14, (source, target)
    if AS_PINNED:
        assert 700 <= source.sum() <= 800 and 240 <= target.sum() <= 300


@pytest.mark.skipif(not AS_PINNED, reason="the table is of the pinned versions")
def test_the_readme_has_the_counts_of_the_pinned_versions(texts):
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert all(pin in readme for pin in PINNED.values())
    table = readme.split("<!-- docstrings:")[1].split("<!-- end of docstrings -->")[0]
    _, y, library, _ = texts
    for c, topic in enumerate(TOPICS):
        counts = [int(((y == c) & (library == lib)).sum()) for lib in ("NumPy", "SciPy", "torch")]
        (line,) = [row for row in table.splitlines() if row.startswith(f"| {topic} |")]
        assert [int(cell.split()[-1]) for cell in line.split("|")[2:5]] == counts


def test_task_splits_without_overlap_and_with_equal_shares():
    task = data.load("docstrings", seed=3)
    _, y, library, _ = corpus()
    parts = [set(p.X) for p in (task.source, task.validation, task.target)]
    seen = {}
    task.score(lambda X: seen.setdefault("test", X) is None or np.zeros(len(X)))
    parts.append(set(seen["test"]))
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(y)
    assert len(parts[2]) + len(parts[3]) == (library == "torch").sum()
    assert abs(len(parts[2]) - len(parts[3])) <= 1
    share = np.bincount(task.source.y) / len(task.source) - np.bincount(task.validation.y) / len(
        task.validation
    )
    assert np.abs(share).max() < 0.01
    X5, y5 = task.label(5, seed=0)
    assert np.bincount(y5).tolist() == [5] * 6 and set(X5) <= parts[2]
    other = data.load("docstrings", seed=4)
    assert set(other.source.X) != parts[0]
    assert np.array_equal(data.load("docstrings", seed=3).source.X, task.source.X)


def test_every_beginning_of_the_order_has_its_share_of_each_class():
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1, 2], [60, 30, 9]))
    order = proportional_order(y, rng)
    assert sorted(order) == list(range(99))
    for k in (10, 33, 50, 80):
        assert np.abs(np.bincount(y[order[:k]], minlength=3) - k * np.bincount(y) / 99).max() < 2
    assert not np.array_equal(order, proportional_order(y, rng))


def test_a_constant_answer_gets_the_share_of_its_class():
    task = data.load("docstrings")
    _, y, library, _ = corpus()
    share = np.bincount(y[library == "torch"]) / (library == "torch").sum()
    report = task.report(lambda X: np.full(len(X), 3))
    assert report.accuracy == pytest.approx(share[3], abs=0.02)
    assert report.recall.tolist() == [0, 0, 0, 1, 0, 0]
    assert report.images.dtype == object and isinstance(report.images[0], str)


@pytest.mark.slow
def test_kept_names_are_the_same_items_and_give_labels_away():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from tlbook.text import tfidf

    accuracy = {}
    for leakage in ("removed", "kept"):
        scores = []
        for seed in range(100, 104):
            task = data.load("docstrings", seed=seed, leakage=leakage)
            model = make_pipeline(tfidf(), LogisticRegression(C=10, max_iter=1000))
            model.fit(task.source.X, task.source.y)
            scores.append(task.report(model.predict).recall.mean())
        accuracy[leakage] = np.array(scores)
    assert np.array_equal(corpus("removed")[3], corpus("kept")[3])
    assert ((accuracy["kept"] - accuracy["removed"]) > 0).all(), accuracy


@pytest.mark.slow
def test_the_same_in_a_fresh_process_whatever_the_hash_seed_and_the_imports(texts, tmp_path):
    script = (
        "import hashlib, scipy.stats, torch.distributions, torch.sparse\n"
        "from tlbook.data.docstrings.corpus import corpus\n"
        "text = '\\0'.join(map(repr, (a.tolist() for a in corpus())))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    here = hashlib.sha256("\0".join(repr(a.tolist()) for a in texts).encode()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TLBOOK_CACHE": str(tmp_path / "other")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here
    assert len(list((tmp_path / "other").iterdir())) == 1


def test_a_cached_corpus_loads_no_heavy_library(texts):
    script = (
        "import sys\n"
        "from tlbook import data\n"
        "data.load('docstrings').target.X\n"
        "print([m for m in ('torch', 'sklearn', 'matplotlib') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_task_travels_as_its_recipe():
    task = data.load("docstrings", seed=2, leakage="kept")
    recipe = pickle.dumps(task)
    assert len(recipe) < 500
    again = pickle.loads(recipe)
    assert again.options == {"leakage": "kept"} and np.array_equal(again.target.X, task.target.X)


def test_bad_options_are_named():
    with pytest.raises(ValueError, match="leakage: got 'some', want one of 'removed', 'kept'"):
        data.load("docstrings", leakage="some")
    with pytest.raises(ValueError, match="options of 'docstrings': got size, want one of leakage"):
        data.load("docstrings", size=3)


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("Compute the FFT of a signal, see `numpy.fft.fft`.", "rfft", "Compute the of a, see."),
        ("A Latin hypercube sample of `n` points", "LatinHypercube", "A sample of n points"),
        ("Use :func:`~scipy.linalg.lu` or lu_factor(a) here.", "x", "Use or here."),
        ("Wraps ``ARPACK``, see `A long title <http://a.b>`_ [1]_", "x", "Wraps, see A long title"),
        ("Solve for `x` with `gmres` or `LinearOperator`", "cg", "Solve for x with or"),
        ("The value(s) of :math:`x^2`, e.g. 1.5", "x_y", "The value(s) of, e.g. 1.5"),
        ("Scipy's sparse matrices optimise linear algebra", "z", "'s matrices"),
    ],
)  # fmt: skip
def test_cleaning(text, name, wanted):
    assert clean(text, name, {"gmres"}) == wanted


def test_paragraphs_end_before_the_sections():
    document = (
        "f(x, y=None) -> Tensor\n\nFirst one,\ntwo lines.\n\n.. math::\n\n    x = 1\n\n"
        "    indented\n\nSecond.\n\nParameters\n----------\nx : int\n\nNever read."
    )
    assert list(paragraphs(document)) == ["First one, two lines.", "Second."]
    assert list(paragraphs("Words.\n\nArgs:\n    x: no")) == ["Words."]
