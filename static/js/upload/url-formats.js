// The URLs of several uploads as text to copy: [{title, url, media_type}].

export const FORMATS = {
  lines: (assets) => assets.map(({ url }) => url).join("\n"),
  json: (assets) => JSON.stringify(assets.map(({ url }) => url), null, 2),
  markdown: (assets) => assets.map(toMarkdown).join("\n"),
  csv: (assets) => ["title,url", ...assets.map(({ title, url }) => [title, url].map(toCell).join(","))].join("\r\n"),
};

// As in assets/library/snippets.py.
function toMarkdown({ title, url, media_type: type }) {
  const text = title.replaceAll(/\s+/gu, " ").replaceAll(/[\\`*_{}[\]()<>#+\-.!|~&]/g, "\\$&");
  const address = url.replaceAll(/[()<>\\\s]/gu, (character) => `%${character.charCodeAt().toString(16).toUpperCase()}`);
  return `${type?.startsWith("image/") ? "!" : ""}[${text}](${address})`;
}

function toCell(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
