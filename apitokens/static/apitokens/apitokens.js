// What the token pages do beyond HTML; each works without it. Texts come from data- attributes.
(function () {
  "use strict";

  const page = document.querySelector("[data-at-page]");
  if (!page) return;
  const one = (selector, root = page) => root.querySelector(selector);
  const all = (selector, root = page) => [...root.querySelectorAll(selector)];
  const text = (name, value) => page.dataset[name].replace("{}", () => value);
  const icon = (name, root) => {
    const use = one("use", root);
    const before = use.getAttribute("href");
    use.setAttribute("href", before.replace(/#.*/, `#${name}`));
    return () => use.setAttribute("href", before);
  };
  const on = (type, selector, act) =>
    page.addEventListener(type, (event) => {
      const element = event.target.closest(selector);
      if (element && !(type === "click" && (event.ctrlKey || event.metaKey || event.shiftKey))) act(event, element);
    });

  // Status: said to everyone; shown only when something failed.
  const status = one("[data-at-status]");
  let silence;
  function say(words, failed = false) {
    status.className = failed ? "at-message at-level-error" : "at-visually-hidden";
    status.textContent = words;
    clearTimeout(silence);
    if (failed) status.scrollIntoView({ block: "nearest" });
    else silence = setTimeout(() => { status.textContent = ""; }, 2000);
  }

  // The button says *words* for 2 s: its label, or its tooltip when it is an icon.
  function flash(button, words, mark) {
    const label = one("[data-at-label]", button) || one(".at-tip", button.parentElement);
    if (button.dataset.atFlash) return;
    button.parentElement.removeAttribute("data-at-tip-closed");
    button.dataset.atFlash = label.textContent;
    label.textContent = words;
    const restore = mark ? icon(mark, button) : () => {};
    setTimeout(() => {
      restore();
      label.textContent = button.dataset.atFlash;
      delete button.dataset.atFlash;
    }, 2000);
  }

  // The session is over or the form too old: the server says so on the page itself.
  function startAgain() {
    if (location.pathname === page.dataset.atList) location.reload();
    else location.assign(page.dataset.atList);
  }

  // POST *form* and give its JSON; null when there was no answer or none in JSON.
  async function post(form) {
    const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    try {
      const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
      if (!response.redirected && /json/.test(response.headers.get("Content-Type"))) return await response.json();
      startAgain();
    } catch {
      say(page.dataset.atFailed, true);
    }
    return null;
  }

  const words = (errors) => Object.values(errors).flat().join(" ");

  // Dialogs
  const dialog = (name) => one(`[data-at-dialog="${name}"]`);
  const focusFirst = (root) => one("[aria-invalid], [data-at-form-error], [autofocus]", root)?.focus();
  on("click", "[data-at-close]", (event, button) => {
    const open = button.closest("dialog");
    if (!open) return;
    event.preventDefault();
    open.close();
  });

  // Generate: a fresh id each time it opens; the same id makes the same token.
  function renew(form) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    form.elements.request_id.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  on("click", "[data-at-generate]", (event) => {
    event.preventDefault();
    renew(one("form", dialog("generate")));
    dialog("generate").showModal();
    focusFirst(dialog("generate"));
  });
  if (dialog("generate")?.open) {
    dialog("generate").close();
    dialog("generate").showModal();
  }
  one("[aria-invalid], [data-at-form-error]")?.focus();

  const lifetime = one("[data-at-lifetime]");
  function showEnd() {
    const seconds = Number(one("input", lifetime).value);
    all(".at-pick", lifetime).forEach((pick) => pick.setAttribute("aria-pressed", String(Number(pick.value) === seconds)));
    one("[data-at-ends]", lifetime).hidden = !(Number.isInteger(seconds) && seconds >= 600 && seconds <= 86400);
    const end = new Date(Date.now() + seconds * 1000);
    const language = document.documentElement.lang || undefined;
    const zone = { timeZone: lifetime.dataset.atTimeZone };
    const part = (options) => new Intl.DateTimeFormat(language, { ...zone, ...options }).format(end);
    const count = (value, unit) => value && new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
    const minutes = Math.ceil(seconds / 60);
    try {
      one("[data-at-moment]", lifetime).textContent = `${part({ weekday: "short" })} ${part({ day: "numeric", month: "short", year: "numeric" })}, ${part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`;
      one("[data-at-span]", lifetime).textContent = [count(Math.floor(minutes / 60), "hour"), count(minutes % 60, "minute")].filter(Boolean).join(" ");
    } catch {
      one("[data-at-ends]", lifetime).hidden = true; // a time zone unknown to this browser, or no number
    }
  }
  if (lifetime) {
    one("[data-at-picks]", lifetime).hidden = false;
    showEnd();
    setInterval(showEnd, 10000);
    on("input", "#id_lifetime", showEnd);
    on("click", ".at-pick", (event, pick) => {
      one("input", lifetime).value = pick.value;
      showEnd();
    });
  }

  // Busy: a form is sent once, and is idle again when the browser brings the page back.
  on("submit", "[data-at-form]", (event, form) => {
    const button = one(".at-dialog-foot .at-btn:last-child", form);
    if (form.dataset.atSent) return event.preventDefault();
    form.dataset.atSent = button.textContent;
    button.textContent = form.dataset.atBusy;
    button.classList.add("at-busy");
    return setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("[data-at-sent]").forEach((form) => {
      const button = one(".at-busy", form);
      button.textContent = form.dataset.atSent;
      button.classList.remove("at-busy");
      button.disabled = false;
      delete form.dataset.atSent;
      if (form.elements.request_id) renew(form);
    });
  });

  // Copy from the row: straight to the clipboard, or revealed by the server where there is none.
  on("submit", "[data-at-copy]", async (event, form) => {
    if (!navigator.clipboard?.writeText) return;
    event.preventDefault();
    if (form.dataset.atWaits) return;
    form.dataset.atWaits = "yes";
    const answer = await post(form);
    delete form.dataset.atWaits;
    if (!answer) return;
    if (answer.errors) return say(words(answer.errors), true);
    try {
      await navigator.clipboard.writeText(answer.token);
    } catch {
      return form.submit();
    }
    flash(one("button", form), page.dataset.atCopiedShort, "check-lg");
    return say(text("atCopied", one(`[data-at-name="${form.dataset.atCopy}"]`, form.closest("tr")).textContent));
  });

  // Edit a name in place
  let editing = null;
  function restore(focus) {
    if (!editing) return;
    editing.form.remove();
    editing.row.classList.remove("at-editing");
    editing.row.cells[0].colSpan = 1;
    if (focus) editing.link.focus();
    editing = null;
  }
  on("click", "[data-at-edit]", (event, link) => {
    event.preventDefault();
    restore();
    const row = link.closest("tr");
    const form = one("form", one("template[data-at-rename]").content).cloneNode(true);
    form.action = link.href;
    form.elements.name.value = one("[data-at-name]", row).textContent;
    row.classList.add("at-editing");
    row.cells[0].colSpan = 3;
    row.cells[0].append(form);
    form.elements.name.select();
    editing = { row, form, link };
  });
  on("click", "[data-at-restore]", () => restore(true));
  on("keydown", "[data-at-rename-form]", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    restore(true);
  });
  on("submit", "[data-at-rename-form]", async (event, form) => {
    event.preventDefault();
    if (form.dataset.atWaits) return;
    form.dataset.atWaits = "yes";
    const answer = await post(form);
    delete form.dataset.atWaits;
    if (!answer || editing?.form !== form) return;
    if (answer.errors) {
      one("[data-at-note]", form).textContent = words(answer.errors);
      one(".at-hint", form).classList.add("at-error");
      form.elements.name.setAttribute("aria-invalid", "true");
      form.elements.name.focus();
      return;
    }
    all(`[data-at-name="${editing.row.id}"]`).forEach((name) => { name.textContent = answer.name; });
    all("[data-at-action]", editing.row).forEach((icon) => icon.setAttribute("aria-label", `${icon.dataset.atAction} ${answer.name}`));
    restore(true);
    say(text("atRenamed", answer.name));
  });

  // Delete: the form of its own page, in a dialog
  on("click", "[data-at-ask-delete]", async (event, link) => {
    event.preventDefault();
    const response = await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
    const found = response?.ok && one("[data-at-delete]", new DOMParser().parseFromString(await response.text(), "text/html"));
    if (!found) return location.assign(link.href);
    dialog("delete").replaceChildren(document.importNode(found, true));
    guard(dialog("delete"));
    dialog("delete").showModal();
    return one(".at-dialog-foot [data-at-close]", dialog("delete")).focus();
  });
  const canonical = (name) => name.normalize("NFKC").toLowerCase().trim().split(/\s+/).join(" ");
  function guard(root) {
    const typed = one("[data-at-confirm]", root);
    if (typed) one(".at-btn-danger", root).disabled = canonical(typed.value) !== canonical(typed.dataset.atConfirm);
  }
  guard(page);
  on("input", "[data-at-confirm]", (event, typed) => guard(typed.form));

  // Tooltips: Esc closes the one that shows, and nothing else, until pointer and focus have left it;
  // so does using its button.
  const shown = () => all(".at-tip-host:not([data-at-tip-closed])").filter((host) => getComputedStyle(one(".at-tip", host)).visibility === "visible");
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown().length) return;
    shown().forEach((host) => host.setAttribute("data-at-tip-closed", ""));
    event.preventDefault();
    event.stopPropagation();
  }, true);
  on("click", ".at-tip-host", (event, host) => host.setAttribute("data-at-tip-closed", ""));
  ["pointerout", "focusout"].forEach((type) => on(type, ".at-tip-host", (event, host) => {
    if (!host.contains(event.relatedTarget)) host.removeAttribute("data-at-tip-closed");
  }));

  // Reveal
  const reveal = one("[data-at-reveal]");
  if (!reveal) return;
  one("#at-ready").focus();
  all("[data-at-copy-text], [data-at-tabs-line], [data-at-usage]").forEach((part) => { part.hidden = false; });

  on("click", "[data-at-copy-text]", async (event, button) => {
    const source = button.dataset.atCopyText === "jwt" ? one("[data-at-jwt]") : one("[data-at-example]:not([hidden]) code");
    let copied = true;
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      copied = document.execCommand("copy");
    }
    flash(button, page.dataset[copied ? "atCopiedShort" : "atPress"], copied && "check-lg");
    say(page.dataset[copied ? "atCopiedShort" : "atPress"]);
  });

  const tabs = all("[role=tab]");
  function choose(tab) {
    tabs.forEach((other) => {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      one(`#${other.getAttribute("aria-controls")}`).hidden = other !== tab;
    });
  }
  tabs.forEach((tab) => {
    const panel = one(`#${tab.getAttribute("aria-controls")}`);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    one(".at-example-name", panel).remove();
  });
  if (tabs.length) choose(tabs[0]);
  on("click", "[role=tab]", (event, tab) => choose(tab));
  on("keydown", "[role=tab]", (event, tab) => {
    const at = tabs.indexOf(tab);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(tabs[next % tabs.length]);
    tabs[next % tabs.length].focus();
  });

  // Waiting for the first call: asked every 3 s while the page is seen, for 10 minutes.
  const waiting = one("[data-at-usage]");
  const until = Date.now() + 600000;
  function finish(done) {
    clearInterval(timer);
    waiting.dataset.atDone = done;
  }
  function tell(use) {
    const short = use.seconds_ago < 60;
    const ago = waiting.dataset[short ? "atSeconds" : "atMinutes"].replace("{}", short ? use.seconds_ago : Math.floor(use.seconds_ago / 60));
    const line = waiting.dataset[use.last_used_from ? "atWorkingFrom" : "atWorking"].replace("{}", ago);
    const address = document.createElement("code");
    address.textContent = use.last_used_from || "";
    one("[data-at-usage-text]").replaceChildren(`${line} `, address);
    finish("yes");
  }
  async function ask() {
    if (document.hidden) return;
    if (Date.now() > until) {
      finish("no");
      one("[data-at-usage-text]").textContent = waiting.dataset.atGivenUp;
      return;
    }
    const response = await fetch(waiting.dataset.atUsage, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response) return;
    if (response.redirected || !response.ok) return finish("no");
    const use = await response.json();
    if (use.last_used_at && waiting.dataset.atDone !== "yes") tell(use);
  }
  const timer = waiting && setInterval(ask, 3000);

  // Gone with the page, so that Back shows no token.
  window.addEventListener("pagehide", () => {
    clearInterval(timer);
    all("[data-at-secret]").forEach((part) => part.remove());
    one("[data-at-cleared]").hidden = false;
  });
})();
