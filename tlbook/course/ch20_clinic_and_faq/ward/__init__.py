"""The crash ward: famous failures of transfer learning as patients, drawn blind.

A learner gets a chart and sick code, writes ``test(code)``, and is graded by what the test does:
it must convict the sick code and acquit healthy code.

    case = ward.draw(seed=3)
    print(case.chart)
    print(case.source)
    case.check(my_test)
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.course.ch20_clinic_and_faq.ward import patients
from tlbook.course.ch20_clinic_and_faq.ward.blind import Blind
from tlbook.course.ch20_clinic_and_faq.ward.grading import grade, judge
from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Blind", "Cause", "Patient", "draw", "grade", "judge", "names", "patient", "table"]


def names() -> tuple[str, ...]:
    """Return the names of all patients, in the order of the alphabet."""
    found = (module.name for module in pkgutil.iter_modules(patients.__path__))
    return tuple(sorted(name for name in found if name[0] != "_"))


def patient(name: str) -> Patient:
    """Return a patient by its name.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    check_choice(name, "name", names())
    return import_module(f"{patients.__name__}.{name}").PATIENT


def draw(seed: int) -> Blind:
    """Return a patient at random, without its name; the same seed gives the same one.

    Raises
    ------
    ValueError
        If the seed is no integer of at least 0.
    """
    check_positive(seed, "seed", zero_ok=True, integer=True)
    rng = np.random.default_rng(seed)
    chosen = names()[rng.integers(len(names()))]
    return Blind(patient(chosen), bed=1 + int(rng.integers(99)))


def table() -> pd.DataFrame:
    """Return a row per patient: chapter, symptom, other causes, cure."""
    import pandas as pd

    rows = []
    for found in map(patient, names()):
        others = "; ".join(f"{c.name} ({c.ruled_out_by})" for c in found.differential)
        row = {"patient": found.name, "chapter": found.chapter, "symptom": found.symptom}
        rows.append(row | {"other causes": others, "cure": found.cure})
    return pd.DataFrame(rows)
