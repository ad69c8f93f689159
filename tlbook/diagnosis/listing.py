"""The lines that do what the report advises, for the reader's own script."""

from __future__ import annotations

from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.remedies import REMEDIES

CLASSIFIERS = {
    "linear": ("classifier = LogisticRegression(max_iter=1000)",),
    "kernel": (
        "from sklearn.kernel_approximation import Nystroem",
        "basis = Nystroem(gamma=1 / Xs.shape[1], n_components={parts}, random_state=0)",
        "classifier = make_pipeline(basis, LogisticRegression(max_iter=1000))",
    ),
}
BEFORE = {
    "numbers": "# Xs, ys, Xt: the source, its labels and the target as arrays",
    "texts": "# source_texts, ys, target_texts: lists of texts, and the labels of the source",
    "pictures": "# source_pictures, target_pictures: floats in [0, 1], (n, 3, 24, 24); ys: labels",
}
READ = {
    "numbers": (),
    "texts": (
        "from tlbook.text import embed",
        "Xs, Xt = embed(source_texts), embed(target_texts)",
    ),
    "pictures": (
        "from tlbook import finetuning, models",
        'network = models.create("signnet", weights="embedded")',
        "Xs = finetuning.cached_features(network, source_pictures)",
        "Xt = finetuning.cached_features(network, target_pictures)",
    ),
}


def listing(findings: Findings, kind: str, projected: int = 0) -> str:
    """Return a program of about ten lines: the source model with the remedy that is advised."""
    remedy = REMEDIES[findings.advice.remedy]
    used = CLASSIFIERS[findings.model.name]
    if findings.model.name == "kernel":
        parts = findings.model.classifier[0].n_components
        used = tuple(line.replace("{parts}", f"{parts}") for line in used)
    lines = [BEFORE[kind], *READ[kind]]
    lines += ["from sklearn.linear_model import LogisticRegression"]
    if findings.model.name == "kernel":
        lines += ["from sklearn.pipeline import make_pipeline"]
    lines += ["from sklearn.preprocessing import StandardScaler"]
    if projected:
        lines += [
            "import numpy as np",
            "from sklearn.decomposition import PCA",
            "both = np.concatenate([Xs, Xt])",
            *(("both = StandardScaler().fit_transform(both)",) if kind == "numbers" else ()),
            f"both = PCA({projected}, random_state=0).fit_transform(both)",
            "Xs, Xt = both[: len(Xs)], both[len(Xs) :]",
        ]
    return "\n".join([*lines, *used, *remedy.code])
