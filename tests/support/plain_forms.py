"""What a browser without JavaScript sends for a form of a page."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """The fields of the first form with an attribute, or (`name=value`) with that value of it."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.name, _, self.value = marker.partition("=")
        self.is_inside = self.is_over = False
        self.fields: dict[str, str] = {}
        self.open_field = ""  # of a textarea or a select

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            is_wanted = self.name in given and self.value in ("", given[self.name])
            self.is_inside = is_wanted and not self.is_over
        if not self.is_inside:
            return
        if tag == "input" and given.get("type") not in ("radio", "checkbox", "file", "submit"):
            self.fields[given["name"]] = given.get("value", "")
        if tag in ("textarea", "select"):
            self.open_field = given["name"]
            self.fields[self.open_field] = ""
        if tag == "option" and "selected" in given:
            self.fields[self.open_field] = given["value"]

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self.open_field:
            self.fields[self.open_field] += data.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self.open_field = ""
        if tag == "form" and self.is_inside:
            self.is_inside, self.is_over = False, True


def fields_of(page: str, marker: str) -> dict[str, str]:
    parser = _Form(marker)
    parser.feed(page)
    return parser.fields
