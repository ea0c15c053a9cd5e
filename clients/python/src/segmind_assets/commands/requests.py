"""Requests to models of Segmind, as code."""

import json
from enum import Enum
from typing import Annotated, Any

import typer

from segmind_assets.commands.account import AsJson
from segmind_assets.commands.changing import AssetIds
from segmind_assets.commands.output import plain, tell, write, write_json
from segmind_assets.library import Library

app = typer.Typer()


class Format(str, Enum):
    CURL = "curl"
    PYTHON = "python"
    SEGMIND = "segmind"
    JAVASCRIPT = "javascript"
    BODY = "body"
    PIXELFLOW = "pixelflow"
    N8N = "n8n"


class Version(str, Enum):
    V2 = "v2"
    V1 = "v1"


@app.command()
def request(
    model: Annotated[str, typer.Argument(help="Its name in addresses: seedance-2.0.", metavar="MODEL")],
    asset_ids: AssetIds,
    format: Annotated[Format, typer.Option(help="`segmind` is the SDK, `body` the JSON alone.")] = Format.CURL,
    input: Annotated[list[str], typer.Option(help="One for each asset, or one for all.")] = [],
    set: Annotated[list[str], typer.Option(help="A parameter, as prompt=… or duration=8.")] = [],
    version: Annotated[Version, typer.Option(help="Of Segmind's API.")] = Version.V2,
    as_json: AsJson = False,
) -> None:
    """Write the code of a request to a model. It reads $SEGMIND_API_KEY, and is not run."""
    ready = Library().request(
        model, asset_ids, inputs=input, values=_read_values(set), version=version.value, formats=[format.value]
    )
    if as_json:
        write_json(vars(ready))
        return
    write(ready.texts[format.value].rstrip("\n"))
    for remark in ready.remarks:
        tell(remark)
    if ready.blanks:
        tell(f"Still to fill in: {', '.join(ready.blanks)}.")


class SetFormat(str, Enum):
    CURL = "curl"
    BODY = "body"
    PROMPT = "prompt"


@app.command()
def sets(as_json: AsJson = False) -> None:
    """List reference sets, the latest changed first."""
    found = list(Library().sets())
    if as_json:
        write_json([vars(each) for each in found])
        return
    for each in found:
        write(f"{each.id}\t{plain(each.title)}")


@app.command("set")
def set_(
    pk: Annotated[str, typer.Argument(help="Its id, or the address of its page.", metavar="ID")],
    format: Annotated[SetFormat, typer.Option(help="`body` is the JSON alone, `prompt` the text.")] = SetFormat.CURL,
) -> None:
    """Write a reference set as a request, with the URLs of this moment."""
    ready = Library().set_request(pk)
    if format is SetFormat.BODY:
        write_json(ready.body)
    else:
        write({SetFormat.CURL: ready.curl, SetFormat.PROMPT: ready.prompt}[format].rstrip("\n"))
    if ready.blanks:
        tell(f"Still to fill in: {', '.join(ready.blanks)}.")


def _read_values(texts: list[str]) -> dict[str, Any]:
    """What is no JSON is text."""
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text}: write --set name=value.")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values
