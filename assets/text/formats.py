"""How numbers are written for people."""

# Counting goes no further: nobody needs the exact number of more.
MAX_COUNTED = 1000


def format_count(count: int) -> str:
    """A count that goes no further than `MAX_COUNTED`: `34`, `1,000+`."""
    return f"{MAX_COUNTED:,}+" if count > MAX_COUNTED else f"{count:,}"
