"""Which library, and the token for it: from the environment, or as `assets login` has saved them."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from platformdirs import user_config_path, user_state_path

from segmind_assets.connection import LibraryError, clean_url

APP = "segmind-assets"
NOBODY = "Not signed in. Run “assets login URL”, or set ASSETS_URL and ASSETS_TOKEN."


class NotSignedInError(LibraryError):
    """No address or token is known."""


@dataclass(frozen=True)
class Config:
    url: str
    token: str = field(repr=False)


def config_file() -> Path:
    return user_config_path(APP, appauthor=False) / "config.json"


def state_folder() -> Path:
    """Of uploads that are not finished. There is no token in it."""
    return user_state_path(APP, appauthor=False)


def load() -> Config:
    """Raises NotSignedInError. A saved token is for the address that it was saved with, and goes to no other."""
    saved = _read_saved()
    url = os.environ.get("ASSETS_URL") or (saved.url if saved else "")
    token = os.environ.get("ASSETS_TOKEN", "").strip()
    if not token and saved and url and clean_url(url) == saved.url:
        token = saved.token
    if not url or not token:
        raise NotSignedInError(NOBODY, code="signed_out")
    return Config(url, token)


def _read_saved() -> Config | None:
    try:
        saved = json.loads(config_file().read_text())
        return Config(str(saved["url"]), str(saved["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise NotSignedInError(f"{config_file()} can’t be read. Run “assets login URL” again.") from None


def save(config: Config) -> Path:
    path = config_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(config)))
    return path


def forget() -> bool:
    """False where nothing was saved."""
    was_there = config_file().exists()
    config_file().unlink(missing_ok=True)
    return was_there


def write_private(path: Path, text: str) -> None:
    """For the owner alone from its first byte on, and whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
