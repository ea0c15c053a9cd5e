"""Requests to models of Segmind, as code."""

import json
from enum import Enum
from typing import Annotated, Any

import typer

from segmind_assets.commands.account import AsJson
from segmind_assets.commands.changing import AssetIds
from segmind_assets.commands.output import tell, write, write_json
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
