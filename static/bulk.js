// Bulk add: the page of the work follows it, and is made anew when the work enters another state.
(function () {
  "use strict";

  const page = document.querySelector("[data-bulk-status]");
  if (!page) return;
  const bar = document.getElementById("progress");
  let pause = 1000;

  function put(name, text) {
    const place = page.querySelector(`[data-${name}]`);
    if (place) place.textContent = text;
  }

  function show(status) {
    if (status.key !== page.dataset.key) {
      location.reload();
      return;
    }
    if (status.known) {
      bar.max = status.total || 1;
      bar.value = status.done;
      put("done", status.done);
    }
    put("links", status.links);
    put("unsent", status.unsent);
    setTimeout(ask, pause);
  }

  // Signed out meanwhile, or the server is away: ask less often, and never give up.
  function again() {
    pause = Math.min(pause * 2, 30000);
    setTimeout(ask, pause);
  }

  async function ask() {
    try {
      const answer = await fetch(page.dataset.bulkStatus, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return again();
      pause = 1000;
      return show(await answer.json());
    } catch {
      return again();
    }
  }

  setTimeout(ask, pause);
})();
