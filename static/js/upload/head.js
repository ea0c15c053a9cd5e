// The first bytes of a file, which tell its type.

// Tags with the cover of an album, ID3v2, come before the music and can be longer than any head.
const TAG_HEADER_BYTES = 10;
const MAX_TAGS = 100;
const FOOTER_FLAG = 0x10;
const EMPTY_TAG = new Uint8Array([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 0]);

// A blob of at most this length. Tags are cut down to one that is empty.
export async function readHead(file, length) {
  const start = await findEndOfTags(file);
  if (!start) return file.slice(0, length);
  return new Blob([EMPTY_TAG, file.slice(start, start + length - EMPTY_TAG.length)]);
}

async function findEndOfTags(file) {
  let end = 0;
  for (let tags = 0; tags < MAX_TAGS; tags++) {
    const header = await file.slice(end, end + TAG_HEADER_BYTES).arrayBuffer();
    const length = tagLength(new Uint8Array(header));
    if (!length || end + length >= file.size) break;
    end += length;
  }
  return end;
}

// Each byte of the size holds seven bits.
function tagLength(header) {
  const isTag = header.length === TAG_HEADER_BYTES && EMPTY_TAG.slice(0, 3).every((byte, at) => header[at] === byte);
  const size = header.slice(6);
  if (!isTag || size.some((byte) => byte > 0x7f)) return 0;
  const bytes = size.reduce((sum, byte) => sum * 128 + byte, 0);
  return bytes + TAG_HEADER_BYTES * (header[5] & FOOTER_FLAG ? 2 : 1);
}
