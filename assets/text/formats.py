"""How counts, sizes and times are written for people."""

# Counting goes no further: nobody needs the exact number of more.
MAX_COUNTED = 1000


def format_count(count: int) -> str:
    """A count that goes no further than `MAX_COUNTED`: `34`, `1,000+`."""
    return f"{MAX_COUNTED:,}+" if count > MAX_COUNTED else f"{count:,}"


def plural(count: float | str, one: str, many: str) -> str:
    """The noun that goes with a count, which may be one of `format_count()`."""
    return one if str(count) in ("1", "1.0") else many


def file_size(size: int) -> str:
    """Bytes in units of 10^3, as settings and messages count them: `812 bytes`, `34 kB`, `1.2 MB`."""
    if size < 1000:
        return f"{size} {plural(size, 'byte', 'bytes')}"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    amount = f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.1f} GB"
    return amount.replace(".0 ", " ")


def playing_time(seconds: float) -> str:
    """A duration as players show it: `0:07`, `3:20`, `1:02:00`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_name(media_type: str) -> str:
    """A format as people call it: `JPEG`, `SVG`, `MP4`."""
    name = media_type.partition("/")[2]
    return name.removeprefix("x-").partition("+")[0].removeprefix("ms-").upper()
