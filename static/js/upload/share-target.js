// Installs the service worker behind the share menu of a phone. Browsers have none on plain http.

const { uploadTray } = document.querySelector("[data-upload-tray]").dataset;
const worker = new URL("../shared/worker.js", new URL(uploadTray, location.href));
navigator.serviceWorker?.register(worker).catch(() => {});
