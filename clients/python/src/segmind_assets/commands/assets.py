"""Finding, reading and editing what is in the library."""

import csv
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from segmind_assets.answers import Asset
from segmind_assets.commands.account import AsJson
from segmind_assets.commands.output import as_dict, complain, format_size, plain, tell, write, write_json
from segmind_assets.connection import LibraryError
from segmind_assets.library import Library, Sort
from segmind_assets.search_results import SearchResults

app = typer.Typer()
ID_HELP = "The id of an asset, or the address of its page."
AssetId = Annotated[str, typer.Argument(help=ID_HELP, metavar="ID")]
Words = Annotated[str, typer.Argument(help="Words of the name.")]
COLUMNS = (
    "id", "title", "file_name", "kind", "media_type", "size", "width", "height", "duration", "state", "url",
    "link_status", "owner", "tags", "collections", "visibility", "description", "created_at", "sha256", "page",
)  # fmt: skip
TABLE_LIMIT = 50


class Format(str, Enum):
    TABLE = "table"
    URL = "url"
    ID = "id"
    JSON = "json"
    CSV = "csv"


class FileFormat(str, Enum):
    CSV = "csv"
    JSON = "json"


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="As in the search box: 'tag:hero type:image'.")] = "",
    format: Annotated[Format | None, typer.Option(help="A table on a terminal, URLs otherwise.")] = None,
    sort: Annotated[Sort, typer.Option()] = "newest",
    limit: Annotated[int | None, typer.Option(min=1, help="All, but 50 in a table.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Search the library."""
    chosen = Format.JSON if as_json else format or (Format.TABLE if sys.stdout.isatty() else Format.URL)
    limit = limit or (TABLE_LIMIT if chosen is Format.TABLE else None)
    results = Library().search(query, sort=sort, limit=limit)
    WRITERS[chosen](results)
    for remark in results.remarks:
        complain(remark)


def _write_urls(results: SearchResults) -> None:
    missing = 0
    for asset in results:
        if asset.url:
            write(asset.url)
        missing += not asset.url
    if missing:
        tell(f"{missing} without a URL yet")


def _write_ids(results: SearchResults) -> None:
    for asset in results:
        write(asset.id)


def _write_json(results: SearchResults) -> None:
    write_json([as_dict(asset) for asset in results])


def _write_csv(results: SearchResults) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for asset in results:
        facts = as_dict(asset)
        writer.writerow([_as_cell(facts[name]) for name in COLUMNS])


def _as_cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe, as in the library's own export."""
    if isinstance(value, list):
        value = ", ".join(value)
    if isinstance(value, str) and value.lstrip(" '\"\t\r\n").startswith(("=", "+", "-", "@")):
        return f"'{value}"
    return value


def _write_table(results: SearchResults) -> None:
    table = Table("Title", "Kind", "Size", "Uploaded", "URL", box=None, pad_edge=False)
    for asset in results:
        cells = (asset.title, asset.kind, format_size(asset.size), asset.created_at[:10], asset.url or asset.state)
        table.add_row(*(Text(plain(cell), overflow="fold") for cell in cells))
    if table.row_count:
        Console(highlight=False).print(table)
    else:
        tell("No matches.")


WRITERS: dict[Format, Callable[[SearchResults], None]] = {
    Format.TABLE: _write_table,
    Format.URL: _write_urls,
    Format.ID: _write_ids,
    Format.JSON: _write_json,
    Format.CSV: _write_csv,
}


@app.command()
def url(asset_id: AssetId, wait: Annotated[bool, typer.Option("--wait", help="Until it has one.")] = False) -> None:
    """Print the Segmind URL of an asset."""
    library = Library()
    asset = library.wait(asset_id) if wait else library.get(asset_id)
    if not asset.url:
        raise LibraryError(f"{asset.file_name} has no URL yet: {asset.error or asset.state}.")
    write(asset.url)


@app.command()
def get(
    asset_id: AssetId,
    as_json: AsJson = False,
    download: Annotated[Path | None, typer.Option(help="Save the original there: a file, or a folder.")] = None,
) -> None:
    """Show what is known about an asset, or download it."""
    library = Library()
    if download:
        tell(f"Saved {library.download(asset_id, download)}.")
        return
    show(library.get(asset_id), as_json)


def show(asset: Asset, as_json: bool) -> None:
    if as_json:
        write_json(as_dict(asset))
        return
    for name, value in as_dict(asset).items():
        if value not in (None, "", [], False):
            write(f"{name}: {plain(', '.join(value) if isinstance(value, list) else str(value))}")


@app.command("open")
def open_page(asset_id: Annotated[str, typer.Argument(metavar="ID", help=ID_HELP)] = "") -> None:
    """Open the page of an asset, or the library, in the browser."""
    library = Library()
    page = library.get(asset_id).page if asset_id else library.url
    tell(f"Opening {page}")
    typer.launch(page)


@app.command()
def collections(words: Words = "", as_json: AsJson = False) -> None:
    """List collections, with the number of their assets."""
    found = list(Library().collections(words))
    _write_counts([(each.path, each.asset_count) for each in found], [vars(each) for each in found], as_json)


@app.command()
def tags(words: Words = "", as_json: AsJson = False) -> None:
    """List tags, with the number of their assets."""
    found = list(Library().tags(words))
    _write_counts([(each.name, each.asset_count) for each in found], [vars(each) for each in found], as_json)


def _write_counts(counts: list[tuple[str, int]], facts: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        write_json(facts)
        return
    for name, count in counts:
        write(f"{plain(name)}\t{count}")


@app.command()
def export(
    query: Annotated[str, typer.Argument(help="As in the search box.")] = "",
    format: Annotated[FileFormat, typer.Option()] = FileFormat.CSV,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file, instead of stdout.")] = None,
) -> None:
    """Write everything known about all that a search finds."""
    library = Library()
    if output is None:
        library.export(query, sys.stdout.buffer, format=format.value)
        return
    with output.open("wb") as file:
        library.export(query, file, format=format.value)
    tell(f"Saved {output}.")
