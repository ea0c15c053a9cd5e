"""The SHA-256 that a sender announces, as a form field in hex or as a `Content-Digest` header (RFC 9530)."""

import base64
import binascii
import re

_MEMBER = re.compile(r"\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,]*)?\s*", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{64}")
_HASH_BYTES = 32


class MalformedDigestError(ValueError):
    """The message says what is wrong, and what to send."""


def clean_hex(text: str) -> str:
    """In lower case; empty if nothing was announced."""
    sha256 = text.strip().lower()
    if sha256 and not _HEX.fullmatch(sha256):
        raise MalformedDigestError(
            f"“{text[:80]}” is not a SHA-256. Send its 64 hexadecimal digits, or nothing where it is unknown."
        )
    return sha256


def parse_content_digest(header: str) -> str:
    """The SHA-256 in hex; empty if the header has only other algorithms, which may be ignored."""
    members = [_MEMBER.fullmatch(member) for member in header.split(",")] if header else []
    digests = {member[1].lower(): member[2] for member in members if member}
    if not all(members):
        raise _malformed(header)
    return _decode(digests["sha-256"], header) if "sha-256" in digests else ""


def _decode(text: str, header: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _malformed(header) from None
    if len(digest) != _HASH_BYTES:
        raise _malformed(header)
    return digest.hex()


def _malformed(header: str) -> MalformedDigestError:
    return MalformedDigestError(
        f"The Content-Digest “{header[:120]}” cannot be read. Send sha-256=:…: with the 32 bytes of the hash in "
        "base64, or leave the header out."
    )
