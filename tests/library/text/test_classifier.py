"""The classifier: pooled as the embeddings are, whatever the padding; frozen, LoRA, full; one loop
and the Trainer are the same training."""

import copy

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from tlbook import finetuning, text
from tlbook.text import pretrained
from tlbook.text.low_rank import changed, changes
from tlbook.training import fit, predict

pytestmark = pytest.mark.slow

TEXTS = [
    "The inverse of a matrix.",
    "Draw random samples from a distribution, one for each seed that is given.",
    "Minimize a function of several variables.",
    "Fourier transform of a signal.",
]
LABELS = np.array([1, 3, 2, 0])


def small(n_classes=4, layers=3, seed=0):
    """A BERT of a few thousand weights: for everything that does not ask what MiniLM knows."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=30522,
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    return text.TextClassifier(BertModel(config, add_pooling_layer=False), n_classes, 32).eval()


@pytest.fixture(scope="module")
def minilm():
    return text.text_classifier(4, "frozen", max_tokens=64)


def test_features_are_the_embeddings_times_root_d(minilm):
    E = text.embed(TEXTS, device="cpu", keep=False)
    assert np.abs(minilm.embed(TEXTS) - np.sqrt(384) * E).max() < 1e-5


def test_padding_and_company_do_not_matter(minilm):
    tokens = minilm.tokens(TEXTS)
    wide = torch.nn.functional.pad(tokens, (0, 9))
    with torch.inference_mode():
        together, padded = minilm(tokens), minilm(wide)
        alone = torch.cat([minilm(minilm.tokens([t])) for t in TEXTS])
    assert torch.equal(together, padded), "trimming is exact: the same columns are left"
    assert (together - alone).abs().max() < 1e-5


def test_without_the_mask_padding_is_read(minilm):
    tokens = torch.nn.functional.pad(minilm.tokens(TEXTS[:1]), (0, 9))
    blind = tokens.clone()
    blind[:, 1] = 1
    with torch.inference_mode():
        assert (minilm(tokens) - minilm(blind)).abs().max() > 1e-2


def test_methods_on_texts_agree_with_predict_on_tokens():
    model = small()
    texts = TEXTS * 12  # more than a block, of different length
    assert np.array_equal(model.predict(texts), predict(model, model.tokens(texts)))
    p = model.probabilities(texts)
    assert p.shape == (48, 4) and np.allclose(p.sum(1), 1, atol=1e-6)
    assert np.allclose(model.embed(texts)[5], model.embed(texts[5:6])[0], atol=1e-5)
    model.train()
    model.predict(texts)
    assert model.training, "predicting leaves the mode as it was"


@pytest.mark.parametrize(("mode", "count"), [("frozen", 1540), ("lora", 75_268), ("full", 0)])
def test_what_learns_in_each_mode(mode, count):
    model = text.text_classifier(4, mode, rank=8)
    everything = sum(p.numel() for p in model.parameters())
    count = count or everything
    assert finetuning.trainable_parameters(model) == count
    assert text.learning_share(model) == (count, pytest.approx(count / everything))
    if mode == "lora":
        assert count == 6 * 2 * 8 * 2 * 384 + 4 * 385 and count / everything < 0.02


def test_before_the_first_step_lora_is_the_frozen_network(minilm):
    adapted = text.text_classifier(4, "lora", max_tokens=64)
    with torch.inference_mode():
        assert torch.equal(adapted(adapted.tokens(TEXTS)), minilm(minilm.tokens(TEXTS)))


def test_lora_is_pefts_own():
    from peft import LoraConfig, get_peft_model

    plain = small()
    ours = finetuning.lora(plain, 4, 4, layers=text.attention_maps(plain), seed=3)
    config = LoraConfig(r=4, lora_alpha=4, target_modules=["query", "value"])
    theirs = get_peft_model(copy.deepcopy(plain), config)
    tokens = plain.tokens(TEXTS)
    state = {n: 0.3 * torch.randn(v.shape) for n, v in ours.state_dict().items() if "lora_" in n}
    ours.load_state_dict(state, strict=False)
    named = {f"base_model.model.{n}": v for n, v in state.items()}
    assert not theirs.load_state_dict(named, strict=False).unexpected_keys
    ours.eval(), theirs.eval()
    with torch.inference_mode():
        assert (ours(tokens) - plain(tokens)).abs().max() > 1e-2
        assert torch.equal(ours(tokens), theirs(tokens))
        merged = finetuning.lora_merge(ours)
        assert (merged(tokens) - ours(tokens)).abs().max() < 1e-5


def test_only_the_top_blocks_move():
    model = text.train_top(small(), 1)
    before = copy.deepcopy(model.state_dict())
    fit(model, (model.tokens(TEXTS), LABELS), steps=2, lr=1e-2, device="cpu", progress=False)
    moved = {n for n, v in model.state_dict().items() if not torch.equal(v, before[n])}
    assert moved and all(n.startswith(("head", "encoder.encoder.layer.2")) for n in moved)
    assert finetuning.trainable_parameters(text.train_top(model, 3)) == sum(
        p.numel() for p in model.parameters()
    )
    assert finetuning.trainable_parameters(text.train_top(model, 0)) == 4 * 17


def test_the_probe_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    model, rng = small(), np.random.default_rng(0)
    Z, y = rng.normal(size=(80, 16)), rng.permutation(np.arange(80) % 4)
    text.probe_into_head(model, Z, y, C=0.1)
    fitted = LogisticRegression(C=0.1, max_iter=2000).fit(Z, y)
    with torch.inference_mode():
        p = model.head(torch.tensor(Z, dtype=torch.float32)).softmax(1).numpy()
    assert np.abs(p - fitted.predict_proba(Z)).max() < 1e-5
    two = text.probe_into_head(small(2), Z, y % 2, C=0.1)
    fitted = LogisticRegression(C=0.1, max_iter=2000).fit(Z, y % 2)
    with torch.inference_mode():
        p = two.head(torch.tensor(Z, dtype=torch.float32)).softmax(1).numpy()
    assert np.abs(p - fitted.predict_proba(Z)).max() < 1e-5


def test_weights_of_rows_count_as_copies():
    rng = np.random.default_rng(0)
    Z, y = rng.normal(size=(40, 16)), np.arange(40) % 4
    once = text.probe_into_head(small(), np.r_[Z, Z[:4], Z[:4]], np.r_[y, y[:4], y[:4]], C=0.1)
    counts = np.r_[np.full(4, 3.0), np.ones(36)]
    weighted = text.probe_into_head(small(), Z, y, C=0.1, row_weights=counts)
    assert (once.head.weight - weighted.head.weight).abs().max() < 1e-3


def test_fine_tuning_starts_from_the_frozen_head_and_learns(monkeypatch):
    frozen = text.fine_tune(TEXTS * 3, np.tile(LABELS, 3), 4, "frozen", max_tokens=16)
    assert frozen.history is None and np.array_equal(frozen(TEXTS), LABELS)
    none = text.fine_tune(TEXTS, LABELS, 4, "full", top=0, max_tokens=16)
    assert none.history is None
    Z = text.text_classifier(4, "frozen", max_tokens=16).embed(TEXTS)
    for mode in ("lora", "full"):
        tuned = text.fine_tune(
            TEXTS, LABELS, 4, mode, lr=1e-3, steps=2, features=Z, max_tokens=16, device="cpu"
        )
        loss = tuned.history.columns["loss"]
        assert len(loss) == 2 and np.isfinite(loss).all()


def test_changes_of_full_rank_give_the_tuned_network_back():
    start, tuned = small(), small()
    fit(tuned, (tuned.tokens(TEXTS), LABELS), steps=3, lr=1e-2, device="cpu", progress=False)
    with torch.inference_mode():
        tokens = start.tokens(TEXTS)
        whole = changed(start, changes(tuned, start, 16))(tokens)
        assert (whole - tuned(tokens)).abs().max() < 5e-2 < (start(tokens) - whole).abs().max()


def test_changes_are_the_nearest_of_their_rank():
    torch.manual_seed(0)
    start = torch.nn.Sequential(torch.nn.Linear(40, 90), torch.nn.Linear(90, 30))
    tuned = copy.deepcopy(start)
    with torch.no_grad():
        for p in tuned.parameters():
            p.add_(torch.randn_like(p))
    cut = changed(start, changes(tuned, start, 20))
    for layer, (p, q, s) in enumerate(zip(cut, tuned, start, strict=True)):
        rest = torch.linalg.svdvals((q.weight - s.weight).detach())[20:].norm()
        assert abs((p.weight - q.weight).detach().norm() - rest) < 1e-2 * rest, layer
        assert (p.bias - q.bias).abs().max() < 1e-2
    assert changes(start, start, 20) == {}


def test_auto_takes_the_real_weights_where_they_are(monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "_have", lambda name: False)
    assert text.choose_weights("auto", say=True) == "minilm"
    said = capsys.readouterr().out
    assert "all-MiniLM-L6-v2" in said and "53aa51172d14" in said
    assert "Apache 2.0" in said and "MIT" in said and "CodeSearchNet" in said
    monkeypatch.setattr(pretrained, "_have", lambda name: True)
    assert text.choose_weights("auto", say=True) == "bert-base-uncased"
    assert "bert-base-uncased" in capsys.readouterr().out


def test_bert_base_is_one_parameter_away(tmp_path, monkeypatch):
    """A folder in the real format: config, safetensors, tokenizer."""
    small().encoder.save_pretrained(tmp_path)
    text.tokenizer().save_pretrained(tmp_path)
    monkeypatch.setattr(pretrained, "_folder", lambda name: tmp_path)
    for cached in (pretrained._encoder, pretrained.tokenizer_of):
        cached.cache_clear()
    try:
        model = text.text_classifier(4, "lora", weights="bert-base-uncased", rank=2)
        assert model.weights == "bert-base-uncased" and model.embed(TEXTS).shape == (4, 16)
        want = text.TextClassifier(small().encoder, 4)
        assert np.allclose(model.embed(TEXTS), want.embed(TEXTS), atol=1e-6)
    finally:
        for cached in (pretrained._encoder, pretrained.tokenizer_of):
            cached.cache_clear()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: text.text_classifier(0), "n_classes: got 0"),
        (lambda: text.text_classifier(2, "half"), "mode: got 'half'"),
        (lambda: text.text_classifier(2, weights="gpt"), "weights: got 'gpt'"),
        (lambda: text.text_classifier(2, "lora", rank=0), "rank: got 0"),
        (lambda: text.train_top(small(), 4), "top: got 4, want at most 3"),
        (lambda: text.train_top(small(), -1), "top: got -1"),
        (lambda: text.blocks(torch.nn.Linear(2, 2)), "model: got a Linear without blocks"),
        (lambda: text.probe_into_head(small(), np.ones((4, 3)), LABELS), "Z: got 3 features"),
        (lambda: text.probe_into_head(small(), np.ones((4, 16)), [0, 1, 2, 2]), "y: got"),
        (lambda: text.probe_into_head(small(), np.ones((4, 16)), [1] * 4), "y: got 1 class"),
        (lambda: text.probe_into_head(small(), np.full((4, 16), np.nan), LABELS), "Z: got 64"),
        (lambda: text.probe_into_head(small(), np.ones((4, 16)), LABELS, C=0), "C: got 0"),
        (lambda: text.fine_tune(TEXTS, LABELS[:3], 4, "full"), "y: got 3 labels, want 4"),
        (lambda: text.fine_tune(TEXTS, LABELS, 4, "full", steps=0), "steps: got 0"),
        (lambda: text.fine_tune(TEXTS, [0] * 4, 4, "full"), "y: got 1 class"),
        (lambda: changes(small(), small(layers=2), 2), "start: got other parameters"),
        (lambda: changes(small(), small(), 0), "rank: got 0"),
        (lambda: changed(small(), {"nobody": torch.zeros(1)}), "found: got 'nobody'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
