// Text cut to so many code points, at the end of a character as people see it: an emoji may be several.
export function shorten(text, maxLength) {
  const characters = Intl.Segmenter ? Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment) : [...text];
  let shortened = "";
  let length = 0;
  for (const character of characters) {
    length += [...character].length;
    if (length > maxLength) break;
    shortened += character;
  }
  return shortened;
}
