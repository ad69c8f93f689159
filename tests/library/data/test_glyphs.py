"""Glyphs: the right characters, in every font, readable, uncut, the same for the same seed."""

import numpy as np
import pytest
import torch

import tlbook.data
from tlbook.data import fonts, glyphs
from tlbook.data.random import generator
from tlbook.data.signs import HELD_OUT
from tlbook.data.warp import Warp, affine_matrices, bend, cut, elastic_fields

STILL = Warp(rotation=0, shear=0, log_aspect=0, elastic=0, threshold=(0.5, 0.5))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path))


def test_there_are_81_letters_and_21_fonts():
    assert len(fonts.LETTERS) == len(set(fonts.LETTERS)) == 81
    assert len(fonts.FONTS) == len(set(fonts.FONTS)) == 21
    assert all(fonts.font_path(font).is_file() for font in fonts.FONTS)


def test_every_letter_is_in_every_dejavu_and_stix_font_and_every_digit_in_all():
    for font in fonts.DEJAVU + fonts.STIX:
        assert set(fonts.LETTERS) <= fonts.characters_of(font), font
    for font in fonts.FONTS:
        assert set(fonts.DIGITS + fonts.CAPITALS + fonts.SMALL) <= fonts.characters_of(font), font


def test_computer_modern_is_not_asked_for_greek():
    assert fonts.fonts_with("λ") == fonts.DEJAVU + fonts.STIX
    with pytest.raises(ValueError, match="characters: got 'λ', which the font cmr10 does not have"):
        glyphs.rasterize("cmr10", "λ")


@pytest.mark.parametrize("font", fonts.FONTS)
def test_rasters_are_distinct_centered_and_uncut(font):
    characters = sorted(set(fonts.LETTERS + fonts.DIGITS) & fonts.characters_of(font))
    pictures = np.stack([glyphs.rasterize(font, c) for c in characters])
    assert pictures.shape[1:] == (64, 64)
    assert (pictures.reshape(len(pictures), -1).max(1) > 200).all()
    assert len({picture.tobytes() for picture in pictures}) == len(characters)
    for picture in pictures:
        rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
        for places in (rows, columns):
            assert abs((places[0] + places[-1]) / 2 - 31.5) <= 1
            assert len(places) <= glyphs.ROOM


