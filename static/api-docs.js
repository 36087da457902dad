"use strict";

// Starts Swagger UI. Tokens stay in the page's memory, and nothing outside is asked.
const target = document.getElementById("api-docs");

SwaggerUIBundle({
  domNode: target,
  url: target.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
