"""The fingerprint of a study: what it must notice, and what must leave it alone."""

import ast
import re
import shutil

import pytest

from tlbook.course import studies
from tlbook.course.results import fingerprint as guard
from tlbook.course.results.fingerprint import fingerprint

FILES = {
    "__init__.py": "",
    "draw.py": '''"""Drawing."""
import numpy as np

from tlbook.units import scale

BLUR = 1.5
"""How much."""


def draw(n: int, seed: int = 0) -> "np.ndarray":
    """Return pictures."""
    # the one and only
    return scale(np.random.default_rng(seed).random(n)) * BLUR


class Glyph:
    """A glyph."""

    size = 3

    def area(self):
        from tlbook.lazy import square

        return square(self.size)

    def __repr__(self):
        return "Glyph"
''',
    "units.py": """FACTOR = 2
TABLE = {}
TABLE['a'] = 1


def scale(x):
    return x * FACTOR * TABLE['a']
""",
    "lazy.py": "def square(x):\n    return x * x\n\n\ndef unused(x):\n    return x + 1\n",
    "study.py": """from tlbook import data
from tlbook.draw import Glyph, draw

NAME = "letters"


def run(jobs=1):
    scale = 3  # a local name, not the function
    return [draw(10), Glyph().area(), data.load(NAME), scale]
""",
    "data/__init__.py": """from tlbook.data.catalogue import ENTRIES


def load(name):
    return ENTRIES[name]
""",
    "data/catalogue.py": """ENTRIES = {
    "letters": ("tlbook.data.letters:load_letters", "text about it"),
    "pets": ("tlbook.data.pets:load_pets", "text about it"),
}
""",
    "data/letters.py": "def load_letters():\n    return 1\n",
    "data/pets.py": "def load_pets():\n    return 2\n",
}


LOCKED = """from tlbook.training import by_rows, lock
from tlbook.training.lock import hold


def run(x):
    {}return x + 1
"""


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "tlbook" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def read(root, module="tlbook.study"):
    guard._sources.cache_clear()
    return fingerprint(module, "run", root=root)


def edit(root, name, old, new):
    path = root / "tlbook" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_it_holds_what_can_be_reached_and_nothing_else(package):
    assert set(read(package)["code"]) == {
        *("run", "NAME", "draw", "BLUR", "scale", "FACTOR", "TABLE", "Glyph", "square"),
        *("load", "load_letters"),
    }


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("draw.py", '    """Return pictures."""\n', ""),
        ("draw.py", '"""How much."""\n', ""),
        ("draw.py", "    # the one and only\n", "\n\n    # another\n"),
        ("draw.py", "n: int, seed: int = 0", "n: 'float',\n    seed=0"),
        ("draw.py", ' -> "np.ndarray"', ""),
        ("draw.py", 'return "Glyph"', 'return "G"'),
        ("draw.py", "import numpy as np", "import numpy"),
        ("units.py", "x * FACTOR * TABLE['a']", '((x * FACTOR)\n        * TABLE["a"])'),
        ("lazy.py", "x + 1", "x + 2"),
        ("data/catalogue.py", "text about it", "other text"),
        ("data/pets.py", "return 2", "return 3"),
    ],
)
def test_what_changes_no_number_leaves_it_alone(package, name, old, new):
    before = read(package)
    edit(package, name, old, new)
    if new == "import numpy":
        edit(package, name, "np.random", "numpy.random")
    assert read(package) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("units.py", "FACTOR = 2", "FACTOR = 3", {"FACTOR"}),
        ("units.py", "FACTOR = 2", "FACTOR = 2.0", {"FACTOR"}),
        ("units.py", "TABLE['a'] = 1", "TABLE['a'] = 2", {"TABLE"}),
        ("lazy.py", "x * x", "x * x * x", {"square"}),
        ("draw.py", "seed: int = 0", "seed: int = 1", {"draw"}),
        ("draw.py", "size = 3", "size = 4", {"Glyph"}),
        ("draw.py", "np.random.default_rng", "np.random.RandomState", {"draw"}),
        ("draw.py", "import numpy as np", "import cupy as np", {"draw"}),
        ("draw.py", "class Glyph", "class Glyph(dict)", {"Glyph"}),
        ("study.py", "draw(10)", "draw(11)", {"run"}),
        ("study.py", '"letters"', '"pets"', {"NAME", "load_letters", "load_pets"}),
        ("data/letters.py", "return 1", "return 5", {"load_letters"}),
    ],
)
def test_what_may_change_a_number_is_named(package, name, old, new, changed):
    before = read(package)["code"]
    edit(package, name, old, new)
    after = read(package)["code"]
    assert {n for n in before | after if before.get(n) != after.get(n)} == changed


def test_moved_and_renamed_modules_leave_it_alone(package):
    before = read(package)
    folder = package / "tlbook"
    (folder / "far" / "away").mkdir(parents=True)
    for new in ("far/__init__.py", "far/away/__init__.py"):
        (folder / new).write_text("")
    shutil.move(folder / "units.py", folder / "far" / "away" / "measures.py")
    shutil.move(folder / "lazy.py", folder / "far" / "slow.py")
    edit(
        package, "draw.py", "from tlbook.units import scale", "from tlbook.far.away import measures"
    )
    edit(package, "draw.py", "return scale(", "return measures.scale(")
    edit(package, "draw.py", "from tlbook.lazy", "from tlbook.far.slow")
    assert read(package) == before


