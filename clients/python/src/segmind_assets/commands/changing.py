"""Editing assets, and taking changes back."""

from typing import Annotated

import typer

from segmind_assets.commands.account import AsJson
from segmind_assets.commands.assets import AssetId, show
from segmind_assets.commands.output import complain, plain, pluralise, write, write_json
from segmind_assets.library import Library, id_of

app = typer.Typer()
AssetIds = Annotated[list[str], typer.Argument(help="Ids of assets, or addresses of their pages.", metavar="ID…")]
Names = Annotated[list[str], typer.Option(help="May be given several times.")]


@app.command()
def edit(
    asset_id: AssetId,
    title: Annotated[str | None, typer.Option()] = None,
    description: Annotated[str | None, typer.Option()] = None,
    private: Annotated[bool | None, typer.Option("--private/--team")] = None,
    add_tag: Names = [],
    remove_tag: Names = [],
    add_to: Annotated[list[str], typer.Option(help="Path of a collection.")] = [],
    remove_from: Annotated[list[str], typer.Option(help="Path of a collection.")] = [],
    as_json: AsJson = False,
) -> None:
    """Change what is said about an asset."""
    lists = {
        "add_tags": add_tag,
        "remove_tags": remove_tag,
        "add_collections": add_to,
        "remove_collections": remove_from,
    }
    visibility = None if private is None else "private" if private else "team"
    texts = {"title": title, "description": description, "visibility": visibility}
    changes: dict[str, str | list[str]] = {name: value for name, value in lists.items() if value}
    changes |= {name: value for name, value in texts.items() if value is not None}
    if not changes:
        raise typer.BadParameter("Name what to change, for example --add-tag hero.")
    show(Library().edit(asset_id, **changes), as_json)


@app.command()
def trash(asset_ids: AssetIds, as_json: AsJson = False) -> None:
    """Move assets to the trash."""
    _change("trash", asset_ids, as_json)


@app.command()
def restore(asset_ids: AssetIds, as_json: AsJson = False) -> None:
    """Restore assets from the trash."""
    _change("restore", asset_ids, as_json)


def _change(action: str, asset_ids: list[str], as_json: bool) -> None:
    result = Library().change_many(action, ids=asset_ids, confirm=True)
    if as_json:
        write_json(vars(result))
    else:
        write(result.message or "")
    missing = len(set(map(id_of, asset_ids))) - result.changed - result.unchanged - result.not_allowed
    if missing > 0:
        complain(f"{pluralise(missing, 'asset')} not found.")
    if missing > 0 or result.not_allowed:
        raise typer.Exit(1)


@app.command()
def undo(
    step: Annotated[str, typer.Argument(help="An id from --list; the latest change otherwise.", metavar="ID")] = "",
    show_list: Annotated[bool, typer.Option("--list", help="Show what you can undo.")] = False,
    as_json: AsJson = False,
) -> None:
    """Undo your latest change, made here or on the pages, within an hour."""
    library = Library()
    if show_list:
        steps = library.undo_steps()
        if as_json:
            write_json([vars(each) for each in steps])
            return
        for each in steps:
            write(f"{each.id}\t{plain(each.summary)}")
        return
    undone = library.undo(step or None)
    if as_json:
        write_json(vars(undone))
    else:
        write(plain(undone.message))
    if undone.changed_since or undone.not_allowed:
        raise typer.Exit(1)
