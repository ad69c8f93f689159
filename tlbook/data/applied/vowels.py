"""Vowels: fundamental and formants of American vowels, men → women or children.

The group means are measured, those of Peterson and Barney. How single speakers and single
utterances scatter around them is an *assumption* of this file (``SPEAKER``, ``FORMANT``,
``TOKEN``): the paper's own table gives means only.
"""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.catalogue import load_again
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

WORDS = ("heed", "hid", "head", "had", "hod", "hawed", "hood", "who'd", "hud", "heard")
COLUMNS = ("F0", "F1", "F2", "F3", "speaker")
GROUPS = ("men", "women", "children")
EVERYONE = "everyone"
Pair = tuple[np.ndarray, np.ndarray]

# Peterson & Barney (1952), Table II: F0, F1, F2, F3 in Hz, one row for each of WORDS.
MEANS = {
    "men": (
        (136, 270, 2290, 3010),
        (135, 390, 1990, 2550),
        (130, 530, 1840, 2480),
        (127, 660, 1720, 2410),
        (124, 730, 1090, 2440),
        (129, 570, 840, 2410),
        (137, 440, 1020, 2240),
        (141, 300, 870, 2240),
        (130, 640, 1190, 2390),
        (133, 490, 1350, 1690),
    ),
    "women": (
        (235, 310, 2790, 3310),
        (232, 430, 2480, 3070),
        (223, 610, 2330, 2990),
        (210, 860, 2050, 2850),
        (212, 850, 1220, 2810),
        (216, 590, 920, 2710),
        (232, 470, 1160, 2680),
        (231, 370, 950, 2670),
        (221, 760, 1400, 2780),
        (218, 500, 1640, 1960),
    ),
    "children": (
        (272, 370, 3200, 3730),
        (269, 530, 2730, 3600),
        (260, 690, 2610, 3570),
        (251, 1010, 2320, 3320),
        (256, 1030, 1370, 3170),
        (263, 680, 1060, 3180),
        (276, 560, 1410, 3310),
        (274, 430, 1170, 3260),
        (261, 850, 1590, 3360),
        (261, 560, 1820, 2160),
    ),
}

# Standard deviations of natural logarithms, assumed: 0.05 is about 5 %.
SPEAKER = 0.06  # one factor for all formants of a speaker: the length of the vocal tract
FORMANT = 0.04  # what is left of a speaker, for each formant by itself
TOKEN = (0.05, 0.09, 0.06, 0.05)  # one utterance: F0, F1, F2, F3
PITCH = 0.12  # a speaker's F0
REPEATS = 2  # utterances of each vowel by each speaker, as in the paper


def load_vowels(
    seed: int = 0,
    *,
    target: str = "women",
    speakers: int = 30,
    heard: int = 10,
    alike: bool = False,
) -> Task:
    r"""Return ten American vowels, men → women, children, or everyone.

    A row is one utterance: F0, F1, F2, F3 in Hz and the number of the speaker, so that methods may
    normalize by speaker (do not feed the number to a classifier). Around the group mean
    :math:`\mu_{gvk}` of vowel v and formant k

    .. math:: \log F_k = \log \mu_{gvk} + s + d_k + \varepsilon_k

    with a speaker's factor s (a shorter vocal tract raises all formants alike), a speaker's own
    deviation d of each formant, and an utterance's noise ε, all normal. Their spreads are assumed.

    Parameters
    ----------
    seed : int
        Of speakers and utterances.
    target : {"women", "children", "everyone"}
        Who is to be recognized; everyone: a third men, a third women, a third children.
    speakers : int
        In the source, in the target's training and in its test part each; a third as many
        for validation. No speaker is in two parts.
    heard : int
        How many of the ten vowels each *target* speaker says: with fewer, a speaker's mean says
        which vowels were said, too.
    alike : bool
        All target speakers say the same vowels; by default each has its own draw.

    Returns
    -------
    Task
        Rows of shape (5,): two utterances of each vowel that a speaker says.

    Raises
    ------
    ValueError
        If an argument is unfit.

    References
    ----------
    Peterson and Barney, Control methods used in a study of the vowels, Journal of the Acoustical
    Society of America 24, 1952.
    """
    check_seed(seed)
    check_choice(target, "target", (*GROUPS[1:], EVERYONE))
    if check_positive(speakers, "speakers", integer=True) < 3:
        raise ValueError(f"speakers: got {speakers}, want at least 3")
    check_choice(heard, "heard", range(1, 11))
    check_choice(alike, "alike", (False, True))
    everyone = target == EVERYONE
    drawn = generator("vowels said", seed).permutation(10)[:heard] if alike else None

    def part(group: str, name: str, n: int, first: int, said: int = 10) -> Pair:
        rng = generator(f"vowels {group} {name}", seed)
        return utterances(group, n, said, rng, first, drawn if said < 10 else None)

    def asked(name: str, first: int) -> Pair:
        if not everyone:
            return part(target, name, speakers, first, heard)
        third = speakers // 3
        each = [part(g, name, third, first + i * third, heard) for i, g in enumerate(GROUPS)]
        X, y = (np.concatenate(both) for both in zip(*each, strict=True))
        order = generator(f"vowels order {name}", seed).permutation(len(y))
        return X[order], y[order]

    n, third = speakers, speakers // 3
    X, y = part("men", "source", n, 0)
    X_held, y_held = part("men", "validation", third, n)
    return Task(
        "vowels",
        seed=seed,
        options={"target": target, "speakers": speakers, "heard": heard, "alike": alike},
        source=Domain("men", X, y, WORDS),
        validation=Domain("men, validation", X_held, y_held, WORDS),
        target_train=asked("train", 2 * n),
        target_test=asked("test", 3 * n),
        classes=WORDS,
        recipe=load_again,
        provenance="means: Peterson and Barney (1952), Table II; spread: assumed",
    )


def utterances(
    group: str,
    speakers: int,
    heard: int,
    rng: np.random.Generator,
    first: int = 0,
    alike: np.ndarray | None = None,
) -> Pair:
    """Return (rows of F0, F1, F2, F3, speaker; vowel numbers) of so many speakers of a group.

    Each speaker says ``heard`` vowels of its own draw, or those of ``alike``.
    """
    mean = np.log(MEANS[group])
    said = np.argsort(rng.random((speakers, len(WORDS))), axis=1)[:, :heard]
    if alike is not None:
        said[:] = alike
    y = np.repeat(said, REPEATS, axis=1).ravel()
    who = np.repeat(np.arange(speakers), heard * REPEATS)
    own = rng.normal(0, SPEAKER, (speakers, 1)) + rng.normal(0, FORMANT, (speakers, 3))
    own = np.hstack([rng.normal(0, PITCH, (speakers, 1)), own])
    rows = np.exp(mean[y] + own[who] + rng.normal(size=(len(y), 4)) * TOKEN)
    order = rng.permutation(len(y))
    return np.column_stack([rows, who + first])[order], y[order].astype(np.int64)
