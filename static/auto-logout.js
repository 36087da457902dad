// A session ends without activity: one minute before, the page asks. The server decides; this only
// tells it of keys and clicks, asks it how long is left, and tells the other tabs what it said.
(function () {
  "use strict";

  const dialog = document.querySelector("[data-auto-logout]");
  const status = dialog.dataset.autoLogout;
  const countdown = dialog.querySelector("[data-countdown]");
  const stay = dialog.querySelector("[data-stay]");
  const WARNING = 60000;
  const REPORT_EVERY = 15000;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("auto-logout") : null;

  let endsAt = Date.now() + Number(dialog.dataset.left) * 1000;
  let certain = false; // whether somebody who knows has said so since the last wait
  let reportedAt = Date.now();
  let report = null;
  let timer = null;

  function schedule(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(look, milliseconds);
  }

  function look() {
    const left = endsAt - Date.now();
    if (left > WARNING) {
      certain = false;
      close();
      schedule(left - WARNING);
    } else if (!certain || left <= 0) {
      ask("GET"); // another device may have the same session, or this tab slept
    } else {
      warn(Math.ceil(left / 1000));
    }
  }

  function warn(seconds) {
    countdown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!dialog.open) dialog.showModal();
    schedule(1000);
  }

  function learn(moment) {
    endsAt = moment;
    certain = true;
    look();
  }

  // The log-in page says why, and leads back here afterwards.
  function leave(code) {
    if (tabs) tabs.postMessage({ over: true });
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign(`${dialog.dataset.login}?ended=${code}&next=${next}`);
  }

  async function ask(method) {
    clearTimeout(timer);
    const headers = { Accept: "application/json" };
    if (method === "POST") headers["X-CSRFToken"] = stay.querySelector("[name=csrfmiddlewaretoken]").value;
    const response = await fetch(status, { method, headers }).catch(() => null);
    if (response && response.status === 401) return leave((await response.json()).code);
    if (!response || !response.ok) return schedule(5000); // the server goes on counting
    const answer = await response.json();
    if (answer.seconds_left === null) return close();
    const moment = Date.now() + Math.max(1, answer.seconds_left) * 1000;
    if (tabs) tabs.postMessage({ endsAt: moment });
    learn(moment);
  }

  function close() {
    if (dialog.open) dialog.close();
  }

  function stayIn() {
    clearTimeout(report);
    report = null;
    reportedAt = Date.now();
    ask("POST");
  }

  // A key or a click is activity, told at once and then at most every 15 seconds. In the dialog the
  // keys that work its buttons are left to them.
  function active(event) {
    const within = event.target.closest && event.target.closest("[data-auto-logout] form");
    if (within && (event.type !== "keydown" || ["Tab", "Shift", "Enter", " "].includes(event.key))) return;
    if (dialog.open) stayIn();
    else if (report === null) report = setTimeout(stayIn, Math.max(0, reportedAt + REPORT_EVERY - Date.now()));
  }

  document.addEventListener("keydown", active, true);
  document.addEventListener("pointerdown", active, true);
  stay.addEventListener("submit", (event) => {
    event.preventDefault();
    stayIn();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stayIn();
  });
  if (tabs) {
    tabs.addEventListener("message", ({ data }) => (data.over ? ask("GET") : learn(data.endsAt)));
    tabs.postMessage({ endsAt });
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) ask("GET");
  });
  look();
})();
