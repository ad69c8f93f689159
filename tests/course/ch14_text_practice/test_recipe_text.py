"""The recipe for texts, as a script in a fresh process, on made files."""

import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest

from tlbook.workshop import recipes

pytestmark = pytest.mark.slow

WORDS = {
    "algebra": ["matrix", "rank", "solve", "invert", "column", "basis", "vector", "trace"],
    "chance": ["draw", "dice", "random", "sample", "shuffle", "coin", "odds", "deck"],
}
NEW = {"algebra": "tensor", "chance": "lottery"}


def made(
    folder, name, seed, *, words=(), separator=",", encoding="utf-8", columns=("text", "label")
):
    """Write a table of texts; ``words`` maps a class to a word that only this file has."""
    rng = np.random.default_rng(seed)
    rows = [
        (
            " ".join(
                [*rng.choice(WORDS[c], 5), *([words[c]] if words else ()), f"n{'abcdefgh'[i % 8]}x"]
            ),
            c,
        )
        for i in range(60)
        for c in [("algebra", "chance", "algebra")[i % 3]]
    ]
    path = folder / name
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False, sep=separator, encoding=encoding)
    return path, rows


def run(out, **options):
    path = recipes.write("text", out, **options)
    return subprocess.run(
        recipes.command(path),
        env=recipes.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_files_become_two_models_that_answer_alike_in_a_fresh_process(tmp_path):
    columns, look = ("inhalt", "thema"), {"separator": ";", "encoding": "utf-16"}
    source, rows = made(tmp_path, "source.csv", 0, columns=columns, **look)
    frame = pd.DataFrame(
        [
            *rows,
            (rows[0][0].upper(), rows[0][1]),
            ("matrix coin", "algebra"),
            ("Matrix  Coin", "chance"),
        ],
        columns=columns,
    )
    frame.to_csv(source, index=False, sep=";", encoding="utf-16")
    target, asked = made(tmp_path, "target.csv", 1, words=NEW, columns=columns, **look)
    done = run(
        tmp_path / "run",
        data=source,
        target=target,
        text=columns[0],
        label=columns[1],
        target_label=columns[1],
        encoding="utf-16",
        new="a random coin from the deck",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "61 texts, 1 of them copies; 2 left out" in done.stdout
    assert "'a random coin from the deck': chance" in done.stdout
    assert "the same in a fresh process: True" in done.stdout
    assert (tmp_path / "run" / "README.md").read_text().count("algebra")
    code = (
        "import joblib, sys; print(joblib.load(sys.argv[1]).predict(['lottery tensor tensor'])[0])"
    )
    path = tmp_path / "run" / "adapted.joblib"
    fresh = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=recipes.environment(),
        capture_output=True,
        text=True,
    )
    assert (
        fresh.stdout.strip() == joblib.load(path).predict(["lottery tensor tensor"])[0] == "algebra"
    )
    texts = [text for text, _ in asked]
    assert np.mean(joblib.load(path).predict(texts) == [c for _, c in asked]) > 0.95


def test_one_file_of_another_language_is_enough(tmp_path):
    topics, ends = ("随机抽样和骰子", "矩阵的秩和列"), "甲乙丙丁戊己庚辛壬癸子丑"
    rows = [(f"{topics[i % 2]}{ends[i // 2]}{'春夏秋冬'[i % 4]}", f"c{i % 2}") for i in range(24)]
    path = tmp_path / "zh.csv"
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False, encoding="gb18030")
    refused = run(tmp_path / "a", data=path)
    assert refused.returncode and "gb18030" in refused.stderr
    done = run(tmp_path / "b", data=path, encoding="gb18030", analyzer="char")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "adapted" not in done.stdout and (tmp_path / "b" / "source.joblib").is_file()


def test_a_class_with_too_few_texts_is_named(tmp_path):
    path = tmp_path / "few.csv"
    rows = [(f"matrix {i} rank", "algebra") for i in range(30)] + [("draw dice", "chance")] * 20
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False)
    refused = run(tmp_path / "run", data=path)
    assert "want 2 classes of 10 different texts" in refused.stderr and "chance" in refused.stderr
