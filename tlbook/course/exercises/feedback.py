"""What an exercise answers: a short message that shows in a notebook and in a plain terminal."""

import html
from dataclasses import dataclass

# status -> (mark, words, color); the colors are those of the palette, the mark a second cue.
LOOKS: dict[str, tuple[str, str, str]] = {
    "correct": ("✓", "Correct.", "#009E73"),
    "wrong": ("✗", "Not yet.", "#D55E00"),
    "not attempted": ("…", "Not attempted yet.", "#7F7F7F"),
    "hint": ("→", "Hint", "#0072B2"),
    "solution": ("→", "Solution", "#0072B2"),
}


@dataclass(frozen=True)
class Feedback:
    """A message with a status: correct, wrong, not attempted, hint or solution."""

    status: str
    message: str = ""
    heading: str = ""
    code: str = ""

    def __str__(self) -> str:
        mark, words, _ = LOOKS[self.status]
        text = f"{mark} {self.heading or words} {self.message}".strip()
        return f"{text}\n{self.code}".strip() if self.code else text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        mark, words, color = LOOKS[self.status]
        code = ""
        if self.code:
            code = f'<pre style="margin: 6px 0 0 0">{html.escape(self.code)}</pre>'
        return (
            f'<div style="border-left: 4px solid {color}; padding: 4px 10px; line-height: 1.45">'
            f'<b style="color: {color}">{mark} {html.escape(self.heading or words)}</b> '
            f"{html.escape(self.message)}{code}</div>"
        )


def show(feedback: Feedback) -> None:
    """Display the feedback in a notebook, or print it where there is none."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(feedback)
        return
    if get_ipython() is None:
        print(feedback)
    else:
        display(feedback)
