"""What a test does with an experiment on the page: run it, move its controls, read its picture."""

import base64
import re
import time
from typing import Any

from tlbook.course.widgets import Choice, Control, Experiment, Stepper, Text, Toggle

READ = """async (img) => {
  if (!img.src) return "";
  const bytes = new Uint8Array(await (await fetch(img.src)).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192)
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}"""

# From the key going down to the new picture being loaded, seen from inside the page.
WATCH = """(img) => {
  window.delays = []; window.pressed = 0;
  document.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
  img.addEventListener("load", () => {  // of a run that is watched only the first picture counts
    if (window.pressed) window.delays.push(performance.now() - window.pressed);
    window.pressed = 0;
  });
}"""

# What a screen reader says of the sliders, and what stands beside them.
NAMES = """(box) => [...box.querySelectorAll(".widget-slider")].map((slider) => {
  const handle = slider.querySelector(".noUi-handle");
  return {
    label: slider.querySelector(".widget-label").textContent.trim(),
    name: handle.getAttribute("aria-label"),
    says: handle.getAttribute("aria-valuetext"),
    shown: slider.querySelector(".widget-readout").textContent.trim(),
  };
})"""

# The smallest text of the page's own, in points, and how much the browser shrinks the picture.
SMALLEST = """(box) => {
  const sizes = [...box.querySelectorAll("*")]
    .filter((e) => e.checkVisibility() && !e.closest("style") &&
      [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    .map((e) => [0.75 * parseFloat(getComputedStyle(e).fontSize), e.className, e.textContent]);
  const cut = [...box.querySelectorAll(".widget-label")]
    .filter((e) => e.checkVisibility() &&
      (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 3))
    .map((e) => e.textContent);
  const edge = box.getBoundingClientRect().right + 0.5;
  for (const e of box.querySelectorAll(".widget-inline-hbox, button, img.tlbook-picture"))
    if (e.checkVisibility() && e.getBoundingClientRect().right > edge) cut.push(e.className);
  const picture = box.querySelector("img.tlbook-picture");
  return {
    least: sizes.sort((a, b) => a[0] - b[0])[0], cut,
    scale: picture.getBoundingClientRect().width / Number(picture.getAttribute("width")),
  };
}"""

# What the page has sent and the kernel has not yet worked off. The kernel's status alone would not
# do: right after a click it is still "idle", because the kernel has not heard of the click.
TRACK = """() => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  window.unanswered = new Set();
  kernel.anyMessage.connect((_, {msg, direction}) => {
    if (direction === "send" && msg.channel === "shell")
      window.unanswered.add(msg.header.msg_id);
    else if (msg.header.msg_type === "status" && msg.content.execution_state === "idle")
      window.unanswered.delete(msg.parent_header.msg_id);
  });
}"""


