"""What a stored file is, where it is on its way to Segmind, and who sees an asset."""

from django.db import models


class Kind(models.TextChoices):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"

    @classmethod
    def for_media_type(cls, media_type: str) -> "Kind":
        main = media_type.partition("/")[0]
        return cls(main) if main in cls.values else cls.OTHER


class Visibility(models.TextChoices):
    TEAM = "team", "Everyone in the team"
    PRIVATE = "private", "Only me"


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Sending"
    STORED = "stored", "Stored"
    FAILED = "failed", "Failed"


UNFINISHED = (State.QUEUED, State.SENDING)
