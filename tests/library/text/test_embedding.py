"""Embeddings: equal to the model card's recipe, whatever the batch, kept on disk, never online."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import tlbook.text
from tlbook.text import MiniLM, embed, embedding, minilm, pool, store, tfidf
from tlbook.workshop.offline import namespace_prefix

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
WORDS = re.findall(r"\w+", "matrix inverse of a symmetric filter with the lowest frequency of all")
TEXTS = [" ".join(WORDS[i % 7 : i % 7 + 1 + i % 6]) + f", case {i}" for i in range(40)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path))
    store._memory.clear()
    return tmp_path


@pytest.fixture(scope="module")
def reference():
    """Embeddings by hand, one text at a time, as the model card has it."""
    from transformers import AutoModel, AutoTokenizer

    place = str(minilm.checked_folder())
    tokens_of = AutoTokenizer.from_pretrained(place, local_files_only=True)
    model = AutoModel.from_pretrained(place, local_files_only=True).eval()
    rows = []
    with torch.no_grad():
        for text in TEXTS:
            tokens = tokens_of(text, truncation=True, max_length=256, return_tensors="pt")
            mean = model(**tokens).last_hidden_state[0].mean(0)
            rows.append((mean / mean.norm()).numpy())
    return np.stack(rows)


def count_forward(monkeypatch):
    counts = []
    forward = embedding._forward

    def counted(texts, place, batch_size):
        counts.append(len(texts))
        return forward(texts, place, batch_size)

    monkeypatch.setattr(embedding, "_forward", counted)
    return counts


@pytest.mark.parametrize("batch_size", [None, 7, 64])
def test_embeddings_are_those_of_the_model_card(reference, batch_size):
    E = embed(TEXTS, device="cpu", batch_size=batch_size, keep=False)
    assert E.shape == (40, 384) and E.dtype == np.float32
    assert np.abs(E - reference).max() < 1e-5
    assert np.abs(np.linalg.norm(E, axis=1) - 1).max() < 1e-6


def test_the_same_bits_in_any_order_and_any_company():
    E = embed(TEXTS, device="cpu", keep=False)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    shuffled = embed([TEXTS[i] for i in order], device="cpu", keep=False)
    assert np.array_equal(shuffled, E[order])
    assert np.array_equal(embed(TEXTS[3:9], device="cpu", keep=False), E[3:9])
    batched = embed(TEXTS, device="cpu", keep=False, batch_size=8)
    again = embed([TEXTS[i] for i in order], device="cpu", keep=False, batch_size=8)
    assert np.array_equal(again, batched[order])


def test_repeated_texts_are_embedded_once(monkeypatch):
    counts = count_forward(monkeypatch)
    E = embed(["one text", "another", "one text"], device="cpu", keep=False)
    assert counts == [2] and np.array_equal(E[0], E[2])


def test_near_in_meaning_is_near_in_space():
    E = embed(
        ["Compute the eigenvalues of a matrix.", "Spectrum of a linear operator", "Buy milk"],
        device="cpu",
    )
    assert E[0] @ E[1] > E[0] @ E[2] + 0.2


def test_long_texts_are_cut_at_256_tokens():
    long = "matrix " * 254  # and two tokens that mark beginning and end
    E = embed([long, long + "of unread words"], device="cpu", keep=False)
    assert np.array_equal(E[0], E[1])
    assert not np.array_equal(E[0], embed(["matrix " * 253], device="cpu", keep=False)[0])


def test_pool_is_the_normalized_mean_of_the_unmasked():
    hidden = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    for row, n in ((0, 3), (1, 5)):
        mean = hidden[row, :n].mean(0)
        assert torch.allclose(pool(hidden, mask)[row], mean / mean.norm(), atol=1e-6)


def test_vectors_are_kept_and_found_for_any_selection(folder, monkeypatch):
    counts = count_forward(monkeypatch)
    E = embed(TEXTS, device="cpu")
    store._memory.clear()  # as in another process
    assert np.array_equal(embed(TEXTS[::-2], device="cpu"), E[::-2])
    assert counts == [40]
    embed(TEXTS[:5] + ["a new text"], device="cpu")
    assert counts == [40, 1]
    assert len(list(folder.glob("minilm-cpu-*.arrays"))) == 1, "one new text is not worth a file"


@pytest.mark.parametrize("keep", [0, 20, 500, -1])
def test_a_damaged_file_is_made_again(folder, monkeypatch, keep):
    counts = count_forward(monkeypatch)
    E = embed(TEXTS, device="cpu")
    (path,) = folder.glob("minilm-*.arrays")
    whole = path.read_bytes()
    path.write_bytes(whole[:keep])
    store._memory.clear()
    assert np.array_equal(embed(TEXTS, device="cpu"), E)
    assert counts == [40, 40]
    assert path.read_bytes() == whole


def test_a_flipped_bit_is_noticed(folder, monkeypatch):
    counts = count_forward(monkeypatch)
    E = embed(TEXTS, device="cpu")
    (path,) = folder.glob("minilm-*.arrays")
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    store._memory.clear()
    assert np.array_equal(embed(TEXTS, device="cpu"), E) and counts == [40, 40]


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path / "file" / "cache"))
    assert embed(TEXTS[:33], device="cpu").shape == (33, 384)


def test_another_library_version_finds_nothing(monkeypatch):
    here = store.Store("cpu").pattern
    monkeypatch.setattr(store, "version", lambda name: "99")
    assert store._version.__wrapped__() not in here
    assert store.Store("cuda").pattern != here


def test_a_wrong_file_is_refused(tmp_path, monkeypatch):
    real = minilm.checked_folder()
    package = tmp_path / "site" / "fake_minilm"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setattr(minilm, "PACKAGE", "fake_minilm")
    with pytest.raises(ValueError, match=r"MiniLM: model.safetensors is missing"):
        minilm.encoder()
    for name in minilm.SHA256:
        (package / "model" / name).symlink_to(real / name)
    assert minilm.checked_folder() == package / "model"
    config = package / "model" / "config.json"
    text = config.read_text()
    config.unlink()
    config.write_text(text.replace('"num_hidden_layers": 6', '"num_hidden_layers": 5'))
    with pytest.raises(ValueError, match=r"config.json has sha256 \w+…, want 953f9c0d463.…: it is"):
        minilm.tokenizer()
    monkeypatch.setattr(minilm, "PACKAGE", "not_installed_minilm")
    with pytest.raises(ValueError, match="not-installed-minilm is not installed"):
        minilm.encoder()


def test_digests_are_computed_once_per_process(monkeypatch):
    minilm.checked_folder()
    monkeypatch.setattr(minilm.hashlib, "file_digest", None)
    minilm.checked_folder()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "texts: got one str, want a list"),
        ([], "texts: got 0 texts, want at least 1"),
        (["a", ""], "texts: got an empty text in row 1"),
        (["a", 1.0], "texts: got float in row 1"),
        (np.zeros((3, 2)), "texts: got shape"),
    ],
)
def test_bad_texts_are_named(texts, message):
    with pytest.raises(ValueError, match=message):
        embed(texts)


def test_bad_options_are_named():
    with pytest.raises(ValueError, match="batch_size: got 0, want"):
        embed(["a"], batch_size=0)
    with pytest.raises(ValueError, match="device: got 'tpu'"):
        embed(["a"], device="tpu")
    with pytest.raises(ValueError, match="n_components: got 0"):
        tfidf(0)


def test_minilm_is_a_step_of_a_pipeline():
    y = np.arange(40) % 2
    model = make_pipeline(MiniLM(device="cpu"), LogisticRegression()).fit(TEXTS, y)
    assert model.predict(TEXTS).shape == (40,)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert clone(model).get_params()["minilm__device"] == "cpu"
    assert np.array_equal(MiniLM(device="cpu").transform(TEXTS), embed(TEXTS, device="cpu"))
    frame = MiniLM(device="cpu").set_output(transform="pandas").fit_transform(TEXTS[:2])
    assert frame.shape == (2, 384) and frame.columns[0] == "minilm0"
    with pytest.raises(ValueError, match="X: got one str"):
        MiniLM().fit("one text")


def test_tfidf_follows_its_formula():
    texts = ["matrix matrix norm", "norm of the filter", "matrix filter 17 times"]
    vectorizer = tfidf().fit(texts)
    assert list(vectorizer.get_feature_names_out()) == ["filter", "matrix", "norm", "times"]
    row = np.array([0, (1 + np.log(2)) * (1 + np.log(4 / 3)), 1 + np.log(4 / 3), 0])
    assert np.allclose(vectorizer.transform(texts).toarray()[0], row / np.linalg.norm(row))
    assert tfidf(ngram_range=(1, 2), stop_words=None).get_params()["stop_words"] is None


def test_tfidf_projected_keeps_the_cosines_as_well_as_the_best_approximation():
    X = tfidf().fit_transform(TEXTS).toarray()
    Z = tfidf(5).fit_transform(TEXTS)
    U, s, _ = np.linalg.svd(X, full_matrices=False)
    best = U[:, :5] * s[:5]
    best /= np.linalg.norm(best, axis=1, keepdims=True)
    assert Z.shape == (40, 5) and np.allclose(Z @ Z.T, best @ best.T, atol=1e-6)


def test_nothing_leaks_and_no_network_is_needed(tmp_path):
    prefix = namespace_prefix()
    if prefix is None:
        pytest.skip("no network namespaces here")
    script = (
        "import os\n"
        "before = dict(os.environ)\n"
        "from transformers.utils import logging\n"
        "from tlbook.text import embed\n"
        "print(embed(['a text'], device='cpu').shape, dict(os.environ) == before,\n"
        "      logging.is_progress_bar_enabled())\n"
    )
    environment = {**os.environ, "TLBOOK_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {"HF_HOME": str(tmp_path / "hub")}
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [*prefix, sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["(1,", "384)", "True", "True"]
    assert done.stderr == ""


def test_the_package_says_what_the_encoder_has_seen():
    assert "code documentation" in tlbook.text.__doc__
    assert "code documentation" in embed.__doc__
