// Custom SSO: the test answers in place, so that a secret that was typed stays, and addresses are copied.
(function () {
  "use strict";

  const form = document.getElementById("sso");
  if (!form) return;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[name=test]");
    if (!button || button.getAttribute("aria-disabled")) return;
    event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    const data = new FormData(form, button);
    data.delete("secret");
    const page = await fetch(form.action, { method: "POST", body: data }).then(read).catch(() => null);
    button.removeAttribute("aria-disabled");
    if (!page) {
      form.requestSubmit(button);
      return;
    }
    swap(page, "[data-test-result]");
    swap(page, ".field:has([name=issuer])");
  });

  async function read(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector("[data-test-result]") ? page : null;
  }

  function swap(page, part) {
    const shown = document.querySelector(part);
    const focused = shown.contains(document.activeElement);
    shown.replaceChildren(...document.importNode(page.querySelector(part), true).childNodes);
    const again = shown.querySelector("button");
    if (focused && again) again.focus();
  }

  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      await (navigator.clipboard ? navigator.clipboard.writeText(field.value) : null);
      if (!navigator.clipboard) document.execCommand("copy");
      document.querySelector("[data-copy-status]").textContent = button.dataset.copied;
      const tip = button.parentElement.querySelector(".tip");
      const before = tip.textContent;
      tip.textContent = button.dataset.copied;
      setTimeout(() => { tip.textContent = before; }, 2000);
    });
  });
})();
