"""Bringing files into the library."""

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TimeRemainingColumn, TransferSpeedColumn

from segmind_assets.answers import Asset
from segmind_assets.commands.output import as_dict, complain, messages, pluralise, tell, write
from segmind_assets.connection import LibraryError
from segmind_assets.library import Library
from segmind_assets.local_file import expand
from segmind_assets.outcomes import Details, Outcome
from segmind_assets.uploads import PARALLEL
from segmind_assets.watch import watch as watch_folder

app = typer.Typer()
Collection = Annotated[str, typer.Option(help="Path of a collection, such as Trips/2024.")]
Tags = Annotated[list[str], typer.Option("--tag", help="May be given several times.")]
Private = Annotated[bool | None, typer.Option("--private/--team", help="Instead of what your account says.")]
Wait = Annotated[bool, typer.Option("--wait", help="Until the files have their Segmind URLs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per file.")]


@app.command()
def upload(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.", show_default=False)] = None,
    collection: Collection = "",
    tag: Tags = [],
    private: Private = None,
    wait: Wait = False,
    watch: Annotated[Path | None, typer.Option(help="A folder: uploads its files, and what is added to it.")] = None,
    as_json: AsJson = False,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="How many requests at once.")] = PARALLEL,
) -> None:
    """Upload files and folders, and print their URLs.

    What the library has is not sent again. Large files go on where they were when the same command is run again.
    Without --wait, a file that Segmind does not have yet is printed as the address of its page.
    """
    if not paths and not watch:
        raise typer.BadParameter("Name files or folders, or a folder with --watch.")
    session = _Session(Library(), Details(tags=tuple(tag), collection=collection, private=private), as_json, parallel)
    found = list(expand(paths or []))
    if found:
        session.upload(found, wait=wait)
    if watch:
        tell(f"Watching {watch}. End with Ctrl-C.")
        for files in watch_folder(watch):
            session.upload(files, wait=wait)
    session.end()


@app.command("import-url")
def import_url(
    urls: Annotated[list[str], typer.Argument(help="https, and open to everybody.", metavar="URL…")],
    collection: Collection = "",
    tag: Tags = [],
    private: Private = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Let the library fetch files from the web, and print their URLs."""
    library = Library()
    details = Details(tags=tuple(tag), collection=collection, private=private)
    session = _Session(library, details, as_json, 1)
    for url in urls:
        session.finish(_try_import(library, url, details), wait=wait, source=url)
    session.end()


def _try_import(library: Library, url: str, details: Details) -> Outcome:
    try:
        return Outcome(Path(url), "received", library.import_url(url, details=details, wait=False))
    except LibraryError as error:
        return Outcome(Path(url), "refused", error=error)


class _Session:
    """Prints what becomes of files, and counts it."""

    def __init__(self, library: Library, details: Details, as_json: bool, parallel: int) -> None:
        self._library, self._details, self._as_json, self._parallel = library, details, as_json, parallel
        self._counts = {"received": 0, "known": 0, "refused": 0}

    def upload(self, files: list[Path], *, wait: bool) -> None:
        with _Bar(files) as bar:
            outcomes: Iterable[Outcome] = self._library.upload_all(
                files, details=self._details, parallel=self._parallel, progress=bar.show
            )
            # To wait for the first URL must not keep the other files from being sent.
            for outcome in list(outcomes) if wait else outcomes:
                self.finish(outcome, wait=wait)

    def finish(self, outcome: Outcome, *, wait: bool, source: str = "") -> None:
        source = source or str(outcome.path)
        if wait and outcome.asset:
            outcome = self._wait(outcome, outcome.asset)
        self._counts[outcome.status] += 1
        if outcome.error:
            complain(f"{source}: {outcome.error}")
        if self._as_json:
            write(json.dumps(_as_json(outcome, source), ensure_ascii=False))
        elif outcome.asset:
            write(outcome.asset.url or outcome.asset.page)

    def _wait(self, outcome: Outcome, asset: Asset) -> Outcome:
        try:
            return replace(outcome, asset=self._library.wait(asset))
        except LibraryError as error:
            return Outcome(outcome.path, "refused", error=error)

    def end(self) -> None:
        """Says how it went, in words and in the code that the command ends with."""
        new, known, refused = self._counts.values()
        counted = {"uploaded": new, "already in the library": known, "failed": refused}
        words = ", ".join(f"{count:,} {what}" for what, count in counted.items() if count)
        tell(f"{pluralise(new + known + refused, 'file')}: {words or 'nothing to upload'}")
        if refused:
            raise typer.Exit(1)


class _Bar:
    """One line for all files."""

    def __init__(self, files: list[Path]) -> None:
        self._sent: dict[Path, int] = {}
        self._sizes = {file: file.stat().st_size for file in files if file.is_file()}
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        # What is written to stdout has to arrive there, unless that is the same terminal.
        is_shared = sys.stdout.isatty()
        self._progress = Progress(
            *columns, console=messages, transient=True, disable=not messages.is_terminal, redirect_stdout=is_shared
        )
        self._task: TaskID = self._progress.add_task("Uploading", total=sum(self._sizes.values()))

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._progress.stop()

    def show(self, file: Path, count: int) -> None:
        """Called by several threads, each for files of its own."""
        self._progress.advance(self._task, count - self._sent.get(file, 0))
        self._sent[file] = count


def _as_json(outcome: Outcome, source: str) -> dict[str, object]:
    asset, error = outcome.asset, outcome.error
    return {
        "path": source,
        "status": outcome.status,
        "url": asset.url if asset else None,
        "asset": as_dict(asset) if asset else None,
        "error": {"code": error.code, "message": str(error)} if error else None,
    }
