// Names of tags and collections in a field, as the server splits and compares them (assets/text/normalise.py).

// The comma, and those of Chinese, Japanese and Arabic keyboards.
const COMMAS = /[,\uff0c\u3001\uff64\u060c]/u;
const PLAIN = [
  [/[\u2018-\u201b\u2032\u2039\u203a\u02b9\u02bb-\u02bd\u00b4\u1ffd\u055a\u05f3]/gu, "'"],
  [/[\u201c-\u201f\u2033\u00ab\u00bb\u05f4\u301d-\u301f]/gu, '"'],
  [/[\u2010-\u2015\u2212\u058a\u05be\u2e3a\u2e3b]/gu, "-"],
  [/\u301c/gu, "~"],
  [/\u2100/gu, "a\u2044c"],
  [/\u2101/gu, "a\u2044s"],
  [/\u2105/gu, "c\u2044o"],
  [/\u2106/gu, "c\u2044u"],
];
const SPELLINGS = [
  ["ണ്\u200d", "ൺ"], ["ന്\u200d", "ൻ"], ["ര്\u200d", "ർ"], ["ല്\u200d", "ൽ"], ["ള്\u200d", "ൾ"], ["ക്\u200d", "ൿ"],
  ["ত্\u200d", "ৎ"], ["र्\u200d", "र\u093c्"], ["เเ", "แ"], ["ເເ", "ແ"],
  [/(\u0e4d)([\u0e48-\u0e4b])/gu, "$2$1"], [/(\u0ecd)([\u0ec8-\u0ecb])/gu, "$2$1"],
];
const LATIN_OR_GREEK_MARKS = /(?<=[\p{Script=Latin}\p{Script=Greek}]\p{Mn}*)\p{Mn}/gu;
const HEBREW_POINTS = /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]/gu;
const ARABIC_VOWEL_SIGNS =
  /[\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff]/gu;
const INVISIBLE =
  /(?!(?<=\p{Emoji}[\ufe0f\u{1f3fb}-\u{1f3ff}]{0,2})\u200d\p{Extended_Pictographic})(?![\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}/gu;

export function splitNames(text) {
  return text.split(COMMAS).map((name) => name.trim()).filter(Boolean);
}

export function isSameName(one, other) {
  return normalise(one) === normalise(other);
}

function normalise(name) {
  const plain = SPELLINGS.reduce(
    (text, [spelling, other]) => text.replaceAll(spelling, other),
    replaceVariants(replaceVariants(name).normalize("NFKD")),
  );
  const marked = [LATIN_OR_GREEK_MARKS, HEBREW_POINTS, ARABIC_VOWEL_SIGNS, INVISIBLE];
  const folded = marked.reduce((text, marks) => text.replace(marks, ""), plain).toLowerCase();
  const words = folded.replaceAll("ß", "ss").replaceAll("ς", "σ").normalize("NFC").trim();
  return words.replace(/\s+/gu, " ").replace(/ ?\/ ?/gu, "/");
}

function replaceVariants(name) {
  return PLAIN.reduce((text, [variants, plain]) => text.replace(variants, plain), name);
}

// The names that are not among the others.
export function withoutNames(names, others) {
  return names.filter((name) => !others.some((other) => isSameName(other, name)));
}
