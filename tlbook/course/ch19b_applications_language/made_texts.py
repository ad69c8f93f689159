"""Made texts: spam and opinions from a small grammar, each in two channels. No real messages.

Every sentence is put together from the parts below, so how alike the two channels are was decided
here: what is measured on these texts says how methods differ on *such* texts, and nothing about a
real mailbox. They stand in for a file of your own: ``write_csv`` makes one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.random import generator

KINDS = {"spam": ("ham", "spam"), "opinion": ("negative", "positive")}
CHANNELS = {"spam": ("mail", "chat"), "opinion": ("hotels", "gadgets")}

# (kind, channel, label) -> openings, middles, endings
MIDDLES: dict[tuple[str, str, int], tuple[str, ...]] = {
    ("spam", "mail", 1): (
        "you have been selected to receive a cash award",
        "your address has won our international lottery",
        "we offer low interest loans without any credit check",
        "your account will be suspended unless you verify your password",
        "our investment program guarantees to double your capital within a month",
        "order prescription medicine at wholesale prices without a doctor",
        "a wealthy widow wishes to transfer her fortune to your bank",
        "claim your complimentary holiday before the offer expires",
    ),
    ("spam", "mail", 0): (
        "the minutes of yesterday's meeting are attached",
        "please review the draft contract before the conference",
        "the invoice for the printed brochures was paid on Monday",
        "the department seminar moves to the large lecture hall",
        "your flight itinerary and the hotel confirmation are below",
        "could you send me the budget figures for the annual report",
        "the library has renewed the books that you borrowed",
        "my parents would like to invite you for dinner on Sunday",
    ),
    ("spam", "chat", 1): (
        "congrats ur number got picked 4 the big prize draw",
        "u just bagged a free gift card worth 500",
        "need money fast? get paid 2day no questions asked",
        "ur bank login got locked tap the link 2 unlock it",
        "this coin is going 2 the moon put in 100 get out 1000",
        "cheap pills no script needed shipped overnight",
        "hot singles near u want 2 talk right now",
        "last chance 4 a free trip txt YES b4 midnight",
    ),
    ("spam", "chat", 0): (
        "running 10 min late save me a seat pls",
        "can u grab milk and eggs on ur way home",
        "practice got moved 2 the other field 2nite",
        "lol did u see what the cat did 2 my shoes",
        "mom says dinner is at 7 dont be late",
        "i left my charger at ur place can i pick it up",
        "the test was so hard i think i failed question 4",
        "happy bday!! hope u have the best day",
    ),
    ("opinion", "hotels", 1): (
        "the staff were friendly and the room was spotless",
        "we slept wonderfully in the quiet and cozy suite",
        "breakfast was delicious and the view was stunning",
        "check-in was quick and the porter was charming",
        "the beds were soft and the garden was lovely",
        "the pool was warm and the waiters were attentive",
        "it was great value and we felt welcome",
        "the best hotel we have stayed in for years",
    ),
    ("opinion", "hotels", 0): (
        "the staff were rude and the room was filthy",
        "we could hardly sleep because the street was noisy",
        "breakfast was stale and the view was a wall",
        "check-in took forever and the porter was grumpy",
        "the beds were hard and the carpet smelled",
        "the pool was freezing and the waiters ignored us",
        "it was overpriced and we felt cheated",
        "the worst hotel we have stayed in for years",
    ),
    ("opinion", "gadgets", 1): (
        "the battery lasts for days and it charges in minutes",
        "the screen is razor sharp and easy to read outdoors",
        "setup was a breeze and it has run flawlessly since",
        "the sound is rich and the buttons feel solid",
        "it is light, fast and survived a fall",
        "support answered at once and sent a free replacement",
        "worth every cent and better than the old model",
        "the best camera I have ever owned",
    ),
    ("opinion", "gadgets", 0): (
        "the battery dies after an hour and takes all night to charge",
        "the screen is dim and scratched within a week",
        "setup was a nightmare and it crashes every day",
        "the sound is tinny and the buttons came loose",
        "it is heavy, slow and broke at the first fall",
        "support never answered and kept my money",
        "a waste of money and inferior to the old model",
        "the worst camera I have ever owned",
    ),
}
OPENINGS = {
    "mail": (
        "Dear customer,",
        "Dear colleague,",
        "Good morning,",
        "Hello,",
        "To whom it concerns,",
    ),
    "chat": ("hey", "yo", "hiya", "omg", "fyi"),
    "hotels": ("In June", "On our honeymoon", "During a short stay", "Last winter", "This time"),
    "gadgets": ("After a month of use", "Out of the box", "As a gift", "For the office", "So far"),
}
ENDINGS = {
    "mail": ("Kind regards", "Please reply by Friday", "Yours sincerely", "Thank you", "See below"),
    "chat": ("k thx", "xx", "ttyl", "!!", "pls reply"),
    "hotels": ("in a double room", "near the beach", "with two children", "for a weekend", "alone"),
    "gadgets": ("bought online", "the black one", "second unit", "for my brother", "on sale"),
}
NEGATED = (
    ("the room was not clean and the staff were not friendly", 0),
    ("nothing about the breakfast was delicious", 0),
    ("I would not call the screen sharp or the sound rich", 0),
    ("the battery does not last and the setup was anything but a breeze", 0),
    ("hardly the best hotel, and far from great value", 0),
    ("we never felt welcome and the beds were not soft", 0),
    ("it is neither light nor fast", 0),
    ("support was not helpful and the buttons do not feel solid", 0),
    ("the room was not noisy at all and nobody was rude", 1),
    ("nothing was broken and it never crashes", 1),
    ("not overpriced, and we did not feel cheated", 1),
    ("the screen is not dim and has not scratched", 1),
    ("far from the worst camera, with no nightmare of a setup", 1),
    ("the pool was not freezing and the waiters did not ignore us", 1),
    ("it is neither heavy nor slow", 1),
    ("no waste of money, and it did not break at the first fall", 1),
)
"""Opinions in which every loaded word is negated: what a bag of words reads the wrong way round."""


def made_texts(
    kind: str, channel: str, n: int = 200, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return n different made texts of one channel, half of each class, in random order.

    Parameters
    ----------
    kind : {"spam", "opinion"}
    channel : str
        "mail" or "chat"; "hotels" or "gadgets".
    n : int
        At most 400.
    seed : int

    Returns
    -------
    texts, labels : arrays of shape (n,)
        Labels 1: spam, positive.

    Raises
    ------
    ValueError
        If an argument is unfit.

    Examples
    --------
    >>> texts, y = made_texts("spam", "chat", n=4)
    >>> len(texts), sorted(y.tolist())
    (4, [0, 0, 1, 1])
    """
    check_choice(channel, "channel", CHANNELS[check_choice(kind, "kind", KINDS)])
    if check_positive(n, "n", integer=True) > 400 or n % 2:
        raise ValueError(f"n: got {n}, want an even number of at most 400")
    rng = generator(f"made texts {kind} {channel}", seed)
    texts, labels = [], []
    for label in (0, 1):
        every = [
            f"{start} {middle} {end}".strip()
            for middle in MIDDLES[kind, channel, label]
            for start in OPENINGS[channel]
            for end in ENDINGS[channel]
        ]
        texts += [every[i] for i in rng.permutation(len(every))[: n // 2]]
        labels += [label] * (n // 2)
    order = rng.permutation(n)
    return np.array(texts, dtype=object)[order], np.array(labels)[order]


def write_csv(path: str | Path, texts: np.ndarray, labels: np.ndarray, kind: str) -> Path:
    """Write texts as a file of one's own: columns text and label, for ``csv-texts``."""
    import csv

    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(
            (text, KINDS[kind][label]) for text, label in zip(texts, labels, strict=True)
        )
    return Path(path)
