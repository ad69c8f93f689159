"""Ask a prediction: radio buttons in a live notebook, the options as text on a page."""

import html
from typing import Any

from tlbook.course import events
from tlbook.course.predictions.questions import Part, Prediction, find
from tlbook.course.widgets.view import in_kernel

DEPENDS = "It depends on your machine."
NOTED = "Noted. Run the next cells, then compare."


def expect(name: str) -> None:
    """Ask the prediction of this name, such as ``"02.1"``.

    A click is kept on this machine, and shown again when the chapter is opened again. A stored
    page shows the options, and the answers in a part that opens by a click.

    Raises
    ------
    ValueError
        If there is no prediction of this name.
    """
    prediction = find(name)
    page = {"text/plain": as_text(prediction), "text/html": as_page(prediction)}
    if not in_kernel():
        print(page["text/plain"])
        return
    from IPython.display import display

    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        display(page, raw=True)
        return
    display(Asked(prediction).box._repr_mimebundle_() | page, raw=True)


def as_text(prediction: Prediction) -> str:
    """Return the options as lines."""
    lines = []
    for part in prediction.parts:
        lines += [part.asked] if part.asked else []
        lines += [f"( ) {option}" for option in part.options]
    return "\n".join(lines)


def as_page(prediction: Prediction) -> str:
    """Return the options for a page without a kernel, the answers in a part that opens."""
    asked = "".join(
        f"<p>{html.escape(part.asked)}</p><ul>"
        + "".join(f"<li>{html.escape(option)}</li>" for option in part.options)
        + "</ul>"
        for part in prediction.parts
    ).replace("<p></p>", "")
    answers = "".join(
        f"<p>{_before(part)}<b>{html.escape(part.right or DEPENDS)}</b></p><ul>"
        + "".join(
            f"<li>{html.escape(option)}: {html.escape(part.reasons[option])}</li>"
            for option in part.options
            if option != part.right
        )
        + "</ul>"
        for part in prediction.parts
    )
    return (
        f'<div class="tlbook-predict">{asked}<details><summary>Compare, after the next cells have '
        f"run</summary>{answers}{_see(prediction)}</details></div>"
    )


def compared(part: Part, chosen: str) -> str:
    """Return what is said of a choice once the cell has run, as HTML."""
    asked = _before(part)
    if chosen == part.right:
        return f"<p>✓ {asked}As you said: {html.escape(chosen)}.</p>"
    said = f"{asked}You said: {html.escape(chosen)}. {html.escape(part.reasons[chosen])}"
    if not part.right:
        return f"<p>{said}</p>"
    return f"<p>✗ {said} The run says: {html.escape(part.right)}.</p>"


def _before(part: Part) -> str:
    """Return what was asked as it stands before an answer: a label gets its colon."""
    asked = html.escape(part.asked)
    return f"{asked}{'' if asked.endswith(('?', ':', '.')) else ':'} " if asked else ""


def _see(prediction: Prediction) -> str:
    where, name = html.escape(prediction.anchor, quote=True), html.escape(prediction.see)
    return f'<p>See <a href="#{where}" style="text-decoration: underline">{name}</a>.</p>'


class Asked:
    """The buttons of one prediction; the last click counts until the answers are compared."""

    def __init__(self, prediction: Prediction) -> None:
        import ipywidgets as w

        self.prediction = prediction
        wide = w.Layout(width="100%")
        earlier = events.said(prediction.name)
        self.choices = []
        rows: list[Any] = []
        for number, part in enumerate(prediction.parts):
            value = earlier.get(str(number))
            choice = w.RadioButtons(
                options=part.options,
                value=value if value in part.options else None,
                layout=wide,
            )
            choice.observe(self._note, "value")
            self.choices.append(choice)
            rows += [w.HTML(html.escape(part.asked))] if part.asked else []
            rows.append(choice)
        self.compare = w.Button(
            description="Compare", layout=w.Layout(width="auto", align_self="flex-start")
        )
        self.compare.on_click(self._compare)
        self.answer = w.HTML(NOTED if earlier else "")
        self.box = w.VBox([*rows, self.compare, self.answer])
        self.box.add_class("tlbook-predict")

    def chosen(self) -> dict[str, str]:
        """Return what was clicked, by the number of the part."""
        values = {str(k): choice.value for k, choice in enumerate(self.choices)}
        return {number: value for number, value in values.items() if value is not None}

    def _note(self, _: Any) -> None:
        events.say(self.prediction.name, self.chosen())
        self.answer.value = NOTED

    def _compare(self, _: Any) -> None:
        chosen = self.chosen()
        parts = self.prediction.parts
        if len(chosen) < len(parts):
            self.answer.value = "Choose first: a guess that is wrong teaches more than none."
            return
        events.log("predict", self.prediction.name, **self._outcome(chosen))
        said = "".join(compared(part, chosen[str(k)]) for k, part in enumerate(parts))
        self.answer.value = said + _see(self.prediction)

    def _outcome(self, chosen: dict[str, str]) -> dict[str, Any]:
        parts = self.prediction.parts
        right = all(
            chosen[str(k)] == (part.right or chosen[str(k)]) for k, part in enumerate(parts)
        )
        return {"right": right, "said": " · ".join(chosen.values())}
