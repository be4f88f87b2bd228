// The frame of every page: menus close, the theme changes at once, errors take focus, nothing is sent twice.
// Everything here is a convenience; each page works without it.
(() => {
  "use strict";
  const root = document.documentElement;

  // Theme: the same form works by POST; here the page changes without a reload.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-theme-switch]") || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    const data = new FormData(form);
    data.set("theme", theme);
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "theme", value: theme });
      form.append(field);
      form.submit();
      return;
    }
    if (theme === "auto") root.removeAttribute("data-bs-theme");
    else root.setAttribute("data-bs-theme", theme);
    // A source text has a document of its own in its frame; without scripts there, the page changes it.
    for (const inner of document.querySelectorAll("iframe.source-frame")) {
      const within = inner.contentDocument?.documentElement;
      if (theme === "auto") within?.removeAttribute("data-bs-theme");
      else within?.setAttribute("data-bs-theme", theme);
    }
    for (const button of form.querySelectorAll("button[name=theme]"))
      button.setAttribute("aria-pressed", String(button === event.submitter));
  });

  // A second press while the first is on its way sends nothing. Never disables, so that "back" finds a live form.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post") || "many" in form.dataset) return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Menus: Escape and a press elsewhere close them.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  addEventListener("blur", () => { if (document.activeElement?.matches("iframe")) closeMenus(); });
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // What went wrong is read first. On a new page autofocus does it; this is for what htmx brings, and for an address
  // with a fragment, where browsers skip autofocus. Waits two frames: focusing before autofocus makes it complain.
  const focusErrors = () => {
    const summary = document.querySelector("[data-takes-focus]");
    if (summary && !summary.contains(document.activeElement)) summary.focus();
  };
  // Whoever types already, because the page was long in loading, is left alone.
  const isTyping = () => document.activeElement?.matches("input, textarea, select");
  addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => { if (!isTyping()) focusErrors(); })));
  document.addEventListener("htmx:afterSettle", focusErrors);

  // A link to words in a source's frame: shown there and said, and the page stays where it is, unless they are out of sight, as
  // with the frame above the form on a phone. Words that the frame has not loaded are left to the link itself.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[target=source]");
    const inner = link && document.querySelector("iframe[name=source]");
    if (!inner || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const within = inner.contentDocument;
    const words = link.hash && within?.getElementById(decodeURIComponent(link.hash.slice(1)))?.closest("mark");
    if (words) {
      event.preventDefault();
      within.documentElement.classList.add("has-shown");
      for (const other of within.querySelectorAll(".is-shown")) other.classList.remove("is-shown");
      words.classList.add("is-shown");
      inner.contentWindow.scrollBy({ top: words.getBoundingClientRect().top - inner.clientHeight / 3, behavior: "instant" });
      const said = document.createElement("span");
      said.lang = words.closest("[lang]").lang;
      said.textContent = words.textContent;
      document.getElementById("live").replaceChildren(said);
    }
    const place = inner.getBoundingClientRect().top + (words ? words.getBoundingClientRect().top : 0);
    if (!words || place < 0 || place > innerHeight - 24) inner.scrollIntoView({ block: "nearest", behavior: "instant" });
  });
  for (const inner of document.querySelectorAll("iframe[name=source]")) {
    const lost = inner.parentElement.querySelector("[data-frame-lost]");
    const look = () => {
      const within = inner.contentDocument;
      lost.hidden = Boolean(within);
      // Keys pressed while the text has the focus are the page's.
      within?.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey, shiftKey }) => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey, shiftKey, bubbles: true }));
      });
      // Whoever signed in anew in another tab has another token; the text brings it, and the form can be sent.
      const token = within?.querySelector("meta[name=csrf-token]")?.content;
      if (!token) return;
      for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    };
    inner.addEventListener("load", look);
    if (!inner.contentDocument) look();
  }

  // Buttons that only make sense with a script are hidden until there is one.
  const reveal = () => {
    for (const element of document.querySelectorAll("[data-with-script][hidden]")) element.hidden = false;
  };
  reveal();
  document.addEventListener("htmx:afterSettle", reveal);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  // A file dropped on a .drop area goes into its file input; the form is sent by hand as always.
  for (const area of document.querySelectorAll("[data-drop]")) {
    const input = area.querySelector("input[type=file]");
    if (!input) continue;
    for (const name of ["dragenter", "dragover"])
      area.addEventListener(name, (event) => { event.preventDefault(); area.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }
})();
