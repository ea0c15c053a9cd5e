// Amounts in words, as the server writes them: megabytes are 10^6 bytes.

export function bytes(count) {
  if (count < 1000) return `${count} byte${count === 1 ? "" : "s"}`;
  if (count < 1e6) return `${Math.round(count / 1000)} kB`;
  const amount = count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(1)} GB`;
  return amount.replace(".0 ", " ");
}

// A time that is an estimate, never more exact than it can be.
export function duration(seconds) {
  if (seconds < 1) return "a moment";
  if (seconds < 10) return `${Math.ceil(seconds)} s`;
  if (seconds < 55) return `${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min`;
  return `${(seconds / 3600).toFixed(1).replace(".0", "")} h`;
}

export function count(number, noun) {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}
