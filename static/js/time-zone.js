// Sends the time zone of the browser along with the form that signs somebody in.

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
for (const field of document.querySelectorAll("[name=time_zone]")) field.value = timeZone ?? "";
