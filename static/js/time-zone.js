// Tells the server the time zone of the browser, until it knows one.

import { post } from "./post.js";

const { timeZoneUrl } = document.querySelector("[name=session]").dataset;
const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (name) post(timeZoneUrl, { time_zone: name }).catch(() => {});
