// Passkeys appear where the browser has them; a failure is said in the page.
(function () {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) return;

  document.querySelectorAll("[data-passkey]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-no-passkey]").forEach((part) => { part.hidden = true; });

  const problem = document.getElementById("passkey-error");

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (problem) problem.hidden = false;
  });
})();
