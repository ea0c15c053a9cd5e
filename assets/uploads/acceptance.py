"""Which types of files are accepted, and the sentences for those that are not."""

from fnmatch import fnmatchcase

from django.conf import settings
from django.core.exceptions import ValidationError

from assets.media.formats import UNKNOWN, find_format, format_name, registered_name

_PATTERNS = {"image/*": "images", "video/*": "videos", "audio/*": "audio", "application/pdf": "PDF files"}
# What a person can make of a file that is not supported.
_ALTERNATIVES = {
    "image": ("image/png", "image/jpeg", "image/webp"),
    "audio": ("audio/mpeg", "audio/wav", "audio/flac"),
    "video": ("video/mp4", "video/quicktime", "video/webm"),
}


def check_media_type(media_type: str) -> None:
    """Raises ValidationError if such files are not accepted."""
    row = find_format(media_type)
    if row and not row.is_supported:
        raise unsupported_error(f"{row.name} files", media_type)
    if not is_accepted(media_type):
        raise ValidationError(f"{_describe(media_type)} You can upload {describe_accepted()}.", code="media_type")
    if row is None and media_type.startswith(tuple(_ALTERNATIVES)):
        raise unsupported_error(f"Files of type {media_type}", media_type)


def unsupported_error(subject: str, media_type: str) -> ValidationError:
    return ValidationError(f"{subject} are not supported. {_advise(media_type)}", code="unsupported")


def is_accepted(media_type: str) -> bool:
    """Whether a type matches one of UPLOAD_MEDIA_TYPES, such as `image/*` or `application/pdf`."""
    return any(fnmatchcase(media_type, registered_name(pattern.strip())) for pattern in settings.UPLOAD_MEDIA_TYPES)


def describe_accepted() -> str:
    """The accepted types, for people: `images, videos, audio and PDF files`."""
    return _join([_describe_pattern(pattern.strip().lower()) for pattern in settings.UPLOAD_MEDIA_TYPES], "and")


def _describe(media_type: str) -> str:
    if media_type in (UNKNOWN, "text/plain"):
        return "Unsupported file."
    if row := find_format(media_type):
        return f"{row.name} files ({media_type}) are not accepted here."
    return f"Unsupported file type: {media_type}."


def _advise(media_type: str) -> str:
    row = find_format(media_type)
    kinds = [name.partition("/")[0] for name in ((row.media_type, *row.aliases) if row else (media_type,))]
    suggested = next((_ALTERNATIVES[kind] for kind in kinds if kind in _ALTERNATIVES), ())
    alternatives = [name for name in suggested if is_accepted(name)]
    if not alternatives:
        return f"You can upload {describe_accepted()}."
    return f"Save this one as {_join([format_name(name) for name in alternatives], 'or')}, then upload the new file."


def _describe_pattern(pattern: str) -> str:
    if pattern in _PATTERNS:
        return _PATTERNS[pattern]
    row = find_format(pattern)
    return f"{row.name} files ({pattern})" if row else pattern


def _join(words: list[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
