// All uploads together, in words: a title and a line below it.

import { formatBytes, formatCount, formatDuration } from "./format.js";

// `groups`: as Summary sorts the uploads; `activity`: the queue for Segmind, where it is known.
export function describeUploads(groups, activity) {
  const { busy, pending } = groups;
  if (busy.length) return describeBusy(groups);
  return pending.length ? describePending(groups, activity) : describeEnd(groups);
}

export function describeProblems({ length }) {
  return `${formatCount(length, "file")} ${length === 1 ? "needs" : "need"} attention`;
}

function describeBusy({ busy, received }) {
  const total = formatCount(received.length + busy.length, "file");
  const done = received.length ? `${received.length} done` : "";
  return [`Uploading ${total}`, [done, ...describePace(busy)].filter(Boolean).join(" · ")];
}

function describePending({ all, pending, problems, received }, activity) {
  const isStored = pending.every(({ asset }) => asset.url);
  const title = `${formatCount(received.length, "file")} ${isStored ? "stored" : "uploaded"}`;
  const status = isStored ? "Checking URLs" : describeWait(pending, activity);
  return [title, [status, countProblems(problems, all)].filter(Boolean).join(" · ")];
}

function describeEnd({ all, problems }) {
  const stored = all.filter(({ asset }) => asset?.url).length;
  if (!stored) return [problems.length ? `${formatCount(problems.length, "file")} not uploaded` : "Uploads", ""];
  const line = countProblems(problems, all) || (stored === 1 ? "URL ready" : "All URLs ready");
  return [`${formatCount(stored, "file")} stored`, line];
}

function countProblems({ length }, all) {
  return length ? `${length} of ${all.length} ${length === 1 ? "needs" : "need"} attention` : "";
}

function describePace(busy) {
  const speed = busy.reduce((sum, { state, speed }) => sum + (state === "sending" ? speed : 0), 0);
  const left = busy.reduce((sum, { size, progress }) => sum + size * (1 - progress), 0);
  const pace = speed ? `${formatBytes(Math.round(speed))}/s` : "";
  // How large the file at an address is, nobody knows before it is there.
  if (busy.some(({ url }) => url)) return [pace || "Fetching"];
  if (!left) return ["Processing"];
  return speed ? [pace, `about ${formatDuration(left / speed)} left`] : [`${formatBytes(Math.round(left))} left`];
}

function describeWait(pending, activity) {
  if (activity?.paused) return `Sending is paused · ${activity.paused.reason}`;
  const waiting = pending.filter(({ asset }) => asset.state !== "stored").length;
  const seconds = activity?.done_at ? (new Date(activity.done_at) - Date.now()) / 1000 : 0;
  const estimate = seconds > 1 ? ` · about ${formatDuration(seconds)} left` : "";
  return `${waiting === pending.length ? "Waiting" : `${waiting} waiting`} for Segmind${estimate}`;
}
