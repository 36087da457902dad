// Adding a candidate: a chosen file is named, a dropped one taken, and the total follows what is
// ticked. Without it the server tells the same in the next step.
(function () {
  "use strict";

  document.querySelectorAll("[data-drop]").forEach((drop) => {
    const input = drop.querySelector("input[type=file]");
    const words = drop.querySelector("[data-chosen]");
    const before = [...words.childNodes];
    const show = () => {
      const file = input.files[0];
      if (!file) return words.replaceChildren(...before);
      const name = document.createElement("bdi");
      name.textContent = file.name;
      return words.replaceChildren(name);
    };
    input.addEventListener("change", show);
    window.addEventListener("pageshow", show);
  });

  const form = document.querySelector("form[data-order]");
  if (!form) return;
  const total = document.querySelector("[data-total]");
  const nothing = [...total.childNodes];
  const radios = [...form.querySelectorAll("input[name=subtype]")];
  const boxes = [...form.querySelectorAll("input[name=add_ons]")];
  const wanted = new Set(boxes.filter((box) => box.checked));
  const starts = radios.some((radio) => radio.checked);

  function rupees(amount) {
    const digits = Number.isInteger(amount) ? 0 : 2;
    return "₹" + amount.toLocaleString("en-IN", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function line(label, second, sum, kind) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    if (kind) row.className = kind;
    term.textContent = label;
    if (second) {
      const small = document.createElement("span");
      small.className = "second";
      small.textContent = second;
      term.append(small);
    }
    value.textContent = sum;
    row.append(term, value);
    return row;
  }

  function update() {
    const chosen = radios.find((radio) => radio.checked);
    const codes = chosen ? chosen.dataset.codes.split(" ") : [];
    let price = 0;
    const lines = [];
    boxes.forEach((box) => {
      const included = codes.includes(box.dataset.code);
      const label = box.closest("label").querySelector("[data-price-label]");
      box.disabled = included;
      box.checked = included || wanted.has(box);
      label.textContent = included ? form.dataset.included : rupees(Number(box.dataset.price));
      if (included || !box.checked) return;
      price += Number(box.dataset.price);
      lines.push(line(box.dataset.name, "", rupees(Number(box.dataset.price))));
    });
    if (!chosen) {
      if (!starts) total.replaceChildren(...nothing);
      return;
    }
    const list = document.createElement("dl");
    list.className = "facts sums";
    const sum = form.dataset.credit + (price ? " + " + rupees(price) : "");
    list.append(
      line(chosen.dataset.package, chosen.dataset.name, form.dataset.credit),
      ...lines,
      line(form.dataset.totalLabel, "", sum, "total"),
    );
    total.replaceChildren(list);
  }

  form.addEventListener("change", (event) => {
    if (boxes.includes(event.target)) {
      if (event.target.checked) wanted.add(event.target);
      else wanted.delete(event.target);
    }
    update();
  });

  // A click on a card outside its picks takes its first subtype, unless one of it is taken.
  form.querySelectorAll(".package-card").forEach((card) => {
    card.addEventListener("click", (event) => {
      if (event.target.closest(".pick") || card.querySelector("input:checked")) return;
      const first = card.querySelector("input");
      first.checked = true;
      first.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });

  window.addEventListener("pageshow", update);
})();
