// What the shell does beyond HTML. Every page works without it.
(function () {
  "use strict";

  // Menus: Esc and a click elsewhere close an open one; Esc gives the focus back.
  const menus = "details[data-menu]";

  function closeMenus(except) {
    document.querySelectorAll(`${menus}[open]`).forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", (event) => closeMenus(event.target.closest(menus)));

  // Tooltips: Esc hides the one that shows until the pointer or the focus has left it.
  function hideTips() {
    document.querySelectorAll(".tip-host:hover, .tip-host:focus-within").forEach((host) => {
      host.setAttribute("data-tip-closed", "");
    });
  }

  function allowTip(event) {
    const host = event.target.closest && event.target.closest(".tip-host");
    if (host && !host.contains(event.relatedTarget)) host.removeAttribute("data-tip-closed");
  }

  document.addEventListener("pointerout", allowTip);
  document.addEventListener("focusout", allowTip);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    hideTips();
    const open = document.querySelector(`${menus}[open]`);
    if (!open) return;
    const within = open.contains(document.activeElement);
    open.open = false;
    if (within) open.querySelector("summary").focus();
  });

  // Tabs that scroll: the current one is in view.
  document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
    const list = tab.closest("ul");
    list.scrollLeft = tab.offsetLeft + tab.offsetWidth - list.offsetLeft - list.clientWidth;
  });

  // Passwords: the eye appears only where it works.
  document.querySelectorAll("[data-show-password]").forEach((button) => {
    const field = document.getElementById(button.getAttribute("aria-controls"));
    const icon = button.querySelector("use");
    button.hidden = false;
    button.addEventListener("click", () => {
      const show = field.type === "password";
      field.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, show ? "#eye-slash" : "#eye"));
    });
    field.form.addEventListener("submit", () => { field.type = "password"; });
  });

  // Forms with data-busy-label: the button says so, and a second submit is not sent.
  const idle = new Map();

  document.querySelectorAll("form[data-busy-label]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (idle.has(form)) {
        event.preventDefault();
        return;
      }
      const button = event.submitter || form.querySelector("button.btn-primary");
      idle.set(form, { button, label: [...button.childNodes] });
      const spinner = document.createElement("span");
      spinner.className = "spinner";
      button.setAttribute("aria-disabled", "true");
      button.replaceChildren(spinner, form.dataset.busyLabel);
    });
  });

  // Back out of the browser's memory: forms are idle again.
  window.addEventListener("pageshow", () => {
    idle.forEach(({ button, label }) => {
      button.replaceChildren(...label);
      button.removeAttribute("aria-disabled");
    });
    idle.clear();
  });
})();
