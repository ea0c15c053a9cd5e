from .library import Asset, Collection, Tag, Visibility, fold
from .queue import DeliveryRun, WorkerHeartbeat
from .stored_files import Kind, LinkStatus, Outcome, State, StoredFile, UploadRequest

__all__ = [
    "Asset",
    "Collection",
    "DeliveryRun",
    "Kind",
    "LinkStatus",
    "Outcome",
    "State",
    "StoredFile",
    "Tag",
    "UploadRequest",
    "Visibility",
    "WorkerHeartbeat",
    "fold",
]
