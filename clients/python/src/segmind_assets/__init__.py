"""The Segmind Asset Library for programs: upload, find and organise the files that a team keeps in Segmind Storage."""

from segmind_assets.answers import (
    Asset,
    BulkResult,
    Collection,
    Me,
    ReadyRequest,
    ReferenceSet,
    SetRequest,
    Status,
    Tag,
    Undone,
    UndoStep,
)
from segmind_assets.config import NotSignedInError
from segmind_assets.connection import LibraryError, UnreachableError
from segmind_assets.library import Library
from segmind_assets.outcomes import Details, Outcome
from segmind_assets.search_results import SearchResults
from segmind_assets.version import __version__

__all__ = [
    "Asset",
    "BulkResult",
    "Collection",
    "Details",
    "Library",
    "LibraryError",
    "Me",
    "NotSignedInError",
    "Outcome",
    "ReadyRequest",
    "ReferenceSet",
    "SearchResults",
    "SetRequest",
    "Status",
    "Tag",
    "UndoStep",
    "Undone",
    "UnreachableError",
    "__version__",
]
