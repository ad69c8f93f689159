"""D0 §5.2, text classification with BERT: half Keras, half PyTorch, and no labels.

The patient has MiniLM's weights in transformers' own ``BertForSequenceClassification``, for which
the listing's ``AutoModelForSequenceClassification`` stands: all of it runs offline.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.listings._bert_patient import (
    encoded,
    files_left,
    folder,
    load,
    load_report,
    name_of_class,
    quiet,
    tools,
)
from tlbook.course.listings.fault import Fault, Listing

__all__ = ["AS_PUBLISHED", "LISTING", "load_report"]

AS_PUBLISHED = """\
name = "bert-base-uncased"
model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=2)
tokenizer = AutoTokenizer.from_pretrained(name)

encodings = tokenizer(texts, truncation=True, padding=True)

model.fit(encodings["input_ids"], encodings["labels"], epochs=3)
"""
"""The listing with its mistakes, in our words."""

SHORT = "The inverse of a matrix."
LONG = (
    "Draw samples from a distribution whose density is known up to a constant, by a chain of "
    "random steps that are accepted or rejected one after the other."
)
TEXTS = (SHORT, LONG, "Minimize a function of several variables.", "Fourier transform of a signal.")
LABELS = (1, 3, 2, 0)


def _run_first_lines() -> int:
    """Run the listing's first lines in a namespace that has what the listing imports: nothing."""
    return _outputs("")


def _run_imported() -> int:
    imports = "from transformers import AutoModelForSequenceClassification, AutoTokenizer\n"
    return _outputs(imports)


def _outputs(imports: str) -> int:
    lines = AS_PUBLISHED.split("\n\n")[0]
    namespace: dict[str, Any] = {}
    with quiet():
        exec(imports + lines.replace('"bert-base-uncased"', repr(folder())), namespace)
    return int(namespace["model"].config.num_labels)


def _encode_texts(given: dict[str, Any]) -> int:
    """Run the listing's fourth line where the name ``texts`` means what is given, or nothing."""
    namespace = {"tokenizer": tools()[1], **given}
    exec(AS_PUBLISHED.split("\n\n")[1], namespace)
    return len(namespace["encodings"]["input_ids"])


def _call_fit() -> float:
    made = encoded(*TEXTS)
    return tools()[0].fit(made["input_ids"], list(LABELS), epochs=3)


def _train_with_fit() -> float:
    """Loss after three steps over loss before, by the one training loop of this course."""
    from tlbook.text import text_classifier
    from tlbook.training import fit

    model = text_classifier(6, "frozen", seed=0)
    history = fit(
        model,
        (model.tokens(list(TEXTS)), list(LABELS)),
        steps=3,
        lr=1e-3,
        device="cpu",
        progress=False,
    )
    loss = history.columns["loss"]
    return float(loss[-1] / loss[0])


def _shape(tensors: bool) -> tuple[int, ...]:
    import torch

    with torch.inference_mode():
        return tuple(tools()[0](encoded(*TEXTS, tensors=tensors)["input_ids"]).logits.shape)


def company_matters(mask: bool) -> float:
    """Return how far the logits of one text move when a longer text stands beside it."""
    import torch

    model, _ = tools()
    alone, padded = encoded(SHORT), encoded(SHORT, LONG)
    names = ("input_ids", "attention_mask") if mask else ("input_ids",)
    with quiet(), torch.inference_mode():
        first = model(**{n: alone[n] for n in names}).logits[0]
        second = model(**{n: padded[n] for n in names}).logits[0]
    return float((first - second).abs().max())


def _two_starts(seed: int | None) -> float:
    """Return how far the logits of one text differ between two runs of the first line."""
    import torch

    with torch.inference_mode():
        made = encoded(SHORT)
        first, second = (load(seed=seed)(**made).logits for _ in range(2))
    return float((first - second).abs().max())


def _asked_twice(train: bool) -> float:
    """Return how far two answers to one text differ in the mode that a model is in."""
    import torch

    model = load(seed=0).train(train)
    with torch.inference_mode():
        made = encoded(SHORT)
        return float((model(**made).logits - model(**made).logits).abs().max())


def _seen_before(held_out: bool) -> tuple[float, float]:
    """Return the share of scored texts that were trained on, and the accuracy told."""
    import numpy as np

    from tlbook import data
    from tlbook.text import probe_into_head, text_classifier

    task = data.load("docstrings", seed=100)
    X, y = task.source.X[:36], np.asarray(task.source.y)[:36]
    told = (task.validation.X[:36], np.asarray(task.validation.y)[:36]) if held_out else (X, y)
    model = text_classifier(6, "frozen", max_tokens=24)
    probe_into_head(model, model.embed(X), y, C=1.0)
    return float(np.isin(told[0], X).mean()), float((model.predict(told[0]) == told[1]).mean())


def _padding(batch_by_length: bool) -> float:
    """Return the share of positions that hold padding."""
    from tlbook import data
    from tlbook.text import tokenize, trim

    tokens = tokenize(data.load("docstrings", seed=100).source.X[:128], max_tokens=512)
    batches = [tokens]
    if batch_by_length:
        order = tokens[:, 1].sum(1).argsort()
        batches = [trim(batch) for batch in tokens[order].split(8)]
    positions = sum(batch[:, 1].numel() for batch in batches)
    return 1 - sum(int(batch[:, 1].sum()) for batch in batches) / positions


