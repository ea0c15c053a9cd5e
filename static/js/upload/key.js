// `u` leads to what was uploaded or, as `U` does anyway, chooses files.
export async function press({ shiftKey }, openTray) {
  const isTrayShown = document.querySelector("[data-tray]:not([hidden])");
  if (isTrayShown && !shiftKey) (await openTray()).focus();
  else findInput().click();
}

function findInput() {
  const input = document.querySelector("[data-upload-input]");
  if (input) return input;
  const made = Object.assign(document.createElement("input"), { type: "file", multiple: true, hidden: true });
  made.dataset.uploadInput = "";
  document.body.append(made);
  return made;
}