def test_two_definitions_of_one_name_are_both_guarded(package):
    edit(
        package,
        "units.py",
        "def scale(x):\n",
        "def draw(x):\n    return x\n\n\ndef scale(x):\n    x = draw(x)\n",
    )
    before = read(package)["code"]
    assert "+" in before["draw"]
    edit(package, "units.py", "    return x\n\n", "    return -x\n\n")
    after = read(package)["code"]
    assert {n for n in before if before[n] != after[n]} == {"draw"}


def test_files_count_by_their_bytes_where_the_code_names_them(package):
    shipped = package / "tlbook" / "data" / "weight_files"
    shipped.mkdir()
    (shipped / "__init__.py").write_text("")
    (shipped / "shipped.py").write_text("def load_weights(name):\n    return name\n")
    for name in ("net", "other"):
        (shipped / f"{name}.safetensors").write_bytes(b"123")
    edit(package, "study.py", "scale = 3", "scale = load_weights('net')")
    edit(
        package,
        "study.py",
        "from tlbook import data",
        "from tlbook import data\nfrom tlbook.data.weight_files.shipped import load_weights",
    )
    before = read(package)
    assert list(before["files"]) == ["net.safetensors"]
    (shipped / "other.safetensors").write_bytes(b"124")
    assert read(package) == before
    (shipped / "net.safetensors").write_bytes(b"124")
    assert read(package)["code"] == before["code"] and read(package)["files"] != before["files"]


def test_bad_names(package):
    with pytest.raises(ValueError, match="module: got 'tlbook.none', want a module of tlbook"):
        read(package, "tlbook.none")
    with pytest.raises(ValueError, match="name: got 'walk', want a definition of"):
        fingerprint("tlbook.study", "walk", root=package)
    edit(package, "draw.py", "import scale", "import nothing as scale")
    with pytest.raises(ValueError, match=r"tlbook\.units has no nothing"):
        read(package)


# -- the project itself ---------------------------------------------------------------------------


def of_all(root):
    guard._sources.cache_clear()  # the files may have changed
    return {name: fingerprint(studies.module(name), root=root) for name in studies.names()}


@pytest.fixture(scope="module")
def mine():
    return of_all(guard.ROOT)


@pytest.fixture
def copy(tmp_path):
    """A scratch copy of the package, its weights and tables."""
    for folder in ("tlbook", "data"):
        shutil.copytree(
            guard.ROOT / folder,
            tmp_path / folder,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return tmp_path


def changed(mine, root):
    now = of_all(root)
    return {name for name in mine if now[name] != mine[name]}


@pytest.mark.slow
def test_formatting_a_whole_project_anew_changes_no_study(mine, copy):
    for path in (copy / "tlbook").rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert changed(mine, copy) == set()


@pytest.mark.slow
def test_moving_the_renderer_of_letters_changes_no_study(mine, copy):
    shutil.move(copy / "tlbook" / "data" / "glyphs.py", copy / "tlbook" / "data" / "letters.py")
    for path in (copy / "tlbook").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"tlbook\.data\.glyphs", "tlbook.data.letters", text), "utf-8")
    assert changed(mine, copy) == set()


@pytest.mark.slow
def test_one_constant_of_the_renderer_marks_every_study_that_renders(mine, copy):
    edit(copy, "data/glyphs.py", "truncate=3", "truncate=4")
    found = changed(mine, copy)
    without_pictures = {n for n in mine if n.startswith(("text_", "bert_"))}
    without_pictures |= {"adversarial_gan", "scanner_tuning"}  # points; scanned digits only
    without_pictures |= {n for n in mine if n.startswith("diagnosis_")}  # rows of numbers
    # Numbers, sounds and words.
    without_pictures |= {"vowel_speakers", "vowel_recognizer", "cytology_clinics"}
    without_pictures |= {"word_translation", "made_messages"}
    # Roads, and handwritten digits on photographs: nothing of a font.
    without_pictures |= {n for n in mine if n.startswith(("detection_", "segmentation_"))}
    without_pictures |= {"imitation_drift"}
    assert found == set(mine) - without_pictures


@pytest.mark.slow
def test_a_loader_that_no_study_names_marks_none(mine, copy):
    for name in ("cifar", "pets", "mnist_m", "digits"):
        path = copy / "tlbook" / "data" / "online" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        assert "return " in text
        path.write_text(text.replace("return ", "return None or "), encoding="utf-8")
    assert changed(mine, copy) == set()


def test_the_call_of_a_lock_is_no_change_and_any_other_call_is(package):
    folder = package / "tlbook" / "training"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name in ("lock", "by_rows"):
        (folder / f"{name}.py").write_text("def hold(x):\n    return 1\n")

    def of(first):
        guard._sources.cache_clear()
        (package / "tlbook" / "locked.py").write_text(LOCKED.format(first))
        return fingerprint("tlbook.locked", "run", package)

    plain = of("")
    assert of("lock.hold(x)\n    ") == of("hold(x)\n    ") == plain
    assert of("by_rows.hold(x)\n    ") == plain  # does nothing in one process, as studies run
    assert of("x = hold(x)\n    ") != plain
    assert of("x = by_rows.hold(x)\n    ") != plain
    assert of("print(x)\n    ") != plain
    assert of("x.hold(x)\n    ") != plain
