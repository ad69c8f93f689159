"""Tiny encoders with random weights, in the file formats of real ones."""

import json

import torch

WORDS = ("这部电影很好看无聊的故事我喜不欢演员", "the film was good and dull story we liked")


def write_bert(folder, positions=64):
    """Write a BERT of two layers whose vocabulary is Chinese (and some English) into a folder."""
    from transformers import BertConfig, BertModel

    chinese, english = WORDS
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [*special, *dict.fromkeys(chinese), *english.split()]
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=positions,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    about = {"tokenizer_class": "BertTokenizer", "model_max_length": positions}
    (folder / "tokenizer_config.json").write_text(json.dumps(about), "utf-8")
    return folder
