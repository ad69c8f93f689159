"""What can be loaded: for each name the loader, the size, where it is from and its license."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of :func:`tlbook.data.available`; ``loader`` is "module:function"."""

    loader: str
    kind: str
    size: str
    source: str
    licence: str


_FONTS = "DejaVu (Bitstream Vera license), STIX (STIX font license), Computer Modern (BaKoMa)"
_DIGITS = "Alpaydin and Kaynak, UCI repository, in scikit-learn"
_MNIST = "MNIST, LeCun, Cortes and Burges"
_USPS = "USPS, Hull (1994), from the LIBSVM site"
_PHOTOS = "photographs by danielbuechele and vultilion (Flickr), in scikit-learn"

ENTRIES = {
    "signs": Entry(
        "tlbook.data.signs:load_signs",
        "task",
        "18,000 letters (71 classes) → 1,797 digits, 24 × 24 RGB",
        f"rendered: fonts in matplotlib; digits: {_DIGITS}; {_PHOTOS}",
        "fonts: DejaVu (free); digits: CC BY 4.0; photographs: CC BY 2.0",
    ),
    "signs-letters": Entry(
        "tlbook.data.signs:load_signs_letters",
        "task",
        "18,000 letters (71 classes) → 1,797 letters of 10 other classes, 24 × 24 RGB",
        f"rendered: fonts in matplotlib; {_PHOTOS}",
        "fonts: DejaVu (free); photographs: CC BY 2.0",
    ),
    "fonts-to-handwriting": Entry(
        "tlbook.data.fonts_to_handwriting:load_fonts_to_handwriting",
        "task",
        "4,000 printed digits (21 fonts) → 1,797 handwritten digits, 8 × 8",
        f"rendered: fonts in matplotlib; digits: {_DIGITS}",
        f"fonts: {_FONTS}; digits: CC BY 4.0",
    ),
    "docstrings": Entry(
        "tlbook.data.docstrings:load_docstrings",
        "task",
        "about 750 texts on 6 topics (NumPy, SciPy) → about 270 (torch); varies with versions",
        "docstrings of the installed NumPy, SciPy and torch, by their contributors",
        "BSD-3-Clause (all three)",
    ),
    "vowels": Entry(
        "tlbook.data.applied.vowels:load_vowels",
        "task",
        "600 vowels of 30 men → 1,200 of 60 women or children, F0 to F3 in Hz",
        "drawn around the group means of Peterson and Barney (1952); the spread is assumed",
        "none needed: published means",
    ),
    "cytology": Entry(
        "tlbook.data.applied.cytology:load_cytology",
        "task",
        "120 patients of one clinic → about 230 of another, 5 measurements of cell nuclei",
        "Wisconsin diagnostic breast cancer, Wolberg, Street and Mangasarian, UCI repository, "
        "in scikit-learn; dealt to two clinics here",
        "CC BY 4.0",
    ),
    "named-pictures": Entry(
        "tlbook.data.applied.named_pictures:load_named_pictures",
        "task",
        "3,000 letters with 99 names → 2,400 with 33 or 28 other names, 24 × 24 RGB",
        f"rendered: fonts in matplotlib; {_PHOTOS}",
        "fonts: DejaVu (free); photographs: CC BY 2.0",
    ),
    "handwriting": Entry(
        "tlbook.data.handwriting:load_handwriting",
        "domain",
        "1,797 handwritten digits, 8 × 8",
        _DIGITS,
        "CC BY 4.0",
    ),
    "glyphs": Entry(
        "tlbook.data.glyphs:load_glyphs",
        "domain",
        "any number of characters (2,000), any size (24 × 24)",
        "rendered: fonts in matplotlib",
        _FONTS,
    ),
    "signs-scenes": Entry(
        "tlbook.data.applied.signs_scenes:load_signs_scenes",
        "domain",
        "200 scenes (any number) with 0 to 3 handwritten digits and boxes, 96 × 96 RGB (any size)",
        f"rendered: digits: {_DIGITS}; {_PHOTOS}",
        "digits: CC BY 4.0; photographs: CC BY 2.0",
    ),
    "roads": Entry(
        "tlbook.data.applied.roads:load_roads",
        "domain",
        "400 views (any number) of a road, masks and steering, day, night or fog, 48 × 64 RGB",
        "drawn from geometry, made here",
        "none needed",
    ),
    "toy": Entry(
        "tlbook.data.toy:load_toy",
        "task",
        "200 rows (any number) of Gaussians, moons or a cubic, 2-D or 1-D",
        "generated",
        "none needed",
    ),
    "mnist-to-usps": Entry(
        "tlbook.data.online.digits:load_mnist_to_usps",
        "task",
        "10,000 of 60,000 → 7,291 handwritten digits, test 2,007; 28 × 28 gray (any size)",
        f"online (20 MB): {_MNIST}; {_USPS}",
        "MNIST: CC BY-SA 3.0; USPS: none stated, used for research",
    ),
    "usps-to-mnist": Entry(
        "tlbook.data.online.digits:load_usps_to_mnist",
        "task",
        "7,291 → 10,000 of 60,000 handwritten digits, test 10,000; 28 × 28 gray (any size)",
        f"online (20 MB): {_USPS}; {_MNIST}",
        "USPS: none stated, used for research; MNIST: CC BY-SA 3.0",
    ),
    "svhn-to-mnist": Entry(
        "tlbook.data.online.digits:load_svhn_to_mnist",
        "task",
        "10,000 of 73,257 house numbers → 10,000 of 60,000 digits, test 10,000; 32 × 32 RGB",
        f"online (194 MB): Street View House Numbers, Netzer et al. (2011); {_MNIST}",
        "SVHN: non-commercial use; MNIST: CC BY-SA 3.0",
    ),
    "mnist-to-mnist-m": Entry(
        "tlbook.data.online.mnist_m:load_mnist_to_mnist_m",
        "task",
        "10,000 of 60,000 digits → other digits blended with photographs, test 10,000; 28 × 28 RGB",
        f"online (12 MB): {_MNIST}; {_PHOTOS}, or your own photographs",
        "MNIST: CC BY-SA 3.0; photographs: CC BY 2.0",
    ),
    "cifar10": Entry(
        "tlbook.data.online.cifar:load_cifar10",
        "task",
        "no source rows; 10,000 of 50,000 pictures of 10 classes, test 10,000; 32 × 32 RGB",
        "online (170 MB): Krizhevsky, Learning multiple layers of features (2009)",
        "none stated, used for research",
    ),
    "pets": Entry(
        "tlbook.data.online.pets:load_pets",
        "task",
        "no source rows; 3,680 photographs of 37 breeds, test 3,669; 64 × 64 RGB (any size)",
        "online (811 MB): Oxford-IIIT Pet, Parkhi et al. (2012)",
        "CC BY-SA 4.0",
    ),
    "newsgroups": Entry(
        "tlbook.data.online.newsgroups:load_newsgroups",
        "task",
        "about 5,100 posts on 4 topics → 4,300 posts of their other groups, test 2,900",
        "online (14 MB): 20 Newsgroups, Lang (1995), split by date",
        "none stated, used for research",
    ),
    "image-folder": Entry(
        "tlbook.data.own.image_folder:load_image_folder",
        "task",
        "your own pictures, one folder for each class; 64 × 64 RGB (any size)",
        "yours: path=, target=",
        "yours",
    ),
    "csv-texts": Entry(
        "tlbook.data.own.csv_texts:load_csv_texts",
        "task",
        "your own texts with labels, one CSV file or two",
        "yours: source=, target=",
        "yours",
    ),
    "csv-numbers": Entry(
        "tlbook.data.own.csv_numbers:load_csv_numbers",
        "task",
        "your own numbers with labels, one CSV file or two; classes or a regression",
        "yours: source=, target=",
        "yours",
    ),
}


def loader(name: str) -> Callable[..., Any]:
    """Return the function that loads ``name``."""
    module, function = ENTRIES[name].loader.split(":")
    return getattr(import_module(module), function)


def load_again(name: str, seed: int, options: dict[str, Any]) -> Any:
    """Return what a loader made from these: the recipe that a loaded task pickles as."""
    return loader(name)(seed, **options)
