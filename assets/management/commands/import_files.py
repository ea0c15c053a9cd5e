import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from assets import permissions
from assets.audit.log import audit_context
from assets.labels.forms import MAX_TAGS, NamesField
from assets.models import Asset, Collection, User, Visibility
from assets.uploads.hashed_file import HashedFile, clean_file_name
from assets.uploads.inspection import inspect
from assets.uploads.receive import receive_upload


def existing(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise ArgumentTypeError(f"{text} does not exist")
    return path


class Command(BaseCommand):
    help = "Take files and folders of this machine into the library, as if their owner had uploaded them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=existing, metavar="PATH", help="a file, or a folder with all in it"
        )
        parser.add_argument("--owner", required=True, help="user name of the person whose entries they become")
        parser.add_argument("--tag", action="append", default=[], help="may be given several times")
        parser.add_argument("--collection", action="append", default=[], help="may be given several times")
        parser.add_argument("--private", action="store_true", help="entries that only the owner sees")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of each file, and keep none")

    def handle(self, *args: Any, paths: list[Path], dry_run: bool, **options: Any) -> None:
        fields = self.fields(options)
        outcomes: dict[str, int] = {}
        files = list(every_file(paths))
        bar = tqdm(files, unit="file", disable=not sys.stderr.isatty())
        with bar, audit_context(name="import_files"):
            for path in bar:
                outcome, words = self.take(path, fields, dry_run=dry_run)
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
                with bar.external_write_mode():
                    self.stdout.write(f"{outcome}: {path}{words and ': '}{words}")
        counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        self.stdout.write(f"{len(files)} files: {counted or 'nothing to do'}")
        if outcomes.get("refused"):
            sys.exit(1)

    def fields(self, options: dict[str, Any]) -> dict[str, Any]:
        owner = User.objects.active().filter(username=options["owner"]).first()
        if owner is None:
            raise CommandError(
                f"There is no active account {options['owner']!r}. Invite one at /people/, or name another."
            )
        if not permissions.may_upload(owner):
            raise CommandError(f"{options['owner']!r} is a viewer, who uploads nothing. Give them another role first.")
        try:
            tags = NamesField(max_names=MAX_TAGS).clean(",".join(options["tag"]))
            collections = NamesField(max_names=MAX_TAGS, label=Collection).clean(",".join(options["collection"]))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        visibility = Visibility.PRIVATE if options["private"] else Visibility.TEAM
        return {"owner": owner, "tags": tags, "collections": collections, "visibility": visibility}

    def take(self, path: Path, fields: dict[str, Any], *, dry_run: bool) -> tuple[str, str]:
        """What became of one file, as the upload page calls it, and why where it was refused."""
        try:
            with path.open("rb") as stream, HashedFile.from_stream(stream, clean_file_name(path.name)) as file:
                if dry_run:
                    content = inspect(file)
                    own = Asset.objects.owned_by(fields["owner"]).filter(stored_file__sha256=content.sha256)
                    return ("known" if own.exists() else "received"), content.media_type
                return ("known" if receive_upload(file, **fields).is_known else "received"), ""
        except ValidationError as error:
            return "refused", " ".join(error.messages)
        except OSError as error:
            return "refused", error.strerror or "it cannot be read"


def every_file(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, without hidden ones; each folder in the order of its names."""
    for path in paths:
        if path.is_dir():
            inside = (found for found in sorted(path.rglob("*")) if found.is_file())
            yield from (found for found in inside if not _is_hidden(found.relative_to(path)))
        else:
            yield path


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
