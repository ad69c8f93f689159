"""What the test of several processes starts: one run, its weights and record written to a file.

Usage: processes_script.py OUT WANTED CASE …; a case is named as in ``case``, ``name@folder`` keeps
checkpoints there, ``stop`` ends early, ``again`` is ``noisy`` that was stopped and taken up.
``accelerate`` among them lets that library open the
process group, ``cuda`` gives each process a card.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.library.training.training_cases import Net, Rows, blobs, judge, make_task, noise
from tlbook.alignment import MMD, Entropy
from tlbook.finetuning import L2SP, Distillation
from tlbook.models import seeded
from tlbook.objective import Objective, TargetLoss
from tlbook.training import Checkpoints, EarlyStopping, fit, join


class Noisy(Rows):
    """A random transform, from the randomness of the process that reads."""

    def __getitem__(self, number):
        x, y = super().__getitem__(number)
        return torch.from_numpy(x) + 0.1 * torch.randn(len(x)), y


class Convolutions(torch.nn.Module):
    """BatchNorm over positions, and another behind the cut, where the rows are gathered."""

    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4, momentum=None), torch.nn.ReLU()
        )
        self.head = torch.nn.Sequential(torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 3))

    def features(self, x):
        return self.body(x.unflatten(1, (1, 4))).mean((2, 3))


def case(name):
    """Return the model, the data and the options of a run."""
    if name == "plain":
        return seeded(lambda: Net(dropout=0.0), 0), blobs(), {"lr": 1e-2, "optimizer": "sgd"}
    if name == "everything":
        net = seeded(lambda: Net(dropout=0.0), 0)
        term = judge()
        term.net[1].p = 0.0
        objective = Objective(
            torch.nn.functional.cross_entropy, MMD(0.5), term, L2SP(0.1, net), TargetLoss(0.3)
        )
        options = {"objective": objective, "labeled": blobs(9, seed=4), "augment": noise}
        options |= {"clip": 1.0, "grad_norms": 5, "optimizer": "sgd", "lr": 1e-2}
        return net, make_task(), options | {"early_stopping": EarlyStopping(5, None)}
    if name == "rows":  # shares of another size in each part, and a head that DDP has to average
        net, teacher = (seeded(lambda: Net(dropout=0.0), seed) for seed in (0, 5))
        kept = Distillation(teacher, 0.7, head=seeded(lambda: Net(dropout=0.0), 0).head)
        terms = Entropy(0.2), kept, L2SP(0.1, net), TargetLoss(0.3)
        objective = Objective(torch.nn.functional.cross_entropy, *terms)
        options = {"objective": objective, "labeled": blobs(9, seed=4), "clip": 1.0}
        options |= {"grad_norms": 5, "optimizer": "sgd", "lr": 1e-2}
        return net, make_task(), options | {"early_stopping": EarlyStopping(5, None)}
    if name == "frozen":  # the head alone learns, and the features have no gradient
        net = seeded(lambda: Net(dropout=0.0), 0)
        options = {"parameters": list(net.head.parameters()), "optimizer": "sgd", "lr": 1e-2}
        return net, blobs(), options
    if name == "noisy":
        return seeded(lambda: Net(dropout=0.5), 0), Noisy(*blobs()), {"augment": noise}
    if name == "pictures":
        X, y = blobs(d=16)
        return seeded(Convolutions, 0), (X.reshape(-1, 4, 4), y), {"optimizer": "sgd"}
    if name == "dataset":
        net = seeded(lambda: Net(dropout=0.0), 0)
        return net, Rows(*blobs()), {"lr": 1e-2, "optimizer": "sgd"}
    if name == "dropout":
        return seeded(lambda: Net(dropout=0.5), 0), blobs(), {}
    raise ValueError(name)


def run(name, **options):
    """Train; return the weights and the columns of the record as tensors."""
    model, data, own = case(name)
    options = {"steps": 20, "batch_size": 15, "device": "cpu", "seed": 3, **own, **options}
    seen = []
    stop = options.pop("callback", lambda step, batch: None)
    options["callback"] = lambda step, batch: (seen.append(len(batch.source_x)), stop(step, batch))[
        1
    ]
    history = fit(model, data, **options)
    state = {f"weights.{k}": v.detach().cpu().clone() for k, v in model.state_dict().items()}
    columns = {f"columns.{k}": torch.as_tensor(v) for k, v in history.columns.items()}
    return {**state, **columns, "rows": torch.tensor(seen)}


def stop_at(step, rank):
    """Return a callback that wants to stop in the first process only."""
    return lambda at, batch: rank == 0 and at == step


def main(out, wanted, *names):
    """Join, run the cases, write what came of them."""
    torch.set_num_threads(1)
    if "accelerate" in names:
        from accelerate import PartialState

        PartialState(cpu=True)
    device = "cuda" if "cuda" in names else "cpu"
    with join(int(wanted), device) as world:
        for name in (n for n in names if n not in ("accelerate", "cuda")):
            name, _, folder = name.partition("@")
            options = {"checkpoint": Checkpoints(folder, every=5)} if folder else {}
            options["device"] = device
            if name == "stop":
                options["callback"] = stop_at(6, world.rank)
            if name == "again":
                run("noisy", **options, callback=stop_at(6, world.rank))
            result = run({"stop": "plain", "again": "noisy"}.get(name, name), **options)
            save_file(result, Path(out) / f"{name}-{world.rank}.safetensors")
        print(f"rank {world.rank} of {world.size} is done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
