"""The buttons below an exercise in JupyterLab: the options where it has some, hint, solution.

Outside a kernel, and without ipywidgets, there is none: ``ex.q1.hint()`` and so on say the same.
"""

from typing import Any, Protocol

from tlbook.course.exercises import logged
from tlbook.course.exercises.feedback import Feedback
from tlbook.course.widgets.view import in_kernel


class Asked(Protocol):
    """What the panel needs of an exercise."""

    name: str
    mistakes: dict[str, Any]
    options: tuple[str, ...]
    several: bool

    def judge(self, answer: Any) -> Feedback: ...
    def next_hint(self) -> Feedback: ...
    def shown_solution(self) -> Feedback: ...


class Panel:
    """The widgets of one exercise. What a button answers replaces what the last one answered."""

    def __init__(self, exercise: Asked) -> None:
        import ipywidgets as w

        self.exercise = exercise
        self.answer = w.HTML()
        self.buttons = {name: self._button(w, name) for name in ("hint", "solution")}
        self.options = self._options(w)
        if self.options:
            self.buttons = {"check": self._button(w, "check"), **self.buttons}
        row = w.HBox(list(self.buttons.values()))
        self.box = w.VBox([*self.options, row, self.answer])
        self.box.add_class("tlbook-exercise")

    def _button(self, w: Any, name: str) -> Any:
        button = w.Button(description=name.capitalize(), layout=w.Layout(width="auto"))
        button.add_class(f"tlbook-{name}")
        button.on_click(lambda _: self.press(name))
        return button

    def _options(self, w: Any) -> list[Any]:
        """Return a radio button for each option, or a box for each where several may be right."""
        names = self.exercise.options
        wide = w.Layout(width="100%")
        if not names:
            return []
        if self.exercise.several:
            return [w.Checkbox(description=n, indent=False, layout=wide) for n in names]
        return [w.RadioButtons(options=names, value=None, layout=wide)]

    def chosen(self) -> Any:
        """Return what is chosen: a set of options, one of them, or dots for nothing."""
        if self.exercise.several:
            return {box.description for box in self.options if box.value} or ...
        return self.options[0].value or ...

    def press(self, name: str) -> None:
        """Do what a button does: ``"check"``, ``"hint"`` or ``"solution"``."""
        exercise = self.exercise
        asked = {
            "check": lambda: exercise.judge(self.chosen()),
            "hint": exercise.next_hint,
            "solution": exercise.shown_solution,
        }
        feedback: Feedback = asked[name]()
        if name == "check":
            logged.check(exercise, feedback)
        self.answer.value = feedback._repr_html_()


def show(exercise: Asked) -> None:
    """Show the panel in a live notebook. The page that is stored keeps nothing of it."""
    if not in_kernel():
        return
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return
    from IPython.display import display

    bundle = Panel(exercise).box._repr_mimebundle_()
    bundle.pop("text/plain", None)  # it would be the widget's repr
    display(bundle, raw=True)