class Live:
    """The live view of one experiment in an open JupyterLab page."""

    def __init__(self, page: Any, experiment: Experiment) -> None:
        self.page = page
        self.experiment = experiment
        self.box = page.locator(f".tlbook-live.tlbook-{experiment.name}")
        self.image = self.box.locator("img.tlbook-picture")

    def open(self, address: str, seconds: float = 150) -> None:
        """Open the notebook, run all of it and wait for the picture."""
        self.page.goto(address)
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=seconds * 1000)
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel",
            timeout=seconds * 1000,
        )
        self.page.evaluate(TRACK)
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        limit = time.monotonic() + seconds
        while not self.image.is_visible():
            assert not self.page.problems, self.page.problems
            assert time.monotonic() < limit, "no picture appeared"
            self.page.wait_for_timeout(200)
        self.settle()

    def idle(self) -> None:
        """Wait until the kernel has worked off all that the page sent."""
        self.page.wait_for_function("() => window.unanswered.size === 0", timeout=60_000)

    def busy(self) -> bool:
        """Return whether a run in the background is still drawing pictures."""
        return "tlbook-busy" in (self.box.get_attribute("class") or "")

    def settle(self) -> bytes:
        """Wait until kernel and run rest and the picture stays the same, and return it."""
        before, limit = b"", time.monotonic() + 120
        while time.monotonic() < limit:
            self.idle()
            if self.busy():
                self.page.wait_for_timeout(100)
                continue
            now = self.picture()
            if now and now == before:
                return now
            before = now
            self.page.wait_for_timeout(100)
        raise AssertionError("the picture does not come to rest")

    def picture(self) -> bytes:
        """Return the bytes of the picture on the page."""
        return base64.b64decode(self.image.evaluate(READ))

    def names(self) -> list[dict[str, str]]:
        """Return label, accessible name, spoken and shown value of each slider."""
        return self.box.evaluate(NAMES)

    def night(self, dark: bool) -> None:
        """Switch JupyterLab to its dark theme, or back."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        change = "(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})"
        self.page.evaluate(change, theme)
        # JupyterLab says that the theme has changed, then hides the page for one frame.
        self.page.wait_for_function(
            "(light) => document.body.dataset.jpThemeLight === light && !jupyterapp.shell.isHidden",
            arg="false" if dark else "true",
        )

    def enlarge(self, large: bool) -> bytes:
        """Press "Large text" if it is not as wanted; return the picture."""
        button = self.box.locator("button.tlbook-large-text")
        if ("mod-active" in button.get_attribute("class")) != large:
            button.click()
        return self.settle()

    def control(self, control: Control) -> Any:
        return self.box.locator(f".tlbook-control-{control.name}")

    def move(self, control: Control, end: int) -> bytes:
        """Bring a control to its low (0) or high (1) end as a person would; return the picture."""
        where = self.control(control)
        where.scroll_into_view_if_needed()
        if isinstance(control, Toggle):
            where.locator("input[type=checkbox]").set_checked(bool(end))
        elif isinstance(control, Stepper):
            if end:  # a stepper only counts up; its low end is where it stands
                (
                    where
                    if where.evaluate("e => e.tagName") == "BUTTON"
                    else where.locator("button")
                ).click()
        elif isinstance(control, Text):
            field = where.locator("input[type=text]")
            field.fill(control.ends()[end])
            field.press("Enter")
        elif isinstance(control, Choice) and not control.slider:
            where.locator("select").select_option(index=0 if end == 0 else len(control.options) - 1)
        else:
            handle = where.locator(".noUi-handle")
            handle.focus()
            self.page.keyboard.press("Home" if end == 0 else "End")
        if not getattr(self.experiment, "at_once", True):
            self.press("run")
        return self.settle()

    def press(self, name: str) -> None:
        """Press a button of a live view: "train" or "run", "pause", "step", "stop", "score"."""
        self.box.locator(f"button.tlbook-{name}").click()

    def line(self) -> str:
        """Return what stands beside the buttons of a live view."""
        return self.box.locator(".tlbook-status").inner_text()

    def wait_for(self, pattern: str, seconds: float = 90) -> None:
        """Wait until the line beside the buttons matches a pattern."""
        limit = time.monotonic() + seconds
        while not re.search(pattern, self.line()):
            assert time.monotonic() < limit, f"{self.line()!r} instead of {pattern!r}"
            self.page.wait_for_timeout(50)

    def watched(self, enough: int, seconds: float = 90) -> list[bytes]:
        """Collect different pictures until there are enough of them or the run is over."""
        seen: list[bytes] = []
        limit = time.monotonic() + seconds
        while len(seen) < enough and time.monotonic() < limit:
            now = self.picture()
            if not seen or now != seen[-1]:
                seen.append(now)
            if not self.busy() and len(seen) > 1:
                break
            self.page.wait_for_timeout(20)
        return seen

    def reset(self) -> bytes:
        """Press Reset and return the picture."""
        self.box.get_by_role("button", name="Reset").click()
        return self.settle()

    def delays(self, control: Control, presses: int = 20) -> list[float]:
        """Press an arrow key on a slider and return the milliseconds until the new picture."""
        self.reset()
        self.image.evaluate(WATCH)
        self.control(control).locator(".noUi-handle").focus()
        for i in range(presses):
            self.page.keyboard.press("ArrowRight" if i % 2 == 0 else "ArrowLeft")
            self.settle()
        return self.page.evaluate("() => window.delays")
