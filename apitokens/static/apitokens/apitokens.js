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
      const answer = !response.redirected && /json/.test(response.headers.get("Content-Type")) && await response.json();
      if (answer && !answer.reauthenticate) return answer;
      if (answer) location.assign(answer.reauthenticate);
      else startAgain();
    } catch {
      say(page.dataset.atFailed, true);
    }
    return null;
  }

  const words = (errors) => Object.values(errors).flat().join(" ");

  // Dialogs: a link marked data-at-open shows the form of the page that it leads to.
  const box = one("[data-at-dialog]");
  const focusFirst = (root) => one("[aria-invalid], [data-at-form-error], [autofocus]", root)?.focus();
  function show() {
    box.setAttribute("aria-labelledby", one(".at-title", box).id);
    if (!box.open) box.showModal();
    prepare();
    focusFirst(box);
  }
  on("click", "[data-at-open]", async (event, link) => {
    event.preventDefault();
    const response = await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
    const found = response?.ok && one("[data-at-content]", new DOMParser().parseFromString(await response.text(), "text/html"));
    if (!found) return location.assign(link.href);
    box.replaceChildren(...document.importNode(found, true).childNodes);
    const mark = one("[name=from_dialog]", box);
    if (mark) mark.value = "True";
    return show();
  });
  on("click", "[data-at-close]", (event, button) => {
    if (!button.closest("dialog")) return;
    event.preventDefault();
    box.close();
  });

  // Generate: the lifetime in words
  function showEnd() {
    const part = one("[data-at-lifetime]");
    if (!part) return;
    const seconds = Number(one("input", part).value);
    const end = new Date(Date.now() + seconds * 1000);
    const language = document.documentElement.lang || undefined;
    const say = (options) => new Intl.DateTimeFormat(language, { numberingSystem: "latn", timeZone: part.dataset.atTimeZone, ...options }).format(end);
    const count = (value, unit) => value && new Intl.NumberFormat(language, { numberingSystem: "latn", style: "unit", unit, unitDisplay: "long" }).format(value);
    all(".at-pick", part).forEach((pick) => pick.setAttribute("aria-pressed", String(Number(pick.value) === seconds)));
    one("[data-at-picks]", part).hidden = false;
    one("[data-at-ends]", part).hidden = !(Number.isInteger(seconds) && seconds >= 600 && seconds <= 86400);
    try {
      one("[data-at-moment]", part).textContent = `${say({ weekday: "short" })} ${say({ day: "numeric", month: "short", year: "numeric" })}, ${say({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`;
      one("[data-at-span]", part).textContent = [count(Math.floor(seconds / 3600), "hour"), count(Math.ceil(seconds / 60) % 60, "minute")].filter(Boolean).join(" ");
    } catch {
      one("[data-at-ends]", part).hidden = true; // a time zone unknown to this browser, or no number
    }
  }
  setInterval(showEnd, 10000);
  on("input", "#id_lifetime", showEnd);
  on("click", ".at-pick", (event, pick) => {
    one("#id_lifetime").value = pick.value;
    showEnd();
  });

  // Delete: possible once the name is typed
  const canonical = (name) => name.normalize("NFKC").toLowerCase().trim().split(/\s+/).join(" ");
  function guard() {
    const typed = one("[data-at-confirm]");
    if (typed) one(".at-btn-danger", typed.form).disabled = canonical(typed.value) !== canonical(typed.dataset.atConfirm);
  }
  on("input", "[data-at-confirm]", guard);

  function prepare() {
    showEnd();
    guard();
  }
  prepare();
  if (box?.open) {
    box.close();
    show();
  }
  one("[aria-invalid], [data-at-form-error]")?.focus();

  // Busy: a form is sent once; brought back by the browser, the page begins anew.
  on("submit", "[data-at-form]", (event, form) => {
    const button = event.submitter;
    if (form.dataset.atSent) return event.preventDefault();
    form.dataset.atSent = "yes";
    if (!button?.dataset.atBusy) return null;
    button.textContent = button.dataset.atBusy;
    button.classList.add("at-busy");
    return setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && one("[data-at-sent]")) location.replace(location.href);
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
    return say(text("atCopied", one("[data-at-name]", form.closest("tr") || page).textContent));
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
    const [forth, back] = tab.matches(":dir(rtl)") ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    const next = { [forth]: at + 1, [back]: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
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
