"""The same training by the Trainer of transformers: what it takes over, and what it hides."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from torch import nn
from torch.nn.functional import cross_entropy

from tlbook._base.checks import check_labels, check_positive
from tlbook._base.extras import needs
from tlbook.text.classifier import TextClassifier
from tlbook.training.draws import Draws

if TYPE_CHECKING:
    from torch import Tensor

DOES = {
    "loss": "asks the model for it: forward(…, labels=…) has to return one",
    "batches": "a DataLoader, shuffled by the seed; a collator pads each batch",
    "schedule": "linear decay to zero by default, warm-up on request",
    "clipping": "gradients are cut at norm 1 unless you say otherwise",
    "device and precision": "finds the accelerator; bf16 or fp16 by a flag",
    "evaluation, checkpoints, logs": "every so many steps, resumable, to many trackers",
    "several processes": "through accelerate, by the way in which you start it",
}
"""What the Trainer does for you, and with which defaults."""


class WithLoss(nn.Module):
    """A classifier as the Trainer wants it: labels go in, a loss comes out beside the logits."""

    def __init__(self, model: TextClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """Return ``logits``, and ``loss`` where there are labels."""
        logits = self.model(tokens)
        if labels is None:
            return {"logits": logits}
        return {"loss": cross_entropy(logits, labels), "logits": logits}


def train_with_trainer(
    model: TextClassifier,
    tokens: Tensor,
    y: Any,
    *,
    steps: int,
    batch_size: int = 16,
    lr: float = 1e-4,
    same_draws: bool = True,
    seed: int = 0,
    **arguments: Any,
) -> list[float]:
    """Train in place by ``transformers.Trainer`` on the CPU and return the loss of each step.

    Parameters
    ----------
    model : TextClassifier
        What is frozen in it stays so.
    tokens : tensor of shape (n, 2, t)
        See :func:`tlbook.text.tokenize`.
    y : array of n labels
    steps, batch_size, lr
        AdamW without weight decay at a constant rate, without clipping, as ``fit`` has it.
    same_draws : bool
        Feed the rows in the order in which ``fit`` draws them: then both are the same training.
    seed : int
    **arguments
        Other entries of ``transformers.TrainingArguments``.

    Raises
    ------
    ValueError
        If labels do not fit, or a number is out of range.
    """
    for name, value in {"steps": steps, "batch_size": batch_size}.items():
        check_positive(value, name, integer=True)
    check_positive(lr, "lr")
    labels = check_labels(y, len(tokens))
    needs("accelerate", "text")
    import torch
    from torch.utils.data import Dataset, RandomSampler, SequentialSampler
    from transformers import PrinterCallback, Trainer, TrainingArguments

    draws = Draws(len(tokens), batch_size, seed, 0)
    order = [int(row) for step in range(steps) for row in draws.at(step)]

    class Rows(Dataset):
        def __len__(self) -> int:
            return len(order) if same_draws else len(tokens)

        def __getitem__(self, i: int) -> dict[str, Any]:
            row = order[i] if same_draws else i
            return {"tokens": tokens[row], "labels": int(labels[row])}

    losses: list[float] = []

    class Noted(Trainer):
        def _get_train_sampler(self, *args: Any, **kwargs: Any) -> Any:
            generator = torch.Generator().manual_seed(seed)
            return (
                SequentialSampler(rows) if same_draws else RandomSampler(rows, generator=generator)
            )

        def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
            loss = super().compute_loss(*args, **kwargs)
            losses.append(float((loss[0] if isinstance(loss, tuple) else loss).detach()))
            return loss

    rows = Rows()
    defaults: dict[str, Any] = {
        "max_steps": steps,
        "per_device_train_batch_size": min(batch_size, len(tokens)),
        "learning_rate": lr,
        "lr_scheduler_type": "constant",
        "weight_decay": 0.0,
        "max_grad_norm": 0.0,
        "seed": seed,
        "use_cpu": True,
        "report_to": [],
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "remove_unused_columns": False,
    }
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(output_dir=folder, **{**defaults, **arguments})
        trainer = Noted(model=WithLoss(model), args=settings, train_dataset=rows)
        trainer.remove_callback(PrinterCallback)  # without its bar it would print a summary
        trainer.train()
    model.eval()
    return losses
