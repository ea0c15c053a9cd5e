"""Signing in, and who one is."""

import ipaddress
import sys
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer

from segmind_assets import config
from segmind_assets.answers import Me
from segmind_assets.commands.output import complain, tell, write, write_json
from segmind_assets.connection import clean_url
from segmind_assets.library import Library

app = typer.Typer()
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def login(url: Annotated[str, typer.Argument(help="The address of the library.", metavar="URL")]) -> None:
    """Save the address of a library and a token for it.

    The token is asked for, or read from a pipe; it is shown nowhere.
    """
    address = clean_url(url)
    if not _is_protected(address):
        complain("The token and all files are sent without encryption. Use https if you can.")
    token = _ask_for_token(address)
    me = Library(address, token, patience=0).whoami()
    path = config.save(config.Config(address, token))
    tell(f"{_describe(me, address)} Saved in {path}.")


def _ask_for_token(address: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    tell(f"Create a token at {address}/account/tokens/ and paste it here.")
    return str(typer.prompt("Token", hide_input=True, err=True)).strip()


def _is_protected(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


@app.command()
def logout() -> None:
    """Remove the saved token. It stays valid until it is revoked in the library."""
    tell("Signed out." if config.forget() else "Nobody is signed in.")


@app.command()
def whoami(as_json: AsJson = False) -> None:
    """Show whose token is used, and what it allows."""
    library = Library()
    me = library.whoami()
    if as_json:
        write_json(vars(me))
    else:
        write(_describe(me, library.url))


def _describe(me: Me, address: str) -> str:
    until = f"{datetime.fromisoformat(me.expires_at):%d %b %Y}".lstrip("0")
    scopes = ", ".join(me.scopes) or "nothing"
    return f"Signed in at {address} as {me.username} ({me.role}). The token allows {scopes} until {until}."


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show how the queue to Segmind is doing."""
    queue = Library().status()
    if as_json:
        write_json(vars(queue))
        return
    write(f"{queue.queued} queued, {queue.sending} sending, {queue.failed} failed")
    if queue.failed:
        tell("Look at them: assets search is:failed --format table")
    write(f"{queue.requests_in_window} of {queue.requests_per_window} requests in this window")
    if queue.paused:
        write(f"Paused: {queue.paused['reason']}")
    if queue.done_at:
        write(f"Done at about {queue.done_at}")
