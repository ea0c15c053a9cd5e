"""The command line: results on stdout, everything else on stderr; ends with 0, 1 for a failure, 2 for a wrong call."""

import os
import sys
from typing import Annotated

import typer

from segmind_assets.commands import account, assets, changing, mcp, requests, uploading
from segmind_assets.commands.output import complain, write
from segmind_assets.config import NotSignedInError
from segmind_assets.connection import LibraryError
from segmind_assets.version import __version__

FAILED, WRONG_CALL, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    help="Upload, find and organise the files of an asset library.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (account.app, uploading.app, assets.app, changing.app, requests.app, mcp.app):
    app.add_typer(commands)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        write(f"assets {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    try:
        app(prog_name="assets")
    except NotSignedInError as error:
        complain(str(error))
        sys.exit(WRONG_CALL)
    except LibraryError as error:
        complain(str(error))
        sys.exit(FAILED)
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror or error}.")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        complain("Interrupted. The same command goes on where this one was.")
        sys.stdout.flush()
        os._exit(INTERRUPTED)  # threads that are sending would be waited for
