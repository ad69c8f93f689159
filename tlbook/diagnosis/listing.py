"""The lines that do what the report advises, for the reader's own script."""

from __future__ import annotations

from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.remedies import REMEDIES

CLASSIFIERS = {
    "linear": ("classifier = LogisticRegression(max_iter=1000)",),
    "kernel": (
        "from sklearn.kernel_approximation import Nystroem",
        "basis = Nystroem(gamma=1 / Xs.shape[1], n_components=100, random_state=0)",
        "classifier = make_pipeline(basis, LogisticRegression(max_iter=1000))",
    ),
}
BEFORE = {
    "numbers": "# Xs, ys, Xt: the source, its labels and the target as arrays",
    "texts": "# Xs, Xt = tlbook.text.embed(source_texts), tlbook.text.embed(target_texts)",
    "pictures": '# Xs, Xt: finetuning.cached_features(models.create("signnet", …), pictures)',
}


def listing(findings: Findings, kind: str, projected: int = 0) -> str:
    """Return a program of about ten lines: the source model with the remedy that is advised."""
    remedy = REMEDIES[findings.advice.remedy]
    used = CLASSIFIERS[findings.model.name]
    lines = [BEFORE[kind]]
    lines += ["from sklearn.linear_model import LogisticRegression"]
    if findings.model.name == "kernel":
        lines += ["from sklearn.pipeline import make_pipeline"]
    lines += ["from sklearn.preprocessing import StandardScaler"]
    if projected:
        lines += [
            "from sklearn.decomposition import PCA",
            f"pca = PCA({projected}, random_state=0).fit(np.concatenate([Xs, Xt]))",
            "Xs, Xt = pca.transform(Xs), pca.transform(Xt)",
        ]
    return "\n".join([*lines, *used, *remedy.code])
