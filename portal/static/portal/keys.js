// Keys of the queue: j k move, o open, a assign, / search, ? help, Ctrl+Enter submit, and one letter per outcome.
// Off inside fields; can be switched off for good (kept in this browser). Elements say which key presses them
// by data-key="a"; the list is ".cases", or the links of a table marked data-row. Without this file every element is still a link or a button.
(() => {
  "use strict";
  const STORE = "portal-keys-off";
  const isOff = () => { try { return localStorage.getItem(STORE) === "1"; } catch { return false; } };
  const inField = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");
  const say = (text) => { const live = document.getElementById("live"); if (live) live.textContent = text; };

  const show = () => {
    for (const toggle of document.querySelectorAll("[data-keys-toggle]")) {
      toggle.textContent = isOff() ? toggle.dataset.on : toggle.dataset.off;
      toggle.setAttribute("aria-pressed", String(!isOff()));
    }
  };
  show();
  document.addEventListener("htmx:afterSettle", show);

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-keys-toggle]");
    if (!toggle) return;
    try {
      if (isOff()) localStorage.removeItem(STORE);
      else localStorage.setItem(STORE, "1");
    } catch { /* private mode: the choice holds for no longer than this page */ }
    show();
    say(toggle.textContent);
  });

  const step = (by) => {
    const links = [...document.querySelectorAll(".cases a, a[data-row]")];
    if (!links.length) return;
    const here = links.findIndex((link) => link === document.activeElement);
    const current = links.findIndex((link) => link.hasAttribute("aria-current"));
    const from = here >= 0 ? here : current;
    const next = links[Math.min(links.length - 1, Math.max(0, from + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form && inField(event.target)) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (isOff() || event.ctrlKey || event.metaKey || event.altKey) return;
    const radio = event.target.matches?.("input[type=radio], input[type=checkbox]");
    if (inField(event.target) && !radio) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); return; }
    if (event.key === "o" && document.activeElement?.matches(".cases a, a[data-row]")) { event.preventDefault(); document.activeElement.click(); return; }
    if (event.key === "/") {
      const search = document.querySelector("[data-key-search]") || document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select?.(); }
      return;
    }
    if (event.key === "?") {
      const help = document.querySelector("dialog[data-keys-help]");
      if (help) { event.preventDefault(); help.showModal(); }
      return;
    }
    if (event.key.length !== 1) return;
    const wanted = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
    wanted.click();
  });
})();
