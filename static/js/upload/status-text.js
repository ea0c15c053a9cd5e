// How far an upload is, in words.

import { formatBytes, formatDuration, visibleName } from "./format.js";

const AT_SEGMIND = {
  queued: () => "Uploaded · waiting for Segmind",
  sending: () => "Uploaded · sending to Segmind",
  stored: ({ asset }) => STORED[asset.link_status] ?? "Stored",
  failed: ({ reason }) => reason,
};

const STORED = { unchecked: "Stored · checking the URL", verified: "Stored · URL verified" };

const STATES = {
  linked: () => "Waiting",
  fetching: ({ url }) => `Fetching from ${new URL(url).host}`,
  new: ({ size }) => `Waiting · ${formatBytes(size)}`,
  hashing: ({ hashed }) => (hashed ? `Preparing · ${Math.round(hashed * 100)}%` : "Preparing"),
  unchecked: ({ size }) => `Waiting · ${formatBytes(size)}`,
  checking: () => "Checking for duplicates",
  duplicate: ({ original }) => `Duplicate of “${visibleName(original.name)}”, which is being uploaded`,
  queued: ({ size }) => `Queued · ${formatBytes(size)}`,
  sending: describeProgress,
  processing: () => "Processing",
  refused: ({ reason }) => reason,
  failed: ({ reason }) => reason,
  cancelled: () => "Cancelled",
  interrupted: ({ reason }) => reason,
  received: (upload) => AT_SEGMIND[upload.asset.state](upload),
};

export function describeStatus(upload) {
  return upload.metadataError || upload.statusError || STATES[upload.state](upload);
}

function describeProgress({ size, progress, speed, secondsLeft }) {
  const parts = [`${formatBytes(Math.round(size * progress))} of ${formatBytes(size)}`];
  if (speed > 0) parts.push(`${formatBytes(Math.round(speed))}/s`);
  if (Number.isFinite(secondsLeft) && secondsLeft > 1) parts.push(`${formatDuration(secondsLeft)} left`);
  return parts.join(" · ");
}
