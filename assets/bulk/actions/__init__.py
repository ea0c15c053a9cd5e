"""What people can do to many assets at once. A new action is a file here and a line in `ACTIONS`."""

from assets.bulk.actions.add_favourites import AddFavourites
from assets.bulk.actions.add_tags import AddTags
from assets.bulk.actions.add_to_collection import AddToCollection
from assets.bulk.actions.base import BulkAction
from assets.bulk.actions.change_visibility import ChangeVisibility
from assets.bulk.actions.check_links import CheckLinks
from assets.bulk.actions.delete import Delete
from assets.bulk.actions.edit_texts import EditTexts
from assets.bulk.actions.move_to_trash import MoveToTrash
from assets.bulk.actions.remove_favourites import RemoveFavourites
from assets.bulk.actions.remove_from_collection import RemoveFromCollection
from assets.bulk.actions.remove_tags import RemoveTags
from assets.bulk.actions.restore import Restore
from assets.bulk.actions.retry_uploads import RetryUploads
from assets.bulk.actions.reupload import Reupload

ACTIONS: dict[str, BulkAction] = {
    action.name: action
    for action in (
        AddTags(),
        RemoveTags(),
        AddToCollection(),
        RemoveFromCollection(),
        ChangeVisibility(),
        EditTexts(),
        AddFavourites(),
        RemoveFavourites(),
        MoveToTrash(),
        Restore(),
        RetryUploads(),
        Reupload(),
        CheckLinks(),
        Delete(),
    )
}
