// Shows the schema named by data-schema with Swagger UI, which the page has loaded.
const place = document.querySelector("[data-schema]");
window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