LISTING = Listing(
    name="bert",
    document="D0 §5.2",
    chapter="15",
    promise="Fine-tunes BERT to classify texts.",
    faults=(
        Fault(
            "nothing is imported",
            wrong="uses two classes of transformers and imports neither",
            symptom="NameError in the second line",
            repair="from transformers import AutoModelForSequenceClassification, AutoTokenizer",
            broken=_run_first_lines,
            repaired=_run_imported,
            healthy=lambda value: value == 2,
            show=lambda value: f"a model with {value} outputs",
        ),
        Fault(
            "the texts are never defined",
            wrong="uses the name texts, which no line defines",
            symptom="NameError in the fourth line",
            repair="read them, and their labels, from a file",
            broken=lambda: _encode_texts({}),
            repaired=lambda: _encode_texts({"texts": list(TEXTS)}),
            healthy=lambda value: value == len(TEXTS),
            show=lambda value: f"{value} texts encoded",
        ),
        Fault(
            "labels from the tokenizer",
            wrong='reads encodings["labels"]',
            symptom="KeyError: a tokenizer sees texts, and no text says what you call it",
            repair="keep your labels in an array beside the texts",
            broken=lambda: len(encoded(*TEXTS)["labels"]),
            repaired=lambda: len(LABELS),
            healthy=lambda value: value == len(TEXTS),
            show=lambda value: f"{value} labels for {len(TEXTS)} texts",
        ),
        Fault(
            ".fit on a PyTorch model",
            wrong="calls model.fit(…, epochs=3), which Keras models have",
            symptom="AttributeError: a torch module has no attribute fit",
            repair="a loop (training.fit) or the Trainer",
            broken=_call_fit,
            repaired=_train_with_fit,
            healthy=lambda value: value < 0.9,
            show=lambda value: f"loss after three steps {value:.2f} times that before",
        ),
        Fault(
            "lists instead of tensors",
            wrong="passes what the tokenizer returns by default: lists of whole numbers",
            symptom="AttributeError: a list has no size",
            repair='ask for tensors: tokenizer(…, return_tensors="pt")',
            broken=lambda: _shape(tensors=False),
            repaired=lambda: _shape(tensors=True),
            healthy=lambda value: value == (len(TEXTS), 6),
            show=lambda value: f"logits of shape {value}",
        ),
        Fault(
            "attention mask dropped",
            wrong="passes input_ids alone, so padding is read like words",
            symptom="no error: the answer to a text depends on the longest text beside it",
            repair="pass the attention mask too: model(**encodings)",
            broken=lambda: company_matters(mask=False),
            repaired=lambda: company_matters(mask=True),
            healthy=lambda value: value < 1e-5,
            show=lambda value: f"logits move by {value:.1e}",
        ),
        Fault(
            "a random head that no seed fixes",
            wrong="the last layer is new (transformers says so when it loads) and drawn unseeded",
            symptom="each run starts from another classifier, and ends at another",
            repair="set the seed before the model is built, and report several seeds",
            broken=lambda: _two_starts(None),
            repaired=lambda: _two_starts(0),
            healthy=lambda value: value == 0,
            show=lambda value: f"logits of two starts differ by {value:.1e}",
        ),
        Fault(
            "train and eval never switched",
            wrong="never calls train() or eval(), so dropout is off or on by accident",
            symptom="after a training loop: two answers to the same question",
            repair="model.train() before the steps, model.eval() before predictions",
            broken=lambda: _asked_twice(train=True),
            repaired=lambda: _asked_twice(train=False),
            healthy=lambda value: value == 0,
            show=lambda value: f"asked twice, logits differ by {value:.1e}",
        ),
        Fault(
            "nothing is held out",
            wrong="has no text that it was not trained on",
            symptom="a perfect score that says nothing",
            repair="score on texts that were set apart before",
            broken=lambda: _seen_before(held_out=False),
            repaired=lambda: _seen_before(held_out=True),
            healthy=lambda value: value[0] == 0,
            show=lambda value: (
                f"accuracy {100 * value[1]:.0f} %, on texts of which "
                f"{100 * value[0]:.0f} % were trained on"
            ),
        ),
        Fault(
            "every text as long as the longest",
            wrong="pads the whole corpus to its longest text",
            symptom="the same result for more than twice the work",
            repair="pad each batch to its own longest text, and batch texts of similar length",
            broken=lambda: _padding(batch_by_length=False),
            repaired=lambda: _padding(batch_by_length=True),
            healthy=lambda value: value < 0.3,
            show=lambda value: f"{100 * value:.0f} % of all positions are padding",
        ),
        Fault(
            "classes without names",
            wrong="gives the number of classes and not their names",
            symptom="no error: the saved model answers LABEL_1, and nobody knows what that is",
            repair="give id2label and label2id when the model is built",
            broken=lambda: name_of_class(num_labels=2),
            repaired=lambda: name_of_class(num_labels=2, id2label={0: "random", 1: "sparse"}),
            healthy=lambda value: not value.startswith("LABEL"),
            show=lambda value: f"the second class is called {value}",
        ),
        Fault(
            "nothing is saved",
            wrong="ends without saving model, tokenizer or classes",
            symptom="no error: the trained model is gone when the program ends",
            repair='model.save_pretrained("mine"), tokenizer.save_pretrained("mine")',
            broken=lambda: files_left(save=False),
            repaired=lambda: files_left(save=True),
            healthy=lambda value: value > 0,
            show=lambda value: f"{value} files are left",
        ),
    ),
)