ALPHABETS = (
    fonts.DIGITS + fonts.CAPITALS,
    fonts.SMALL,
    "".join(c for c in fonts.GREEK if c.isupper()),
    "".join(c for c in fonts.GREEK if c.islower()),
)
SAME_STYLE = [
    ("DejaVuSansMono", "DejaVuSans"),
    ("DejaVuSerif", "DejaVuSans"),
    ("DejaVuSansMono-Bold", "DejaVuSans-Bold"),
    ("DejaVuSerif-Bold", "DejaVuSans-Bold"),
    ("DejaVuSans-Oblique", "DejaVuSans"),
    ("DejaVuSerif-Italic", "DejaVuSerif"),
    ("STIXGeneral", "DejaVuSerif"),
    ("STIXGeneralBol", "DejaVuSerif-Bold"),
    ("cmr10", "DejaVuSerif"),
    ("cmb10", "DejaVuSerif-Bold"),
    ("cmss10", "DejaVuSans"),
    ("cmtt10", "cmr10"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("font", "like"), SAME_STYLE)
def test_two_fonts_mean_the_same_by_a_character(font, like):
    # Each character, stretched to a square, held against all of its alphabet in another font.
    right = []
    for alphabet in ALPHABETS:
        if set(alphabet) <= fonts.characters_of(font):
            pictures, other = _squares(font, alphabet), _squares(like, alphabet)
            right += list((pictures @ other.T).argmax(1) == np.arange(len(alphabet)))
    assert len(right) == (81 + 10 if "cm" not in font else 62)
    assert np.mean(right) > 0.8


def test_held_out_letters_do_not_look_alike():
    # Similarity after removing size and aspect; twins such as c, C or s, S come to 0.95.
    letters = HELD_OUT + "cCsS"
    pairs = [_squares(font, letters) for font in fonts.DEJAVU]
    similar = np.mean([p @ p.T for p in pairs], axis=0)
    among = similar[:10, :10] - np.eye(10)
    assert among.max() < 0.75 < 0.9 < min(similar[10, 11], similar[12, 13])


def _squares(font, alphabet):
    """Blurred rasters of shape (m, 576) and length 1, each cut to its ink and made square."""
    from scipy.ndimage import gaussian_filter
    from torch.nn.functional import interpolate

    rows = []
    for character in alphabet:
        ink = glyphs._trim(glyphs.rasterize(font, character)) / np.float32(255)
        square = interpolate(torch.from_numpy(ink)[None, None], size=(24, 24), mode="bilinear")
        rows.append(gaussian_filter(square[0, 0].numpy(), 1.5).ravel())
    flat = np.stack(rows) - np.mean(rows)
    return flat / np.linalg.norm(flat, axis=1, keepdims=True)


@pytest.mark.slow
def test_clean_glyphs_are_classified_by_their_nearest_mean():
    # Without a warp only the font varies. What a mean per class gets wrong are twins such as c, C.
    rng = generator("test", 0)
    labels = np.repeat(np.arange(81), 24)
    images = glyphs.draw_glyphs(labels, fonts.LETTERS, fonts.DEJAVU, 24, STILL, rng) / 255.0
    train = np.arange(len(labels)) % 2 == 0
    means = np.stack([images[train & (labels == c)].mean(0) for c in range(81)])
    answers = ((images[~train][:, None] - means[None]) ** 2).sum((2, 3)).argmin(1)
    assert np.mean(answers == labels[~train]) > 0.8


def test_every_class_is_drawn_in_every_font():
    pictures, rows = glyphs.bank(fonts.LETTERS, fonts.DEJAVU, 60, 1.2)
    assert len(pictures) == 81 * 12
    assert [len(r) for r in rows] == [12] * 81
    mixed, mixed_rows = glyphs.bank("1λ", fonts.FONTS, 60, 1.2)
    assert [len(r) for r in mixed_rows] == [21, 16]
    assert len(mixed) == 37


def test_warped_glyphs_are_rarely_cut_off():
    labels = np.repeat(np.arange(81), 20)
    images = glyphs.draw_glyphs(
        labels, fonts.LETTERS, fonts.DEJAVU, 20, Warp(), generator("test", 1)
    )
    border = np.concatenate(
        [
            images[:, [0, -1]].reshape(len(images), -1),
            images[:, :, [0, -1]].reshape(len(images), -1),
        ],
        axis=1,
    )
    assert (border.max(1) > 128).mean() < 0.02
    assert (images.reshape(len(images), -1).max(1) > 128).all()


def test_load_gives_balanced_float_images():
    domain = tlbook.data.load("glyphs", n=250, size=16, characters="abcde")
    assert domain.X.shape == (250, 1, 16, 16)
    assert domain.X.dtype == np.float32
    assert domain.X.min() == 0 and domain.X.max() == 1
    assert np.bincount(domain.y).tolist() == [50] * 5
    assert domain.classes == tuple("abcde")


def test_seed_decides_alone(monkeypatch):
    def draw(seed):
        glyphs.bank.cache_clear()
        return glyphs.glyph_arrays.__wrapped__(100, 12, "abc", fonts.DEJAVU, seed)

    first = draw(3)
    np.random.seed(99)  # noqa: NPY002 (a state that must not matter)
    torch.manual_seed(99)
    state = torch.random.get_rng_state()
    again = draw(3)
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert torch.equal(state, torch.random.get_rng_state())
    assert not np.array_equal(first[0], draw(4)[0])


def test_result_does_not_depend_on_torch_defaults():
    first = glyphs.glyph_arrays.__wrapped__(20, 12, "abc", fonts.DEJAVU, 0)[0]
    torch.set_default_dtype(torch.float64)
    try:
        again = glyphs.glyph_arrays.__wrapped__(20, 12, "abc", fonts.DEJAVU, 0)[0]
    finally:
        torch.set_default_dtype(torch.float32)
    assert np.array_equal(first, again)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n: got 0"),
        ({"n": 2.5}, "n: got 2.5"),
        ({"size": 7}, "size: got 7"),
        ({"size": 65}, "size: got 65"),
        ({"fonts": ("Arial",)}, "fonts: got 'Arial', want one of 'DejaVuSans'"),
        ({"fonts": ()}, "fonts: got none"),
        ({"characters": ""}, "characters: got ''"),
        ({"characters": "aa"}, "characters: got 'aa', want at least one, each only once"),
        ({"characters": "a汉"}, "characters: got '汉', which none of the fonts has"),
        ({"seed": -1}, "seed: got -1"),
        ({"seed": 0.5}, "seed: got 0.5"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        tlbook.data.load("glyphs", **options)


# -- the warp ------------------------------------------------------------------------------------


def test_no_warp_is_the_identity():
    rng = np.random.default_rng(0)
    pictures = torch.rand(5, 64, 64, generator=torch.Generator().manual_seed(0))
    bent = bend(pictures, np.array([4, 0, 2]), 64, STILL, rng)
    torch.testing.assert_close(bent, pictures[[4, 0, 2]], atol=1e-4, rtol=0)


def test_amounts_bound_the_matrices():
    matrices = affine_matrices(500, Warp(10, 0, 0, 0), np.random.default_rng(0))
    angles = np.rad2deg(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert 9 < np.abs(angles).max() <= 10
    np.testing.assert_allclose(np.linalg.det(matrices), 1, rtol=1e-5)
    slanted = affine_matrices(500, Warp(0, 0.2, 0, 0), np.random.default_rng(0))
    assert 0.19 < np.abs(slanted[:, 0, 1]).max() <= 0.2
    stretched = affine_matrices(500, Warp(0, 0, 0.2, 0), np.random.default_rng(0))
    ratios = np.log(stretched[:, 0, 0] / stretched[:, 1, 1])
    assert 0.19 < np.abs(ratios).max() <= 0.2 + 1e-6


def test_elastic_field_is_smooth_and_as_large_as_told():
    field = elastic_fields(400, 32, 0.05, np.random.default_rng(0))
    assert field.shape == (400, 32, 32, 2)
    corners = field[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert float(corners.std()) == pytest.approx(0.05, rel=0.05)
    assert float(field.diff(dim=1).abs().max()) < 0.05


def test_lower_level_gives_thicker_strokes():
    picture = torch.from_numpy(glyphs.rasterize("DejaVuSans", "H") / np.float32(255))
    ink = [float(cut(picture[None], np.array([level])).sum()) for level in (0.3, 0.5, 0.7)]
    assert ink[0] > ink[1] > ink[2] > 0
    values = cut(picture[None], np.array([0.5]))
    assert float(values.min()) == 0 and float(values.max()) == 1
