"""A BERT of random weights with a vocabulary of Chinese characters, and sentences made of them."""

import subprocess

import numpy as np
import pandas as pd
import torch

from tlbook.workshop import recipes

WORDS = {"天气": "晴雨风雪云", "饮食": "饭菜茶汤面", "出行": "车船路桥机"}
OFFLINE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def tiny_bert(folder, dropout=0.1):
    """Write a Hugging Face folder: weights and vocabulary."""
    from transformers import BertConfig, BertModel

    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    known += sorted("".join(WORDS.values()) + "今天很")
    (folder / "vocab.txt").write_text("\n".join(known) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')
    sizes = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64}
    noise = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(vocab_size=len(known), num_hidden_layers=2, **sizes, **noise)
        BertModel(config).save_pretrained(folder)
    return folder


def written(path, n=150, columns=("评论", "类别"), seed=0, **options):
    """Write a CSV of made sentences: which characters stand in it tells the class."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        name = list(WORDS)[i % 3]
        signs = rng.choice(list(WORDS[name]), size=6)
        rows.append(("今天" + "".join(signs) + "很" * int(rng.integers(1, 9)), name))
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False, **options)
    return path


def begun(path, processes=None, runner=None):
    """Start a recipe's script in processes of its own, offline; by another launcher, if given."""
    return subprocess.Popen(
        [*runner, str(path)] if runner else recipes.command(path, processes),
        env=recipes.environment() | OFFLINE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
