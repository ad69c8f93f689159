"""An experiment: a pure ``compute``, a pure ``draw``, and the controls between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure

from tlbook.course.widgets.controls import Control
from tlbook.plots.figure import PAGE_DPI, SIZES, CourseFigure, png, style
from tlbook.plots.large import enlarge
from tlbook.plots.night import day_and_night

LIVE_DPI = 120
"""Finer than the page's 96, coarser than a stored figure: a picture must follow the slider."""

LARGE_TEXT = 1.4
LARGE_WIDTH = 11.4
"""Inches: what a window of 1280 pixels has room for beside JupyterLab's closed side bar."""
LARGE_HEIGHT = 1.2


@dataclass(frozen=True)
class Picture:
    """PNG bytes that a notebook shows, with the width on the page and the words for it.

    ``night`` is the same picture for a dark theme.
    """

    data: bytes
    width: int
    alt: str
    night: bytes = field(default=b"", repr=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        data = {"image/png": self.data, "text/plain": f"<Picture: {self.alt}>"}
        return data, {"image/png": {"width": self.width, "alt": self.alt}}

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"


@dataclass(frozen=True)
class Experiment:
    """Something to play with: ``compute(**params) -> result`` and ``draw(result, fig) -> figure``.

    Both are pure: the same parameters give the same picture, with or without a kernel.

    Parameters
    ----------
    name : str
        The module's name, as in ``widgets.show(name)``.
    title : str
        Heading over the controls: the question to play with.
    compute, draw : callables
    controls : sequence of Control
    size : (width, height) or a name in ``plots.SIZES``
        Of the picture, in inches.
    view : callable, optional
        ``view(experiment, start)`` makes its live view, where that of its kind will not do.
    large_text : float
        Factor of all text in the large picture; smaller where a picture is mostly text.

    Raises
    ------
    ValueError
        If there is no control, or two share a name.
    """

    name: str
    title: str
    compute: Callable[..., Any]
    draw: Callable[[Any, Figure], Figure]
    controls: Sequence[Control]
    size: str | tuple[float, float] = "wide"
    view: Callable[..., Any] | None = None
    large_text: float = LARGE_TEXT

    def __post_init__(self) -> None:
        names = [control.name for control in self.controls]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"controls: got {names}, want at least one and different names")

    def defaults(self) -> dict[str, Any]:
        """Return the parameters at the start."""
        return {control.name: control.initial for control in self.controls}

    def parameters(self, **params: Any) -> dict[str, Any]:
        """Return a full, checked set of parameters; what is not given is at its start.

        Raises
        ------
        ValueError
            If a name is unknown or a value outside its control.
        """
        known = {control.name: control for control in self.controls}
        for name in params:
            if name not in known:
                raise ValueError(f"{self.name}: got parameter {name!r}, want {', '.join(known)}")
        given = {name: known[name].check(value) for name, value in params.items()}
        return self.defaults() | given

    def figure(self, **params: Any) -> Figure:
        """Compute and draw."""
        return self.figure_of(self.compute(**self.parameters(**params)))

    def figure_of(self, result: Any, large: bool = False) -> Figure:
        """Draw a result; with ``large`` text that a whole room can read."""
        width, height = self.inches
        if large:
            width, height = max(width, LARGE_WIDTH), LARGE_HEIGHT * height
        with style():
            blank = CourseFigure(figsize=(width, height), layout="constrained")
            fig = self.draw(result, blank) or blank
            enlarge(fig, self.large_text if large else 1.0)
            return fig

    def render(self, **params: Any) -> bytes:
        """Compute, draw and return PNG bytes: what the live view shows, without any kernel."""
        return png(self.figure(**params), dpi=LIVE_DPI)

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height of the picture in inches."""
        return SIZES[self.size] if isinstance(self.size, str) else self.size

    @property
    def width(self) -> int:
        """Width of the picture on the page in pixels."""
        return round(self.inches[0] * PAGE_DPI)

    def picture(self, **params: Any) -> Picture:
        """Return the picture with its alternative text."""
        return self.picture_of(self.compute(**self.parameters(**params)))

    def picture_of(self, result: Any, large: bool = False) -> Picture:
        """Return the picture of a result with its alternative text."""
        fig = self.figure_of(result, large)
        finding = getattr(fig, "alt", "") or self.title
        day, night = day_and_night(fig, LIVE_DPI)
        width = round(fig.get_size_inches()[0] * PAGE_DPI)
        return Picture(day, width, f"{self.title}: {finding}", night)
