// Settings: what isn't saved yet is told, and a pick fills its number. Without it the form still saves.
(function () {
  "use strict";

  const bar = document.querySelector("[data-save-bar]");
  const form = document.querySelector("form[data-settings]");
  if (!bar || !form) return;
  const unsaved = bar.querySelector("[data-unsaved]");
  const count = unsaved.querySelector("b");
  const save = bar.querySelector("[data-save]");
  const discard = bar.querySelector("[data-discard]");

  const controls = [...form.elements].filter((control) => control.matches("input:not([type=hidden]), select, textarea"));

  function changed(control) {
    if (control.dataset.saved !== undefined) return control.dataset.saved !== value(control);
    return control.matches("[type=checkbox], [type=radio]") ? control.checked !== control.defaultChecked : control.value !== control.defaultValue;
  }

  function value(control) {
    return control.matches("[type=checkbox]") ? String(control.checked) : control.value;
  }

  function mark(control) {
    const note = document.querySelector(`[data-not-saved="${control.id}"]`);
    if (note) note.hidden = !changed(control);
  }

  function refresh() {
    controls.forEach(mark);
    const number = controls.filter(changed).length;
    count.textContent = number === 1 ? count.dataset.one : count.dataset.many.replace("{}", number);
    unsaved.hidden = discard.hidden = number === 0;
    save.disabled = number === 0;
    bar.classList.toggle("is-unsaved", number > 0);
    document.querySelectorAll("[data-picks]").forEach((picks) => {
      const now = document.getElementById(picks.dataset.picks).value;
      picks.hidden = false;
      picks.querySelectorAll("button").forEach((pick) => pick.setAttribute("aria-pressed", String(pick.value === now)));
    });
  }

  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-picks] button");
    if (!pick) return;
    const field = document.getElementById(pick.closest("[data-picks]").dataset.picks);
    field.value = pick.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  form.addEventListener("input", refresh);
  window.addEventListener("pageshow", refresh);
  refresh();
})();
