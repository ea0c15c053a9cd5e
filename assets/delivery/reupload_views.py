import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from assets import permissions
from assets.delivery import requeue
from assets.delivery.requeue import reupload, why_not_reuploaded
from assets.models import StoredFile


@require_POST
def heal_asset(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Upload the file of an entry again, whose URL does not lead to it any more."""
    entry = get_object_or_404(permissions.retryable_assets(request), pk=pk)
    reason = why_not_reuploaded(entry.stored_file)
    if reupload(StoredFile.objects.filter(pk=entry.stored_file_id)):
        messages.success(request, "It is uploaded again. Its URL stays as it is until the new one is there.")
    else:
        messages.warning(request, reason or requeue.ON_ITS_WAY)
    return redirect(entry)
