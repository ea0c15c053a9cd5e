"""The MCP server."""

from pathlib import Path
from typing import Annotated

import typer

from segmind_assets.connection import LibraryError
from segmind_assets.library import Library

app = typer.Typer()
MISSING = "The MCP server needs one package more: pip install 'segmind-assets[mcp]'."


@app.command()
def mcp(
    folder: Annotated[
        list[Path], typer.Option(help="From where files may be uploaded. Without it, from the current folder.")
    ] = [],
) -> None:
    """Serve the library to an AI agent over stdio."""
    try:
        from segmind_assets import mcp_server
    except ImportError:
        raise LibraryError(MISSING) from None
    mcp_server.build(Library(), folder or [Path.cwd()]).run("stdio")
