// Amounts as text, written as the server writes them: a megabyte is 10^6 bytes.

export function formatBytes(bytes) {
  if (bytes < 1000) return formatCount(bytes, "byte");
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  const amount = bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  return amount.replace(".0 ", " ");
}

// For estimates, so the longer the rounder.
export function formatDuration(seconds) {
  if (seconds < 1) return "a moment";
  if (seconds < 10) return `${Math.ceil(seconds)} s`;
  if (seconds < 55) return `${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min`;
  return `${(seconds / 3600).toFixed(1).replace(".0", "")} h`;
}

export function formatCount(count, noun) {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

// A file name without controls that turn letters around or hide.
export function visibleName(name) {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
}
