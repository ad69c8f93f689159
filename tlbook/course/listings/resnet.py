"""D1 §5, transfer with a pretrained ResNet in PyTorch: a loop of six lines that lacks six others.

The loop itself, with each mistake as an argument, is in ``published.py`` of chapter 13; what
each costs over eight seeds is the stored study ``pytorch_listing``. An outcome that names ResNet-50
was run on torchvision's ``resnet50``, one that names ``signnet`` on the course's small network.
"""

from __future__ import annotations

from unittest import mock

from tlbook.course.listings import _resnet_patient as patient
from tlbook.course.listings.fault import Fault, Listing

LISTING = Listing(
    name="resnet",
    document="D1 §5",
    chapter="13",
    promise="Adapts a pretrained ResNet-50 to a new task, as an example of feature-based transfer.",
    faults=(
        Fault(
            "a deprecated argument",
            wrong="asks for the weights with pretrained=True",
            symptom="two warnings today, an error when the argument is removed; nobody sees which "
            "weights it means",
            repair="weights=ResNet50_Weights.DEFAULT, or the version you mean",
            broken=lambda: patient.warnings_of(pretrained=True),
            repaired=lambda: patient.warnings_of(weights="IMAGENET1K_V1"),
            healthy=lambda said: not said,
            show=lambda said: f"{len(said)} warnings" + (f": {said[0][:48]} …" if said else ""),
        ),
        Fault(
            "five names that nobody defines",
            wrong="uses num_classes, num_epochs, dataloader, criterion and optimizer, and makes "
            "none of them",
            symptom="NameError, five times in a row",
            repair="define them: the data, the loss, and an optimizer made after the new head",
            broken=lambda: patient.undefined({"net": mock.MagicMock()}),
            repaired=lambda: patient.undefined(patient.complete()),
            healthy=lambda missed: not missed,
            show=lambda missed: "not defined: " + ", ".join(missed) if missed else "runs",
        ),
        Fault(
            "nothing frozen",
            wrong="is announced as feature-based, and hands every weight to the optimizer",
            symptom="a full fine-tuning: other cost, other result, and features that move",
            repair="freeze the body if features are what you want, or call it fine-tuning",
            broken=lambda: patient.free_outside_the_head(frozen=False),
            repaired=lambda: patient.free_outside_the_head(frozen=True),
            healthy=lambda free: free == 0,
            show=lambda free: f"{free:,} weights of ResNet-50 below the head are trained",
        ),
        Fault(
            "statistics that move in a frozen body",
            wrong="would stay in training mode after the weights are frozen",
            symptom="BatchNorm renews its averages, so the frozen features change with each batch",
            repair="net.eval() while only the head learns",
            broken=lambda: patient.moved_statistics(switched=False),
            repaired=lambda: patient.moved_statistics(switched=True),
            healthy=lambda moved: moved == 0,
            show=lambda moved: f"one forward pass moves {moved} statistics of ResNet-50",
        ),
        Fault(
            "no device",
            wrong="never says .to(device), neither of the network nor of a batch",
            symptom="everything runs on the CPU, also where there is a GPU, and nothing complains",
            repair="net.to(device), pictures.to(device), answers.to(device)",
            broken=lambda: patient.on_the_device(moved=False),
            repaired=lambda: patient.on_the_device(moved=True),
            healthy=lambda there: there > 0,
            show=lambda there: f"{there:,} weights of ResNet-50 are on the device",
        ),
        Fault(
            "nothing seeded",
            wrong="draws the new head and the order of the rows from no seed",
            symptom="two runs give two results, and no difference can be explained",
            repair="a seed for the head, the draws and the augmentation",
            broken=lambda: patient.two_runs_differ(seeded=False),
            repaired=lambda: patient.two_runs_differ(seeded=True),
            healthy=lambda gap: gap == 0,
            show=lambda gap: f"heads of two runs differ by up to {gap:.2g}",
        ),
        Fault(
            "pixels not normalized",
            wrong="says nothing of the mean and the scale that the network was trained with",
            symptom="features of pictures that the network has never seen the like of",
            repair="the mean and the scale of weights.transforms(), in training and at the test; "
            "crops and flips in training only",
            broken=lambda: patient.letters_right(normalized=False),
            repaired=lambda: patient.letters_right(normalized=True),
            healthy=lambda right: right > 0.9,
            show=lambda right: f"signnet reads {100 * right:.0f} % of its own letters",
        ),
        Fault(
            "gradients never zeroed",
            wrong="calls backward and step, and never zero_grad",
            symptom="each step follows the sum of all gradients so far; the loss falls, then rises",
            repair="optimizer.zero_grad() before backward",
            broken=lambda: patient.stale_gradient(zeroed=False),
            repaired=lambda: patient.stale_gradient(zeroed=True),
            healthy=lambda off: off < 1e-6,
            show=lambda off: f"signnet's gradient is off by {100 * off:.0f} % of its length",
        ),
        Fault(
            "no switch to evaluation",
            wrong="never calls eval(), nor train() after it",
            symptom="BatchNorm goes on using the batch: the answer for a picture depends on others",
            repair="model.eval() and torch.inference_mode() to predict, model.train() to go on",
            broken=lambda: patient.changed_answers("train: mixed batches"),
            repaired=lambda: patient.changed_answers("eval"),
            healthy=lambda share: share == 0,
            show=lambda share: (
                f"{100 * share:.0f} % of signnet's answers change with the batch size"
            ),
        ),
        Fault(
            "no validation",
            wrong="ends with the last step and looks at no picture that it was not trained on",
            symptom="all one could report is the accuracy on the training rows",
            repair="keep labeled rows back and look at them",
            broken=lambda: patient.optimism(validated=False),
            repaired=lambda: patient.optimism(validated=True),
            healthy=lambda gap: abs(gap) < 0.1,
            show=lambda gap: f"signnet's report is off by {100 * gap:+.0f} points",
        ),
        Fault(
            "nothing saved",
            wrong="ends without writing a file",
            symptom="the trained network is gone when the process ends",
            repair="save weights, classes and preprocessing together",
            broken=lambda: patient.left_behind(saved=False),
            repaired=lambda: patient.left_behind(saved=True),
            healthy=lambda size: size > 0,
            show=lambda size: f"{size / 1e6:.0f} MB of ResNet-50 are on the disk",
        ),
    ),
)
