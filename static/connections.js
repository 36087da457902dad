// Connections: a test answers in place, so that a secret that was typed stays; texts are copied.
(function () {
  "use strict";

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("form[data-tested] button[name=test]");
    if (!button || button.getAttribute("aria-disabled")) return;
    event.preventDefault();
    const label = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.form.dataset.tested;
    const page = await fetch(button.form.action, { method: "POST", body: new FormData(button.form, button) }).then(read).catch(() => null);
    button.removeAttribute("aria-disabled");
    button.textContent = label;
    if (!page) {
      button.form.requestSubmit(button);
      return;
    }
    const shown = document.querySelector("[data-test-result]");
    shown.replaceChildren(...document.importNode(page.querySelector("[data-test-result]"), true).childNodes);
  });

  async function read(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const result = page.querySelector("[data-test-result]");
    return result && result.children.length ? page : null;
  }

  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      const status = document.querySelector("[data-copy-status]");
      if (status) status.textContent = button.dataset.copied;
    });
  });

  // Back shows no secret again.
  window.addEventListener("pagehide", () => {
    document.querySelectorAll("[data-secret]").forEach((field) => { field.value = ""; });
  });
})();
