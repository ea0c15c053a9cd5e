"""The family of MP4, MOV, HEIF and JPEG 2000: files of boxes (ISO/IEC 14496-12), told apart by their brand."""

import re

_BRAND = re.compile(rb"....ftyp(....)....", re.DOTALL)
_TYPES = {
    "audio/mp4": rb"M4A |M4B |M4P |F4A |F4B ",
    "image/avif": rb"avif|avis|avio",
    "image/heic": rb"hei[cxms]",
    "image/heic-sequence": rb"hev[cxms]",
    "image/heif": rb"mif[12]|miaf|MiHB|MiHE|avci|j2ki|jpeg|vvic",
    "image/heif-sequence": rb"msf1|avcs|j2is|jpgs|vvis",
    "image/jp2": rb"jp2 ",
    "image/jpx": rb"jpx |jpm ",
    "image/jxl": rb"jxl ",
    "image/x-canon-cr3": rb"crx ",
    "video/3gpp": rb"3g[pegrs][0-9a]",
    "video/3gpp2": rb"3g2[a-c]|KDDI",
    "video/mj2": rb"mj[2p][s2]",
    "video/quicktime": rb"qt  ",
}
_PATTERNS = {media_type: re.compile(pattern) for media_type, pattern in _TYPES.items()}
# A QuickTime film from before there were brands begins with any of these. (No text does: its length would be huge.)
_QUICKTIME = re.compile(rb"[\0-\x1f]...(moov|mdat|wide|pnot|skip|free)", re.DOTALL)
_SIGNATURES = {b"\0\0\0\x0cjP  \r\n\x87\n": "image/jp2", b"\0\0\0\x0cJXL \r\n\x87\n": "image/jxl"}


def detect(head: bytes) -> str:
    """The media type of a file of boxes; empty for any other."""
    if signature := _SIGNATURES.get(head[:12]):
        return _find_type(head[20:24]) or signature
    if found := _BRAND.match(head):
        return _detect_by_brand(found[1], head[16 : int.from_bytes(head[:4])])
    return "video/quicktime" if _is_quicktime(head) else ""


def _detect_by_brand(brand: bytes, others: bytes) -> str:
    media_type = _find_type(brand) or "video/mp4"
    compatible = [_find_type(others[start : start + 4]) for start in range(0, len(others), 4)]
    # The brand of HEIF says nothing of the codec.
    if media_type == "image/heif" and "image/avif" in compatible and "image/heic" not in compatible:
        return "image/avif"
    return media_type


def _find_type(brand: bytes) -> str:
    return next((media_type for media_type, pattern in _PATTERNS.items() if pattern.fullmatch(brand)), "")


def _is_quicktime(head: bytes) -> bool:
    length = int.from_bytes(head[:4])
    return bool(_QUICKTIME.match(head)) and (length in (0, 1) or length >= 8)  # noqa: PLR2004
