// Files go up as soon as they are chosen; without this the button Upload does it.
(function () {
  "use strict";

  document.querySelectorAll("input[data-upload]").forEach((input) => {
    const button = input.form.querySelector("button[name=upload]");
    button.hidden = true;
    input.addEventListener("change", () => {
      if (input.files.length) input.form.requestSubmit(button);
    });
  });
})();
