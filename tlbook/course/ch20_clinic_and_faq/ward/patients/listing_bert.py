"""D0 §5.2 (BERT): the attention mask is dropped, so padding is read like words."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient
from tlbook.course.listings import bert
from tlbook.course.listings._bert_patient import encoded, quiet, tools


def sick(*texts: str) -> Any:
    """Return the scores of six classes for each text."""
    import torch

    made = encoded(*texts)
    with quiet(), torch.inference_mode():
        return tools()[0](input_ids=made["input_ids"]).logits.numpy()


def cured(*texts: str) -> Any:
    """Return the same with everything that the tokenizer made."""
    import torch

    with quiet(), torch.inference_mode():
        return tools()[0](**encoded(*texts)).logits.numpy()


def one_by_one(*texts: str) -> Any:
    """Return the same, one text at a time: nothing is padded, and no mask is needed."""
    return np.concatenate([sick(text) for text in texts])


def centered(*texts: str) -> Any:
    """Return the same fault with scores whose mean is 0."""
    scores = sick(*texts)
    return scores - scores.mean(axis=1, keepdims=True)


def test(code: Any) -> None:
    """Ask for a text alone and beside a longer one."""
    alone, beside = code(bert.SHORT)[0], code(bert.SHORT, bert.LONG)[0]
    moved = float(np.abs(alone - beside).max())
    assert moved < 1e-4, f"a longer text beside it moves the scores by {moved:.2g}"


def symptom_test(code: Any) -> None:
    """Ask for the same batch twice, which tests dropout and not padding."""
    texts = (bert.SHORT, bert.LONG)
    assert np.allclose(code(*texts), code(*texts))


PATIENT = Patient(
    name="listing_bert",
    story="The listing of D0 §5.2: tokenize, then hand over the input ids. The accuracy in the "
    "notebook is fine; the service, which batches by arrival, gives other answers.",
    symptom="The same text gets other scores in another batch.",
    promise="code(*texts) returns an array (n, 6), the scores of six classes for each text.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("dropout is on", "the same batch twice gives the same scores"),
        Cause("the texts are cut at another length", "the ids of the text are the same"),
        Cause("the service has another model", "one text at a time the two agree"),
    ),
    cure="Pass the attention mask too: model(**encodings).",
    chapter="15",
    healthy={"takes one text at a time": one_by_one},
    hidden={"centers its scores": centered},
    symptom_test=symptom_test,
    slow=True,
)
