from .labels import Collection, Tag
from .library import Asset, Visibility
from .personal import Favourite, Layout, Preferences, Use
from .queue import DeliveryRun, WorkerHeartbeat
from .stored_files import Kind, LinkStatus, Outcome, State, StoredFile, UploadRequest

__all__ = [
    "Asset",
    "Collection",
    "DeliveryRun",
    "Favourite",
    "Kind",
    "Layout",
    "LinkStatus",
    "Outcome",
    "Preferences",
    "State",
    "StoredFile",
    "Tag",
    "UploadRequest",
    "Use",
    "Visibility",
    "WorkerHeartbeat",
]
