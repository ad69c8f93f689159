"""20 Newsgroups across domains: topics are the classes, their groups are source or target."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.data.catalogue import load_again
from tlbook.data.online import registry
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.random import check_seed
from tlbook.domains.task import Domain, Task

GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "comp": {
        "source": ("comp.graphics", "comp.os.ms-windows.misc", "comp.sys.ibm.pc.hardware"),
        "target": ("comp.sys.mac.hardware", "comp.windows.x"),
    },
    "rec": {
        "source": ("rec.autos", "rec.motorcycles"),
        "target": ("rec.sport.baseball", "rec.sport.hockey"),
    },
    "sci": {
        "source": ("sci.crypt", "sci.electronics"),
        "target": ("sci.med", "sci.space"),
    },
    "talk": {
        "source": ("talk.politics.guns", "talk.politics.mideast"),
        "target": ("talk.politics.misc", "talk.religion.misc"),
    },
}
"""The first half of each topic's groups, by the alphabet, is the source, the rest the target."""

PARTS = ("headers", "footers", "quotes")


def load_newsgroups(
    seed: int = 0,
    *,
    topics: Sequence[str] = ("comp", "rec", "sci", "talk"),
    target_groups: Sequence[str] | None = None,
    remove: Sequence[str] = PARTS,
    n_source: int | None = None,
    n_target: int | None = None,
) -> Task:
    """Return 20 Newsgroups with topics as classes: some groups of each topic → its other groups.

    What is to be learned is the topic (a post on cars is ``rec``), what shifts is what people talk
    about under it (cars and motorcycles → baseball and hockey). The classes are the same, the
    words are not. Posts of the source groups (a fifth of them the validation part) come from the
    "train" half by date; those of the target's training part too, its test part is the later half.

    Headers, signatures and quotes are removed by default: with them a classifier reads who wrote,
    and not about what. Posts that have no word left are dropped.

    Parameters
    ----------
    seed : int
        Seed of splits and subsamples.
    topics : sequence of str
        Two to four of "comp", "rec", "sci", "talk"; the classes, in this order.
    target_groups : sequence of str, optional
        Groups that are the target, at least one of each topic, such as "rec.sport.hockey"; the
        topic's other groups are the source. By default the second half of each topic by the
        alphabet (``GROUPS``).
    remove : sequence of str
        Any of "headers", "footers", "quotes".
    n_source, n_target : int, optional
        At most so many source posts (validation part included), and posts of the target's training
        part, drawn by ``seed`` with the share of each class kept.

    Raises
    ------
    Offline
        If the archive is not here and cannot be downloaded.
    ValueError
        If an option is unfit or the archive is damaged.

    References
    ----------
    Lang, NewsWeeder (1995), the data. Dai et al., Co-clustering based classification for
    out-of-domain documents (2007): topics as classes, groups as domains.
    """
    check_seed(seed)
    topics = _topics(topics)
    remove = tuple(remove) if not isinstance(remove, str) else (remove,)
    for each in remove:
        check_choice(each, "remove", PARTS)
    check_limit(n_source, "n_source", 10 * len(topics))
    check_limit(n_target, "n_target", 2 * len(topics))
    sides = _sides(topics, target_groups)
    corpus = _corpus(remove)

    def posts(side: str, half: str, n: int | None, name: str) -> tuple[np.ndarray, np.ndarray]:
        texts, labels = [], []
        for group, posted in corpus[half].items():
            if group in sides[side]:
                texts += posted
                labels += [topics.index(group.split(".")[0])] * len(posted)
        y = np.array(labels, dtype=np.int64)
        rows = sample_rows(y, n, f"newsgroups {name}", seed)
        return np.array([*texts, None], dtype=object)[:-1][rows], y[rows]

    X, y = posts("source", "train", n_source, "source")
    held = max(1, len(X) // 5)

    def target(half: str, n: int | None) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
        return lambda: posts("target", half, n, f"target {half}")

    return Task(
        "newsgroups",
        seed=seed,
        options={
            "topics": topics,
            "target_groups": None if target_groups is None else tuple(target_groups),
            "remove": remove,
            "n_source": n_source,
            "n_target": n_target,
        },
        source=Domain("source groups", X[held:], y[held:], topics),
        validation=Domain("source groups, validation", X[:held], y[:held], topics),
        target_train=target("train", n_target),
        target_test=target("test", None),
        classes=topics,
        recipe=load_again,
        provenance=f"{', '.join(sorted(sides['source']))} → {', '.join(sorted(sides['target']))}",
    )


def _topics(topics: Sequence[str]) -> tuple[str, ...]:
    chosen = (topics,) if isinstance(topics, str) else tuple(topics)
    for topic in chosen:
        check_choice(topic, "topics", GROUPS)
    if len(set(chosen)) < 2 or len(set(chosen)) < len(chosen):
        raise ValueError(f"topics: got {chosen}, want two or more different ones")
    return chosen


def _sides(topics: tuple[str, ...], target_groups: Sequence[str] | None) -> dict[str, set[str]]:
    """Return the groups of the source and of the target."""
    every = {g for topic in topics for side in GROUPS[topic].values() for g in side}
    if target_groups is None:
        target = {g for topic in topics for g in GROUPS[topic]["target"]}
    else:
        target = {check_choice(g, "target_groups", sorted(every)) for g in target_groups}
    for topic in topics:
        mine = {g for g in every if g.split(".")[0] == topic}
        if not mine & target or not mine - target:
            raise ValueError(
                f"target_groups: got {', '.join(sorted(mine & target)) or 'nothing'} of {topic}, "
                f"want some but not all of {', '.join(sorted(mine))}"
            )
    return {"source": every - target, "target": target}


Groups = dict[str, list[str]]


def _corpus(remove: tuple[str, ...]) -> dict[str, Groups]:
    """Return the posts of each group, for both halves by date."""
    remote = registry.FILES["newsgroups"][0]
    copy = registry.library_newsgroups()
    if copy is not None and not remote.here and not registry.unpacked(remote).is_dir():
        return _from_library(copy, copy.stat().st_mtime_ns, remove)
    return _from_folder(registry.folders("newsgroups", "newsgroups")[0], remove)


@lru_cache(maxsize=2)
def _from_folder(folder: Path, remove: tuple[str, ...]) -> dict[str, Groups]:
    from sklearn.datasets import load_files

    corpus: dict[str, Groups] = {}
    for half in ("train", "test"):
        place = folder / f"20news-bydate-{half}"
        if not place.is_dir():
            raise ValueError(f"{folder}: got no folder 20news-bydate-{half}; delete this folder")
        found = load_files(place, encoding="latin1", shuffle=False)
        corpus[half] = _grouped(found.data, found.target, found.target_names, remove)
    return corpus


@lru_cache(maxsize=2)
def _from_library(place: Path, changed: int, remove: tuple[str, ...]) -> dict[str, Groups]:
    from sklearn.datasets import fetch_20newsgroups

    corpus: dict[str, Groups] = {}
    for half in ("train", "test"):
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                found = fetch_20newsgroups(
                    data_home=place.parent, subset=half, shuffle=False, download_if_missing=False
                )
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"{place} is damaged ({error}); delete it, or put 20news-bydate.tar.gz into "
                f"{registry.FILES['newsgroups'][0].path.parent}"
            ) from None
        corpus[half] = _grouped(found.data, found.target, found.target_names, remove)
    return corpus


def _grouped(texts: list[str], target: np.ndarray, names: list[str], remove: tuple) -> Groups:
    from sklearn.datasets import _twenty_newsgroups as reader

    strip = {
        "headers": reader.strip_newsgroup_header,
        "footers": reader.strip_newsgroup_footer,
        "quotes": reader.strip_newsgroup_quoting,
    }
    groups: Groups = {name: [] for name in names}
    for text, group in zip(texts, target, strict=True):
        for part in PARTS:
            text = strip[part](text) if part in remove else text
        if text.strip():
            groups[names[group]].append(text)
    return groups
