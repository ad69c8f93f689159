"""``fit``: the only training loop of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.objective import Batch, Objective, Term
from tlbook.training import by_rows, drawn_labels
from tlbook.training.bar import Bar
from tlbook.training.checkpoint import Checkpoints
from tlbook.training.device import choose_device, choose_precision
from tlbook.training.early_stopping import EarlyStopping, Watch
from tlbook.training.history import History, Recorder
from tlbook.training.identity import identity
from tlbook.training.optimizers import Rates, Schedule, make_optimizer, trainable
from tlbook.training.placement import check_loaders, place_parts, size_of_draws
from tlbook.training.processes import current
from tlbook.training.refusals import check_classes, check_network
from tlbook.training.run import Run, compiled


@named
def fit(
    model: nn.Module,
    data: Any,
    objective: Objective | Term | None = None,
    *,
    steps: int = 500,
    batch_size: int = 64,
    lr: float = 1e-3,
    optimizer: str = "adamw",
    weight_decay: float = 0.0,
    schedule: Schedule = "constant",
    clip: float | None = None,
    labeled: Any = None,
    parameters: Iterable[Any] | None = None,
    augment: Callable[..., Any] | None = None,
    early_stopping: EarlyStopping | None = None,
    device: str | torch.device = "auto",
    precision: str = "auto",
    channels_last: bool = False,
    compile: bool | str = False,
    data_on: str = "auto",
    processes: str = "auto",
    seed: int = 0,
    checkpoint: Checkpoints | str | Path | None = None,
    grad_norms: int | None = None,
    progress: bool | None = None,
    callback: Callable[[int, Batch], bool | None] | None = None,
) -> History:
    r"""Train ``model`` in place by stochastic gradient steps on an objective.

    .. math:: \min_f L_S(f) + \lambda L_T(f) + \sum_j \alpha_j A_j(f) + \Omega(f)

    Parameters
    ----------
    model : nn.Module
        With ``features(x)`` and ``head(z)``, as :func:`tlbook.models.wrap` gives them to any
        network; parameters that do not require gradients stay.
    data : Task, Domain, (X, y), Dataset, DataLoader or dict
        What to learn from. A task offers its labeled source and unlabeled target; a pair or a
        domain is learnt as "source", e.g. ``fit(model, task.label(5, seed=0))``; a dictionary
        names its parts: ``{"source": …, "target": …}``. A torch ``Dataset`` of (x, y) stays where
        it is, e.g. on disk, and each draw reads its own items; of the target, x alone is used. A
        ``DataLoader`` keeps its own order and batch size, and cannot be checkpointed. Labels
        that are no classes, −100 included, are refused; those of both when they are drawn.
    objective : Objective, optional
        By default the cross-entropy on the source. A single ``Term`` stands for itself alone.
    steps, batch_size : int
        Gradient steps, and rows of each draw (all rows where there are fewer). Leave the size
        out where a DataLoader has its own.
    lr, weight_decay : float
        Largest learning rate, and decoupled weight decay of AdamW (L2 for SGD).
    optimizer : {"adamw", "adam", "sgd"}
        SGD has Nesterov momentum 0.9.
    schedule : {"constant", "cosine", "one-cycle", "inverse"} or function
        ``"cosine"`` falls to zero; ``"one-cycle"`` rises over the first 30 % of the steps, then
        falls; ``"inverse"`` is :math:`(1 + 10 p)^{-3/4}` of the adversarial papers. A function
        maps the progress in [0, 1] to a factor.
    clip : float, optional
        Largest norm of the whole gradient.
    labeled : (X, y), Domain, Dataset or DataLoader, optional
        Labeled target draw for :class:`~tlbook.objective.TargetLoss`.
    parameters : iterable, optional
        Parameters or optimizer groups to train, instead of all that require gradients.
    augment : function, optional
        ``augment(x, generator) -> x`` for all training draws (see ``tlbook.augmentation``).
    early_stopping : EarlyStopping, optional
        On labeled *source* rows; the column ``validation`` records the losses.
    device, precision : str
        ``"auto"``: CUDA, else MPS, else CPU; bfloat16 autocast on CUDA, float32 elsewhere.
    channels_last : bool
        Keep weights and pictures with the channels innermost: faster convolutions.
    compile : bool or str
        Compile ``model.features``; a text names the backend of ``torch.compile``.
    data_on : {"auto", "device", "host"}
        Where arrays wait; ``"host"`` fetches the next draw while the device computes.
    processes : {"auto", "one"}
        ``"auto"``: where a script has joined others (:func:`tlbook.training.join`), all train
        this network together, by DDP where the objective is a mean over rows, else by gathered
        features. ``batch_size`` stays that of the whole step, so does the result; random
        augmentation and dropout differ.
    seed : int
        Seed of draws, augmentation and dropout.
    checkpoint : Checkpoints, str or Path, optional
        Folder of the run's checkpoints. Called again with the same arguments, a killed run goes
        on from the last one and ends as the undisturbed run does.
    grad_norms : int, optional
        Record each part's gradient norm at every so many steps (one more backward pass per part).
    progress : bool, optional
        Progress bar; by default for runs of more than two seconds in a terminal or notebook.
    callback : function, optional
        ``callback(step, batch)`` after each step; ``True`` ends the run. Of several processes
        each sees its own rows, where DDP is used.

    Returns
    -------
    History
        Values of each step, seconds, device. The model ends in eval mode.

    Raises
    ------
    ValueError
        If an argument is out of range, nothing is trainable, the objective needs a part that
        ``data`` lacks, or a label is no class of the head; ``CheckpointError`` if a checkpoint
        is damaged or of another run.
    Divergence
        If a value becomes NaN or infinite, or grows a millionfold.
    OutOfMemory
        If a step does not fit; the message names a batch size that does.

    See Also
    --------
    tlbook.training.plain_loop : the same loop without options, on one page.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.alignment import MMD
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit, predictor
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net = models.create("digitnet", n_classes=10)
    >>> history = fit(net, task, Objective(cross_entropy, MMD(1.0)), steps=40, seed=0)
    >>> list(history.columns)
    ['loss', 'L_S', 'MMD', 'lr']
    >>> task.score(predictor(net)) > 0.3  # guessing gives 0.1
    True
    """
    for name, value in {"steps": steps, "batch_size": batch_size}.items():
        check_positive(value, name, integer=True)
    check_positive(lr, "lr")
    check_positive(weight_decay, "weight_decay", zero_ok=True)
    if clip is not None:
        check_positive(clip, "clip")
    if grad_norms is not None:
        check_positive(grad_norms, "grad_norms", integer=True)
    if isinstance(objective, Term):
        objective = Objective(None, objective)
    objective = Objective() if objective is None else objective
    check_network(model, objective)
    if not isinstance(compile, bool | str):
        raise ValueError(f"compile: got {type(compile).__name__}, want a bool or a backend's name")
    chosen_device = choose_device(device)
    dtype = choose_precision(precision, chosen_device)
    world = current(processes)
    parts = place_parts(data, labeled, objective, batch_size, seed, chosen_device, data_on)
    check_classes(parts, objective, model)
    check_loaders(parts, checkpoint is not None, world)
    drawn_labels.watch(parts, objective, model)
    watch = None
    if early_stopping is not None:
        watch = Watch(early_stopping, data, objective.source_loss or cross_entropy, chosen_device)
    model.to(chosen_device)
    objective.to(chosen_device)
    if channels_last:
        model.to(memory_format=torch.channels_last)
    chosen = trainable(model, objective, parameters, lr)
    optimizer_ = make_optimizer(optimizer, chosen, lr, weight_decay)
    run = Run(
        model=model,
        objective=objective,
        parts=parts,
        optimizer=optimizer_,
        rates=Rates(schedule, optimizer_, steps),
        recorder=Recorder(chosen_device),
        watch=watch,
        steps=steps,
        batch_size=size_of_draws(parts, batch_size),
        seed=seed,
        device=chosen_device,
        dtype=dtype,
        clip=clip,
        augment=augment,
        channels_last=channels_last,
        features_of=compiled(model, compile),
        grad_norms=grad_norms,
        world=world,
    )
    if isinstance(checkpoint, str | Path):
        checkpoint = Checkpoints(checkpoint)
    if checkpoint is not None:
        told = {"optimizer": f"{optimizer}, weight decay {weight_decay:g}", "schedule": schedule}
        run.checkpoints = checkpoint
        run.identity = identity(run, told)
    by_rows.share(run)
    return run.train(Bar(steps, progress if world.first else False), callback)
