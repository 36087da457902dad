// What was sent is copied from its line of the log.
(function () {
  "use strict";
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy-text]").forEach((button) => {
    const label = button.getAttribute("aria-label");
    const icon = button.innerHTML;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest("section").querySelector("pre").textContent);
      button.setAttribute("aria-label", button.dataset.copied);
      button.innerHTML = icon.replace("#copy", "#check-lg");
      setTimeout(() => { button.setAttribute("aria-label", label); button.innerHTML = icon; }, 2000);
    });
  });
})();

// The page that shows a signing secret: copies it, and lets go of it when it is left.
(function () {
  "use strict";
  const panel = document.querySelector("[data-reveal]");
  if (!panel) return;
  const field = document.getElementById("secret");
  const button = panel.querySelector("[data-copy]");
  const label = button.querySelector("span");
  const status = panel.querySelector("[data-copy-status]");
  const words = label.textContent;
  button.hidden = false;

  async function copy() {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      if (!document.execCommand("copy")) return false;
    }
    return true;
  }

  button.addEventListener("click", async () => {
    if (!(await copy())) return;
    label.textContent = status.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = words; status.textContent = ""; }, 2000);
  });

  window.addEventListener("pagehide", () => {
    field.value = "";
    panel.querySelector("[data-secret]").hidden = true;
    panel.querySelector("[data-cleared]").hidden = false;
  });
})();
