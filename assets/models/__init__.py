from assets.models.assets import Asset, Visibility
from assets.models.upload_requests import Outcome, UploadRequest

from .accounts import PasswordLink, SignInAttempts
from .collections import Collection, Cover
from .labels import Tag
from .links import LinkHost, LinkStatus, PastUrl
from .personal import Favourite, Use
from .queue import DeliveryRun, WorkerHeartbeat
from .saved_searches import SavedSearch
from .shares import Share, ShareItem
from .states import Kind, State
from .stored_files import StoredFile
from .undo import UndoBatch, UndoStep
from .users import Layout, Role, User

__all__ = [
    "Asset",
    "Collection",
    "Cover",
    "DeliveryRun",
    "Favourite",
    "Kind",
    "Layout",
    "LinkHost",
    "LinkStatus",
    "Outcome",
    "PasswordLink",
    "PastUrl",
    "Role",
    "SavedSearch",
    "Share",
    "ShareItem",
    "SignInAttempts",
    "State",
    "StoredFile",
    "Tag",
    "UndoBatch",
    "UndoStep",
    "UploadRequest",
    "Use",
    "User",
    "Visibility",
    "WorkerHeartbeat",
]
