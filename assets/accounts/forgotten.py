"""Links for people who have forgotten their password."""

import logging

from django.utils import timezone
from django_tasks import task

from assets.accounts import invitations
from assets.models import User

logger = logging.getLogger(__name__)


@task(queue_name="upkeep")
def send_links(email: str, open_link_url: str) -> None:
    """Mail a link to choose a password to everyone with this address. `open_link_url`: where links lead, without #."""
    now = timezone.now()
    for person in User.objects.active().filter(email__iexact=email):
        link = invitations.make_link(person, now).partition("#")[2]
        try:
            invitations.send_link(person, f"{open_link_url}#{link}", expires_at=invitations.get_expiry(now))
        except OSError as error:
            logger.warning("The mail server did not accept a password link: %s", type(error).__name__)
