from assets.models.assets import Asset, Visibility
from assets.models.upload_requests import Outcome, UploadRequest

from .accounts import PasswordLink, SignInAttempts
from .labels import Collection, Tag
from .links import LinkHost, LinkStatus, PastUrl
from .personal import Favourite, Layout, Preferences, Use
from .queue import DeliveryRun, WorkerHeartbeat
from .roles import Role
from .stored_files import Kind, State, StoredFile

__all__ = [
    "Asset",
    "Collection",
    "DeliveryRun",
    "Favourite",
    "Kind",
    "Layout",
    "LinkHost",
    "LinkStatus",
    "Outcome",
    "PasswordLink",
    "PastUrl",
    "Preferences",
    "Role",
    "SignInAttempts",
    "State",
    "StoredFile",
    "Tag",
    "UploadRequest",
    "Use",
    "Visibility",
    "WorkerHeartbeat",
]
