"""What a reader can set in an experiment: plain descriptions, without a widget library."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice


@dataclass(frozen=True)
class Control:
    """One thing to set. ``name`` is the parameter of ``compute``, ``label`` what the reader sees.

    ``unchanged`` states, where it applies, why moving this control alone from the start may leave
    the picture as it is; the browser test demands a change everywhere else. With
    ``when=(other, value)`` the page shows this control only while the control named ``other`` has
    that value.
    """

    name: str
    label: str

    @property
    def initial(self) -> Any:
        """The value at the start."""
        raise NotImplementedError

    def ends(self) -> tuple[Any, Any]:
        """The values at both ends: lowest and highest, first and last, off and on."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """Return the value as ``compute`` gets it, or raise ValueError."""
        raise NotImplementedError


@dataclass(frozen=True)
class Slider(Control):
    """A number between ``low`` and ``high``; ``kind`` is "float", "int" or "log" (decades).

    ``step`` is in the value's unit; for "log" it is in decades (0.1 = ten steps per factor 10).
    """

    low: float
    high: float
    step: float
    start: float
    unit: str = ""
    kind: str = "float"
    unchanged: str = ""
    when: tuple[str, Any] | None = None

    def __post_init__(self) -> None:
        check_choice(self.kind, "kind", ("float", "int", "log"))
        if not self.low < self.high or self.step <= 0:
            raise ValueError(
                f"{self.name}: got low={self.low}, high={self.high}, step={self.step}, "
                "want low < high and a step above 0"
            )
        if self.kind == "log" and self.low <= 0:
            raise ValueError(f"{self.name}: got low={self.low}, want it above 0 on a log scale")
        self.check(self.start)

    @property
    def initial(self) -> float:
        return self.check(self.start)

    def ladder(self) -> tuple[float, ...]:
        """The values of a log slider: steps of ``step`` decades that meet start and both ends."""
        low, middle, high = (math.log10(v) for v in (self.low, self.start, self.high))
        down = np.arange(middle, low + 0.3 * self.step, -self.step)[::-1]
        up = np.arange(middle, high - 0.3 * self.step, self.step)[1:]
        inner = [float(f"{10**x:.3g}") for x in (*down, *up)]
        inner = [v for v in inner if self.low < v < self.high and v != self.start]
        return tuple(sorted({float(self.low), *inner, float(self.start), float(self.high)}))

    def ends(self) -> tuple[float, float]:
        return self.check(self.low), self.check(self.high)

    def check(self, value: Any) -> float:
        number = isinstance(value, (int, float, np.integer, np.floating))
        slack = 1e-9 * max(abs(self.low), abs(self.high))
        if (
            isinstance(value, bool)
            or not number
            or not math.isfinite(value)
            or not self.low - slack <= value <= self.high + slack
            or (self.kind == "int" and value != int(value))
        ):
            want = "a whole number" if self.kind == "int" else "a number"
            raise ValueError(
                f"{self.name}: got {value!r}, want {want} from {self.low:g} to {self.high:g}"
            )
        if self.kind == "int":
            return int(value)
        return min(max(float(f"{float(value):.10g}"), self.low), self.high)


@dataclass(frozen=True)
class Choice(Control):
    """One of several options: a drop-down list, or with ``slider=True`` a slider over them."""

    options: tuple[Any, ...]
    start: Any = None
    slider: bool = False
    unit: str = ""
    unchanged: str = ""
    when: tuple[str, Any] | None = None

    def __post_init__(self) -> None:
        if len(self.options) < 2:
            raise ValueError(f"{self.name}: got {len(self.options)} option(s), want at least two")
        if self.start is not None:
            self.check(self.start)

    @property
    def initial(self) -> Any:
        return self.options[0] if self.start is None else self.start

    def ends(self) -> tuple[Any, Any]:
        return self.options[0], self.options[-1]

    def check(self, value: Any) -> Any:
        return self.options[self.options.index(check_choice(value, self.name, self.options))]


@dataclass(frozen=True)
class Toggle(Control):
    """On or off: a check box."""

    start: bool = False
    unchanged: str = ""
    when: tuple[str, Any] | None = None

    @property
    def initial(self) -> bool:
        return self.start

    def ends(self) -> tuple[bool, bool]:
        return False, True

    def check(self, value: Any) -> bool:
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(f"{self.name}: got {value!r}, want True or False")
        return bool(value)


@dataclass(frozen=True)
class Stepper(Control):
    """A button that counts up, such as "New sample" for a seed."""

    start: int = 0
    unchanged: str = ""
    when: tuple[str, Any] | None = None

    @property
    def initial(self) -> int:
        return self.start

    def ends(self) -> tuple[int, int]:
        return self.start, self.start + 1

    def check(self, value: Any) -> int:
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not whole or value < 0:
            raise ValueError(f"{self.name}: got {value!r}, want a whole number from 0")
        return int(value)


@dataclass(frozen=True)
class Text(Control):
    """A line of text to type; the picture follows on Enter, or when the field is left.

    ``examples`` are two or more texts to try, the first short and the last long: tests go to these
    two as to the ends of a slider. White space counts as one blank, and none at the edges; the
    empty text is allowed, and ``compute`` has to make something of it.
    """

    start: str
    examples: tuple[str, ...]
    max_length: int = 300
    placeholder: str = "type here, then press Enter"
    unchanged: str = ""
    when: tuple[str, Any] | None = None

    def __post_init__(self) -> None:
        if len(self.examples) < 2:
            raise ValueError(f"{self.name}: got {len(self.examples)} example(s), want two or more")
        for text in (self.start, *self.examples):
            self.check(text)

    @property
    def initial(self) -> str:
        return self.check(self.start)

    def ends(self) -> tuple[str, str]:
        return self.check(self.examples[0]), self.check(self.examples[-1])

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{self.name}: got {type(value).__name__}, want a text (str)")
        text = " ".join(value.split())
        if len(text) > self.max_length:
            raise ValueError(
                f"{self.name}: got {len(text)} characters, want at most {self.max_length}"
            )
        return text
