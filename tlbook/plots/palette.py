"""The one palette of the course: Okabe and Ito's color-blind safe colors, one per role."""

import difflib

from tlbook._base.named import named

# Okabe & Ito (2008), "Color Universal Design"; yellow is darkened, the original fades on white.
BLACK, GRAY, LIGHT = "#000000", "#7F7F7F", "#D9D9D9"
ORANGE, SKY, GREEN = "#E69F00", "#56B4E9", "#009E73"
OLIVE, BLUE, VERMILLION, PURPLE = "#8F7F00", "#0072B2", "#D55E00", "#CC79A7"
PLUM = "#5B1F5E"  # an eighth color where a family has more methods than Okabe and Ito have hues
BROWN = "#7B4B2A"  # for what stands beside the methods of several families


class Palette(dict[str, str]):
    """Color by role or method; a name that is not in it gets an error that says what is."""

    def __missing__(self, name: str) -> str:
        near = difflib.get_close_matches(str(name), self, n=3, cutoff=0.5)
        hint = f"one of {', '.join(map(repr, near))}" if near else "a name in plots.COLORS"
        raise ValueError(f"color: got {name!r}, want {hint}")


# Methods that are shown together form a family; inside a family no two share a color.
FAMILIES: dict[str, dict[str, str]] = {
    "domains": {
        "source": BLUE,
        "target": VERMILLION,
        "validation": SKY,
        "baseline": GRAY,
        "chance": LIGHT,
        "right": GREEN,
        "wrong": VERMILLION,
        "highlight": ORANGE,
    },
    "fine-tuning": {
        "raw pixels": GRAY,
        "scratch": BLACK,
        "random features": SKY,
        "linear probe": GREEN,
        "fine-tuning": PURPLE,
        "LP-FT": ORANGE,
        "WiSE-FT": BROWN,
        "supervised": OLIVE,
    },
    "fine-tuning variants": {
        "full fine-tuning": PURPLE,
        "BatchNorm frozen": PLUM,
        "frozen base": GREEN,
        "gradual unfreezing": ORANGE,
        "discriminative rates": SKY,
        "L2-SP": OLIVE,
        "LoRA": BLUE,
        "distillation": VERMILLION,
        "multi-task": GRAY,
        "single-task": BLACK,
    },
    "instances": {
        "unweighted": GRAY,
        "true ratio": BLACK,
        "KMM": GREEN,
        "KLIEP": ORANGE,
        "classifier ratio": SKY,
        "TrAdaBoost": PURPLE,
        "sample selection": OLIVE,
    },
    "label shift": {"uncorrected": GRAY, "EM": PURPLE, "BBSE": BROWN, "true mix": BLACK},
    "features": {
        "no adaptation": GRAY,
        "PCA": SKY,
        "TCA": PURPLE,
        "CORAL": ORANGE,
        "subspace alignment": OLIVE,
        "optimal transport": GREEN,
        "JDA": PLUM,
        "target supervised": BLACK,
    },
    # Shown among the features, where nothing is supervised by the target.
    "gradual": {"gradual self-training": BLACK},
    "representations": {"pixels": GRAY, "deep features": GREEN},
    "distances": {
        "KL": BLACK,
        "reverse KL": GRAY,
        "JS": SKY,
        "Wasserstein": ORANGE,
        "MMD": GREEN,
        "CORAL distance": OLIVE,
        "A-distance": PURPLE,
        "witness": PLUM,  # beside the target, which is vermillion
    },
    "adaptation": {
        "source only": GRAY,
        "MK-MMD": GREEN,
        "Deep CORAL": ORANGE,
        "DANN": PURPLE,
        "AdaBN": SKY,
        "self-training": OLIVE,
        "information maximization": BLUE,
        "ADDA": VERMILLION,
        "MMD + self-training": PLUM,
        "upper bound": BLACK,
    },
    "reweighted alignment": {
        "BBSE-weighted MMD": SKY,
        "re-estimated MMD": PLUM,
        "EM-weighted MMD": VERMILLION,
        "true-mix MMD": BLACK,
    },
    "objective": {
        "source alone": BLUE,
        "target alone": VERMILLION,
        "λ": PURPLE,
        "squared bias": GREEN,
        "variance": ORANGE,
        "no Ω": GRAY,
        "dropout": SKY,
        "weight decay": PLUM,  # beside L2-SP, which is olive
        "all rows alike": BLACK,
    },
    "adversarial": {
        "without adaptation": GRAY,
        "gradient reversal": PURPLE,
        "CDAN": ORANGE,
        "generator": GREEN,
        "discriminator": SKY,
    },
    "alignment": {
        "DAN": GREEN,
        "JAN": OLIVE,
        "pseudo-labels": SKY,
        "entropy": BLUE,
        "mean teacher": PLUM,
    },
    "text": {
        "TF-IDF": GRAY,
        "embeddings": GREEN,
        "frozen encoder": SKY,
        "LoRA adapter": ORANGE,
        "full encoder": PURPLE,
        "zero-shot": OLIVE,
    },
    "few-shot": {
        "prototypes": GREEN,
        "MAML": PURPLE,
        "Reptile": ORANGE,
        "self-supervised": SKY,
        "random guess": GRAY,
        "Tip-Adapter": PLUM,
        "SetFit": BROWN,
    },
    "scores": {"LogME": GREEN, "LEEP": ORANGE, "H-score": SKY, "CKA": PURPLE, "outcome": BLACK},
    "relations": {
        "with relations": GREEN,
        "without relations": GRAY,
        "wrong relations": PURPLE,
        "relations told": ORANGE,
        "printed pictures": SKY,
    },
    "driving": {"driver": GRAY, "cloning": ORANGE, "DAgger": GREEN, "shaken cloning": PURPLE},
    "speakers": {
        "Lobanov": GREEN,
        "one length": PURPLE,
        "likeliest length": SKY,
        "three means": OLIVE,
    },
    "translation": {"rotation": PURPLE, "least squares": ORANGE, "shuffled": GRAY},
    "clinics": {
        "prior correction": PURPLE,
        "per-clinic standardization": OLIVE,
        "scale and prior": GREEN,
    },
    "names": {
        "one-hot names": GRAY,
        "one-hot parts": SKY,
        "shapes in words": PURPLE,
        "strokes": GREEN,
    },
    "trust": {"members": PURPLE, "non-members": GRAY, "federated": GREEN, "central": BLACK},
}

COLORS = Palette({name: color for family in FAMILIES.values() for name, color in family.items()})

# A second cue besides color: whoever prints in gray still tells the methods apart.
_MARKERS = "osD^vPX*h"
MARKERS: dict[str, str] = {
    name: _MARKERS[i % len(_MARKERS)]
    for family in FAMILIES.values()
    for i, name in enumerate(family)
}

# Classes have no role of their own: a neutral cycle in a fixed order.
CYCLE: tuple[str, ...] = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, OLIVE, BLACK, GRAY)


@named
def color(name: str) -> str:
    """Return the color of a role or method.

    Raises
    ------
    ValueError
        If the palette has no such name.
    """
    return COLORS[name]


@named
def class_colors(n: int) -> list[str]:
    """Return ``n`` colors for classes, in a fixed order that repeats after nine."""
    return [CYCLE[i % len(CYCLE)] for i in range(n)]
