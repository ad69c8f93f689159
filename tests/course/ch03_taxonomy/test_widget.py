"""The decision helper: the way drawn is the decision's, and every text stays in its room."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tlbook.course.ch03_taxonomy import taxonomy
from tlbook.course.ch03_taxonomy.widget.decision_helper import EXPERIMENT, compute, tempting

START = EXPERIMENT.defaults()
CASES = {
    "start": {},
    "zero-shot": {"task": "other classes", "descriptions": True},
    "forgetting": {
        "task": "other classes",
        "target_labels": "few",
        "access": "model",
        "both": True,
    },
    "most that fits": {"target_labels": "few", "label_shift": True},
    "supervised adaptation": {"target_labels": "few", "overlap": "yes"},
    "two spaces": {"features": "different", "target_labels": "few", "pairs": True},
    "one clash": {"inputs": "same", "overlap": "no"},
    "seven answers clash": {"features": "different", "task": "other classes"},
}


def texts(fig):
    """All texts that are written, with their boxes in pixels."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    renderer = canvas.get_renderer()
    written = [*fig.texts, *(t for ax in fig.axes for t in ax.texts)]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in written if t.get_text()]


def test_the_result_is_what_decide_says():
    result = compute(**START)
    assert result.clash is None
    assert result.decision == taxonomy.decide(result.problem)
    assert result.decision.setting == "domain adaptation"
    refused = compute(**(START | {"inputs": "same", "overlap": "no"}))
    assert refused.decision is None and refused.clash.fields == ("inputs", "overlap")


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_no_text_is_clipped_or_written_over_another(case):
    fig = EXPERIMENT.figure(**CASES[case])
    width, height = fig.bbox.width, fig.bbox.height
    found = texts(fig)
    for words, box in found:
        assert box.x0 >= 0 and box.y0 >= 0, (words, box)
        assert box.x1 <= width and box.y1 <= height, (words, box)
    for i, (words, box) in enumerate(found):
        for other, room in found[i + 1 :]:
            across = min(box.x1, room.x1) - max(box.x0, room.x0)
            down = min(box.y1, room.y1) - max(box.y0, room.y0)
            assert across < 1 or down < 1, (words, other, across, down)


@pytest.mark.slow
def test_texts_fit_whatever_is_decided():
    """The longest answer of every setting: nothing below the last line, nothing over the edge."""
    longest = {}
    for problem in taxonomy.every_problem():
        answers = {n: getattr(problem, n) for n in taxonomy.CHOICES if n != "goal"}
        result = compute(both=problem.goal == "both", **answers)
        key = result.decision.setting if result.decision else result.clash.fields
        size = len(result.decision.fits) if result.decision else 0
        if key not in longest or size > longest[key][0]:
            longest[key] = size, answers | {"both": problem.goal == "both"}
    assert len(longest) == len(taxonomy.SETTINGS) + 15
    for key, (_, answers) in longest.items():
        fig = EXPERIMENT.figure(**answers)
        found = texts(fig)
        last = min(found, key=lambda item: item[1].y0)[0]
        assert last.startswith(("Read: ", "Change one")), (key, last)
        assert all(box.x1 <= fig.bbox.width for _, box in found), key
        lowest = next(box for words, box in found if words == last)
        for words, box in found:
            assert words == last or box.y0 >= lowest.y1 - 1, (key, words)


def test_the_way_is_drawn_in_the_color_of_the_way():
    fig = EXPERIMENT.figure(task="other classes", descriptions=True)
    filled = [t.get_text() for ax in fig.axes for t in ax.texts if t.get_color() == "white"]
    assert filled == ["zero-shot learning"]
    assert "Zero-shot learning" in fig.alt
    assert not [t for ax in EXPERIMENT.figure(**CASES["one clash"]).axes for t in ax.texts
                if t.get_color() == "white"]  # fmt: skip


def test_a_contradiction_shows_every_answer_that_clashes():
    fig = EXPERIMENT.figure(**CASES["seven answers clash"])
    written = [t.get_text() for t in fig.texts]
    clash = compute(**(START | CASES["seven answers clash"])).clash
    assert len(clash.statements) == 7 and set(clash.statements) <= set(written)
    assert " ".join(" ".join(written).split()).count(clash.why[:40]) == 1


def test_tempting_methods_miss_the_least():
    found = compute(**START).decision
    first = tempting(found)[0]
    method = next(m for m in taxonomy.METHODS if m.name == first.method)
    assert sum(not need.met(found.problem) for need in method.needs) == 1
