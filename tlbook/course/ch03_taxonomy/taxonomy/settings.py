"""The settings: what makes each what it is, and where authors use its name differently."""

from __future__ import annotations

from dataclasses import dataclass

from tlbook.course.ch03_taxonomy.taxonomy.problem import Problem
from tlbook.course.ch03_taxonomy.taxonomy.vocabulary import Family


@dataclass(frozen=True)
class Setting:
    """A setting: why a problem belongs to it, a note on its name, the chapters about it."""

    name: str
    reason: str
    note: str
    chapters: tuple[str, ...]


def family(p: Problem) -> Family:
    """Return the column of Pan & Yang's table, by their definitions.

    *Inductive*: the tasks differ, the target has labels (the source may have none: self-taught).
    *Transductive*: the tasks agree, the domains differ, only the source has labels, and target
    inputs are at hand. *Unsupervised*: no labels in either. What they do not name is outside.
    """
    if p.same_domain and p.same_task:
        return "no transfer"
    if p.labeled_target and (not p.same_task or not p.labeled_source):
        return "inductive"
    if p.labeled_source and not p.labeled_target and p.same_task and p.target_inputs:
        return "transductive"
    if not p.labeled_source and not p.labeled_target:
        return "unsupervised"
    return "outside the three"


_SETTINGS = (
    Setting(
        "supervised learning",
        "Same task and same P(X): source and target are two samples of one problem, so labels of "
        "either count for both and nothing has to be transferred.",
        "Pan & Yang speak of transfer only where the domains or the tasks differ.",
        ("02",),
    ),
    Setting(
        "semi-supervised learning",
        "Same task and same P(X): the unlabeled source inputs are more of the target's own inputs, "
        "to be used beside its labels.",
        "Raina et al. draw the line here: where the unlabeled inputs need not show the target's "
        "classes, it is self-taught learning.",
        ("02", "11"),
    ),
    Setting(
        "unsupervised learning",
        "Same P(X) and no labels anywhere: two samples of one distribution to be clustered or "
        "compressed together.",
        "Not unsupervised transfer: nothing differs between source and target.",
        ("02",),
    ),
    Setting(
        "supervised domain adaptation",
        "Same task, different domains, and labels in both: the source is help for a target that "
        "could also be learned alone.",
        "Pan & Yang's three definitions leave this out. Zhuang et al. sort by labels alone and call"
        " it inductive; with unlabeled target inputs too it is semi-supervised domain adaptation.",
        ("04", "05", "06"),
    ),
    Setting(
        "domain adaptation",
        "Same task, different domains, labels only in the source, target inputs at hand: Pan & "
        "Yang's transductive transfer.",
        "Vapnik's transductive learning wants answers for the given test inputs only; here a "
        "function for new target inputs is wanted too.",
        ("04", "05", "08", "09", "10", "11"),
    ),
    Setting(
        "source-free domain adaptation",
        "Same task, different domains, no target labels, and of the source only a trained model: "
        "it has to adapt itself on the target inputs.",
        "Transductive by Pan & Yang's definition, which asks for labels in the source, not for "
        "access to them; the name is of the years after 2018.",
        ("11", "18"),
    ),
    Setting(
        "domain generalization",
        "Same task, different domains, and not one target input before the model is used: it can "
        "only be made robust in advance.",
        "No transductive transfer: that needs target inputs during training.",
        ("02", "16"),
    ),
    Setting(
        "self-taught learning",
        "The target has labels, the source has inputs only, and these need not follow the target's "
        "classes or P(X): the source can teach features (Raina et al. 2007).",
        "A case of inductive transfer in Pan & Yang, not of unsupervised transfer: the target "
        "does have labels. Today mostly called self-supervised pretraining.",
        ("03", "17"),
    ),
    Setting(
        "unsupervised transfer",
        "No labels in source or target: features or groups found in one help to find those of the "
        "other, as in clustering.",
        "Not unsupervised domain adaptation: there the source does have labels.",
        ("03", "05"),
    ),
    Setting(
        "inductive transfer",
        "The tasks differ and the target has labels: Pan & Yang's inductive transfer, whether the "
        "domains differ or not.",
        "Their Table 1 enters the same domain here, their text says expressly that it does not "
        "matter. Torrey & Shavlik use the word for any transfer that helps to generalize.",
        ("06", "05", "07"),
    ),
    Setting(
        "multi-task learning",
        "The tasks differ, both have labels, and one model is to do well in both: they are learned "
        "at the same time.",
        "Pan & Yang count it to inductive transfer; others keep transfer for the case in which "
        "only the target's result matters.",
        ("06",),
    ),
    Setting(
        "learning without forgetting",
        "The tasks differ and one model is to do both, but the source data are gone: the old model "
        "itself has to teach its task to the new one (Li & Hoiem 2016).",
        "Inductive by definition; the field is called continual learning.",
        ("06",),
    ),
    Setting(
        "zero-shot learning",
        "The target's classes have no labeled example, but descriptions that the source's classes "
        "have too: what was learned about descriptions transfers.",
        "No example of the new classes, and side information in their place. Outside Pan & Yang's "
        "table: the tasks differ and only the source has labels.",
        ("17", "07"),
    ),
    Setting(
        "novel class discovery",
        "New classes without labels or descriptions, and a labeled source: the target can be "
        "grouped in the source's features, the groups have no names.",
        "Outside Pan & Yang's table. Their unsupervised transfer has no labels in the source.",
        ("03",),
    ),
    Setting(
        "heterogeneous transfer",
        "The feature spaces differ, so no function of the source's inputs can read the target's: "
        "a bridge between them comes first.",
        "Says nothing about labels: it may be inductive, transductive or neither. Pan & Yang count "
        "other feature spaces as other domains.",
        ("05", "19b"),
    ),
)
SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _SETTINGS}
