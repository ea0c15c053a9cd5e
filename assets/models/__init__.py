from assets.models.assets import Asset
from assets.models.upload_requests import Outcome, UploadRequest

from .accounts import Device, PasswordLink, SignInAttempts
from .catalogue import ModelInput, ModelLimit, ModelParameter, ModelSync, SegmindModel
from .collections import Collection, Cover, PastPath
from .generations import GenerationHistory, GenerationOutput, GenerationRun, RunInput
from .idempotency import KeptAnswer
from .labels import Tag
from .links import LinkHost, LinkStatus, PastUrl
from .personal import Favourite, Use
from .queue import DeliveryRun, WorkerHeartbeat
from .reference_sets import ReferenceSet, SetMember, SetPin, SetRevision, SetRole
from .resumable_uploads import ResumableUpload
from .saved_searches import SavedSearch
from .shares import Share, ShareItem
from .states import Kind, State, Visibility
from .stored_files import StoredFile
from .tokens import PersonalToken
from .undo import UndoBatch, UndoStep
from .users import Colour, Density, Layout, Role, Theme, User
from .webhooks import Webhook, WebhookDelivery

__all__ = [
    "Asset",
    "Collection",
    "Colour",
    "Cover",
    "DeliveryRun",
    "Density",
    "Device",
    "Favourite",
    "GenerationHistory",
    "GenerationOutput",
    "GenerationRun",
    "KeptAnswer",
    "Kind",
    "Layout",
    "LinkHost",
    "LinkStatus",
    "ModelInput",
    "ModelLimit",
    "ModelParameter",
    "ModelSync",
    "Outcome",
    "PasswordLink",
    "PastPath",
    "PastUrl",
    "PersonalToken",
    "ReferenceSet",
    "ResumableUpload",
    "Role",
    "RunInput",
    "SavedSearch",
    "SegmindModel",
    "SetMember",
    "SetPin",
    "SetRevision",
    "SetRole",
    "Share",
    "ShareItem",
    "SignInAttempts",
    "State",
    "StoredFile",
    "Tag",
    "Theme",
    "UndoBatch",
    "UndoStep",
    "UploadRequest",
    "Use",
    "User",
    "Visibility",
    "Webhook",
    "WebhookDelivery",
    "WorkerHeartbeat",
]
