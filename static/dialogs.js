// A link marked data-dialog shows the form of the page that it leads to; without this it leads there.
(function () {
  "use strict";
  const box = document.querySelector("[data-dialog-box]");
  if (!box || !box.showModal) return;

  async function contentOf(address) {
    const response = await fetch(address).catch(() => null);
    if (!response || !response.ok) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector("[data-dialog-content]");
  }

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const content = await contentOf(link.href);
    if (!content) {
      location.assign(link.href);
      return;
    }
    box.replaceChildren(...document.importNode(content, true).childNodes);
    box.setAttribute("aria-labelledby", box.querySelector("h2").id);
    box.showModal();
  });

  box.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dialog-close]")) return;
    event.preventDefault();
    box.close();
  });
})();
