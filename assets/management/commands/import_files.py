import os
import re
import stat
import sys
from argparse import ArgumentTypeError
from collections import Counter
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
from assets.text.file_names import name_to_save
from assets.text.formats import pluralise
from assets.text.well_formed import is_well_formed, printable_path
from assets.uploads.hashed_file import HashedFile, clean_file_name
from assets.uploads.inspection import inspect
from assets.uploads.receive import UploadMetadata, receive_upload

# Originals and previews of this library, in quarantine or in a backup. The quarantine numbers those of one name.
ORIGINAL_NAME = re.compile(r"([0-9a-f]{64})([.-]\d+)?")
PREVIEW = re.compile(r"previews/([0-9a-f]{2})/\1[0-9a-f]{62}\.(webp|svg)(\.\d+)?$")


def existing_path(text: str) -> Path:
    try:
        os.lstat(text)
    except FileNotFoundError:
        raise ArgumentTypeError(f"{text} does not exist.") from None
    except OSError as error:
        raise ArgumentTypeError(f"{text}: {error.strerror}.") from None
    return Path(text)


class Command(BaseCommand):
    help = "Upload files and folders from this machine, as if their owner had uploaded them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=existing_path, metavar="PATH", help="a file, or a folder with its subfolders"
        )
        parser.add_argument("--owner", required=True, help="user name of the owner of the new assets")
        parser.add_argument("--tag", action="append", default=[], help="may be repeated")
        parser.add_argument("--collection", action="append", default=[], help="may be repeated")
        parser.add_argument("--private", action="store_true", help="visible to the owner only")
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, without uploading")

    def handle(self, *args: object, paths: list[Path], dry_run: bool, **options: Any) -> None:
        owner = _get_owner(options["owner"])
        metadata = _clean_metadata(options["tag"], options["collection"], is_private=options["private"])
        files = list(_find_files(paths))
        outcomes: Counter[str] = Counter()
        bar = tqdm(files, unit="file", disable=not sys.stderr.isatty())
        with bar, audit_context(name="import_files"):
            for path in bar:
                outcome, detail = _upload(path, owner, metadata, dry_run=dry_run)
                outcomes[outcome] += 1
                with bar.external_write_mode():
                    self.stdout.write(f"{outcome}: {printable_path(path)}{detail and ': '}{detail}")
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        self.stdout.write(f"{pluralise(len(files), 'file')}{counts and ': '}{counts}")
        if outcomes["refused"]:
            sys.exit(1)


def _get_owner(username: str) -> User:
    owner: User | None = User.objects.active().filter(username=username).first() if is_well_formed(username) else None
    if owner is None:
        raise CommandError(f"There is no active account “{username}”. Invite the person at /people/ first.")
    if not permissions.may_upload(owner):
        raise CommandError(f"“{username}” is a viewer and cannot upload. Give them another role first.")
    return owner


def _clean_metadata(tags: list[str], collections: list[str], *, is_private: bool) -> UploadMetadata:
    try:
        return {
            "tags": NamesField(max_names=MAX_TAGS).clean(",".join(tags)),
            "collections": NamesField(max_names=MAX_TAGS, label=Collection).clean(",".join(collections)),
            "visibility": Visibility.PRIVATE if is_private else Visibility.TEAM,
        }
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None


def _find_files(paths: list[Path]) -> Iterator[Path]:
    """The files given, and those in the folders given, sorted by name and without hidden ones.

    Also what turns out to be no readable file: so that it is named, with the reason.
    """
    for path in paths:
        if path.is_dir():
            files = (file for file in sorted(_walk(path)) if not _is_hidden(file.relative_to(path)))
            yield from files
        else:
            yield path


def _walk(folder: Path) -> Iterator[Path]:
    unreadable: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=lambda error: unreadable.append(Path(error.filename))):
        yield from (Path(place, name) for name in files)
        # Links to folders are not followed, since they may lead in a circle.
        yield from (path for name in folders if (path := Path(place, name)).is_symlink())
    yield from unreadable


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _upload(path: Path, owner: User, metadata: UploadMetadata, *, dry_run: bool) -> tuple[str, str]:
    """The outcome for one file, as in the JSON of the upload page, and its media type or the reason for a refusal."""
    try:
        if PREVIEW.search(path.as_posix()):
            return "skipped", "a preview, which is made again"
        _check_is_file(path)
        with path.open("rb") as stream, HashedFile.from_stream(stream, clean_file_name(path.name)) as file:
            if match := ORIGINAL_NAME.fullmatch(path.name):
                file.name = _name_original(match[1], file)
            if dry_run:
                return _preview_upload(file, owner)
            return "known" if receive_upload(file, owner=owner, **metadata).is_known else "received", ""
    except ValidationError as error:
        return "refused", " ".join(error.messages)
    except OSError as error:
        return "refused", error.strerror or "The file cannot be read."


def _check_is_file(path: Path) -> None:
    if not is_well_formed(path.name):
        raise ValidationError("The name is not valid UTF-8. Rename the file and import it again.")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) and path.is_symlink():
        raise ValidationError("A link to a folder. Import that folder by its own name.")
    if stat.S_ISDIR(mode):
        next(path.iterdir(), None)  # raises why it cannot be read
    elif not stat.S_ISREG(mode):
        raise ValidationError("Not a file but a device, pipe or socket.")


def _name_original(hash_name: str, file: HashedFile) -> str:
    """A name for a kept original of this library, which is called by its hash."""
    if file.is_complete and file.sha256 != hash_name:
        raise ValidationError(
            "The file is damaged: its content does not have the hash that it is named after. "
            "If its name is no hash, rename it and import it again."
        )
    return name_to_save(f"recovered {hash_name[:8]}", inspect(file).media_type)


def _preview_upload(file: HashedFile, owner: User) -> tuple[str, str]:
    content = inspect(file)
    is_known = Asset.objects.owned_by(owner).filter(stored_file__sha256=content.sha256).exists()
    return "known" if is_known else "received", content.media_type
