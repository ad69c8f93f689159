"""The road learned by day and asked at night and in fog: seven ways, and the steering angle.

``upper bound`` is trained on 200 masks of the target, which no other row has. AdaBN, TENT and
self-training see 100 pictures of the target without masks (TENT: those of the test, as they come).
No setting was chosen by a mask of night or fog.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

from tlbook.alignment import adabn, tent
from tlbook.course.ch19a_applications_vision.segmentation import (
    N_TEST,
    N_UNLABELED,
    iou_of,
    roads,
    segment,
    segment_and_steer,
    self_trained,
    simulated_weather,
    steer,
    steering_error,
)
from tlbook.course.studies import Study, grid
from tlbook.training import predict

SEEDS = tuple(range(8, 16))  # 0 to 7 showed that the loss needs weights of the classes
TENT_BATCH = 25


def trial(seed: int) -> list[dict[str, Any]]:
    """Return the IoU of every method in every weather, and the errors of the steering angle."""
    day, rows = roads("day", seed), []
    net, source_seconds = timed(segment, day, seed)
    simulated, seconds = timed(segment, day, seed, augment=simulated_weather)
    for weather in ("day", "night", "fog"):
        test = roads(weather, seed, "test", N_TEST)

        def row(
            method: str, answers: np.ndarray, seconds: float, test: Any = test, w: str = weather
        ) -> None:
            rows.append({"weather": w, "method": method, **iou_of(answers, test),
                         "seconds": seconds})  # fmt: skip

        row("source only", predict(net, test.X), source_seconds)
        row("simulated weather", predict(simulated, test.X), seconds)
        if weather == "day":
            shared, head = both(day, seed, test, rows)
            continue
        X = roads(weather, seed, n=N_UNLABELED).X
        made, spent = timed(adabn, net, X)
        row("AdaBN", predict(made, test.X), spent)
        made, spent = timed(tent, net, test.X, batch_size=TENT_BATCH, device="cpu")
        row("TENT", made.answers, spent)
        made, spent = timed(self_trained, net, day, X, seed)
        row("self-training", predict(made, test.X), spent)
        made, spent = timed(segment, roads(weather, seed), seed)
        row("upper bound", predict(made, test.X), spent)
        row("two heads", predict(shared, test.X), np.nan)
        rows[-1]["steering"] = steering_error(head, test)
    return rows


def both(day: Any, seed: int, test: Any, rows: list[dict[str, Any]]) -> Any:
    """Append the rows of the steering angle by day: a network of its own, and two heads on one."""
    alone, spent = timed(steer, day, seed)
    rows.append({"weather": "day", "method": "steering only", "seconds": spent,
                 "steering": steering_error(alone, test)})  # fmt: skip
    (shared, head), spent = timed(segment_and_steer, day, seed)
    rows.append({"weather": "day", "method": "two heads", **iou_of(predict(shared, test.X), test),
                 "seconds": spent, "steering": steering_error(head, test)})  # fmt: skip
    return shared, head


def timed(make: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, float]:
    """Return what ``make`` gives, and the seconds of the processor that it took."""
    start = process_time()
    made = make(*given, **options)
    return made, process_time() - start


study = Study(trial, grid(seed=SEEDS))
