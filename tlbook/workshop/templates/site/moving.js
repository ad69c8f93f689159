// Experiments that move without a kernel: stored pictures, shown by the settings of the controls.
"use strict";
const tlbookMoving = (() => {
  const waiting = new Map();

  // A pack calls this: lines that all pictures share, and each picture as steps through them.
  async function take(name, text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    waiting.get(name)(await new Response(stream).json());
  }

  function load(name, address) {
    return new Promise((resolve, reject) => {
      waiting.set(name, resolve);
      const script = document.createElement("script");
      script.src = address;
      script.onerror = reject;
      document.head.append(script);
    });
  }

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  class Moving {
    constructor(box, data) {
      Object.assign(this, { box, data, now: [...data.states[0]], urls: [] });
      this.image = box.querySelector("img");
      this.words = element("p", { class: "moving-words", role: "status" });
      this.form = element("div", { class: "moving-controls", role: "group" });
      this.form.setAttribute("aria-label", `Controls: ${data.title}`);
      this.rows = data.controls.map((control, i) => this.row(control, i));
      const reset = element("button", { type: "button", class: "moving-reset" }, "Reset");
      reset.addEventListener("click", () => this.show(0));
      this.form.append(...this.rows.map((r) => r.box), reset);
      box.querySelector(".moving-picture").before(this.form, this.words);
      box.classList.add("moving-live");
      this.show(0);
    }

    row(control, i) {
      const id = `${this.box.id}-${control.name}`;
      const label = control.label + (control.unit ? ` (${control.unit})` : "");
      const value = element("span", { class: "moving-value" });
      let input;
      if (control.kind === "slider") {
        const top = control.values.length - 1;
        input = element("input", { type: "range", id, min: 0, max: top, step: 1 });
        input.addEventListener("input", () => this.move(i, Number(input.value)));
      } else if (control.kind === "list") {
        const options = control.values.map((v, k) => element("option", { value: k }, v));
        input = element("select", { id }, ...options);
        input.addEventListener("change", () => this.move(i, Number(input.value)));
      } else if (control.kind === "toggle") {
        input = element("input", { type: "checkbox", id });
        input.addEventListener("change", () => this.move(i, Number(input.checked)));
      } else {
        input = element("button", { type: "button", id }, label);
        input.addEventListener("click", () =>
          this.move(i, (this.now[i] + 1) % control.values.length));
      }
      input.dataset.control = control.name;
      const name = element("label", { for: id }, label);
      const parts = control.kind === "step" ? [input, value] : [name, input, value];
      return { box: element("div", { class: `moving-row moving-${control.kind}` }, ...parts), input, value };
    }

    // The stored setting that has this value and differs least from what stands on the page.
    move(i, k) {
      const want = [...this.now];
      want[i] = k;
      let best = -1, least = Infinity;
      this.data.states.forEach((state, s) => {
        if (state[i] !== k) return;
        const apart = state.reduce((sum, v, j) =>
          sum + (v === want[j] ? 0 : 1 + Math.abs(v - want[j]) / 1000), 0);
        if (apart < least) [best, least] = [s, apart];
      });
      const others = this.data.states[best]
        .map((v, j) => [v, j])
        .filter(([v, j]) => j !== i && v !== this.now[j] && this.visible(j, this.data.states[best]));
      this.show(best, others.map(([v, j]) => {
        const control = this.data.controls[j];
        return `${control.label}: ${this.text(control, v)}`;
      }));
    }

    visible(j, state) {
      const when = this.data.controls[j].when;
      if (!when) return true;
      const other = this.data.controls.findIndex((c) => c.name === when[0]);
      return state[other] === when[1] && this.visible(other, state);
    }

    text(control, k) {
      if (control.kind === "toggle") return k ? "on" : "off";
      return control.values[k];
    }

    show(s, alsoMoved = []) {
      this.now = [...this.data.states[s]];
      this.rows.forEach(({ box, input, value }, i) => {
        const control = this.data.controls[i];
        const text = this.text(control, this.now[i]);
        if (control.kind === "toggle") input.checked = control.values[this.now[i]] === "True";
        else if (control.kind !== "step") input.value = this.now[i];
        if (control.kind === "slider") input.setAttribute("aria-valuetext", text);
        value.textContent = control.kind === "slider" || control.kind === "step" ? text : "";
        box.hidden = !this.visible(i, this.now);
      });
      this.image.src = this.address(s);
      this.image.alt = this.data.words[s];
      this.words.textContent = this.data.words[s];
      if (alsoMoved.length) {
        const note = `This page has no picture of that combination, so it moved too: ${alsoMoved.join("; ")}.`;
        this.words.append(" ", element("em", {}, note));
      }
      this.box.dataset.state = s;
    }

    address(s) {
      if (!this.urls[s]) {
        let line = 0;
        const text = this.data.pictures[s].map((step) => this.data.lines[(line += step)]);
        this.urls[s] = URL.createObjectURL(new Blob([text.join("\n")], { type: "image/svg+xml" }));
      }
      return this.urls[s];
    }
  }

  function start(box) {
    load(box.dataset.name, box.dataset.pack).then((data) => new Moving(box, data));
  }

  document.addEventListener("DOMContentLoaded", () => {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries.filter((e) => e.isIntersecting)) {
        seen.unobserve(entry.target);
        start(entry.target);
      }
    }, { rootMargin: "600px" });
    document.querySelectorAll(".moving").forEach((box) => seen.observe(box));
    // What can be moved sideways can be reached by the keyboard.
    for (const wide of document.querySelectorAll(".formula-block"))
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  });

  return { take };
})();
