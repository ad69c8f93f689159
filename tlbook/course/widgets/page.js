// Names what ipywidgets leaves nameless: handles of sliders, numbers beside them, pictures.
// Runs once for each live view, when its style sheet is in place; without it only the names are missing.
((root) => {
  if (!root) return;
  const put = (element, key, value) => {
    if (value && element.getAttribute(key) !== value) element.setAttribute(key, value);
  };
  const words = (element) => (element ? element.textContent.trim() : "");
  const tell = () => {
    for (const slider of root.querySelectorAll(".widget-slider")) {
      const name = words(slider.querySelector(".widget-label"));
      const number = slider.querySelector(".widget-readout");
      for (const handle of slider.querySelectorAll(".noUi-handle")) {
        put(handle, "aria-label", name);
        put(handle, "aria-valuetext", words(number)); // as rounded as one sees it
      }
      if (number && number.isContentEditable) {
        put(number, "role", "textbox");
        put(number, "aria-label", name);
      }
    }
    for (const picture of root.querySelectorAll("img.widget-image")) {
      let next = picture.nextElementSibling;
      while (next && !next.classList.contains("tlbook-words")) next = next.nextElementSibling;
      put(picture, "alt", words(next));
    }
    for (const icon of root.querySelectorAll("i.fa")) put(icon, "aria-hidden", "true");
  };
  const watched = ["aria-valuetext", "contenteditable"];
  const more = { subtree: true, childList: true, characterData: true, attributeFilter: watched };
  new MutationObserver(tell).observe(root, more);
  tell();
})(this.closest(".tlbook-live"));
