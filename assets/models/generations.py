"""What models made with this key: runs, their inputs and their outputs, and how far the history has been read."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from .stored_files import StoredFile

# Segmind deletes an output this long after it was made.
LIFETIME = timedelta(days=7)
MODEL_LENGTH = 200
STATUS_LENGTH = 20
KEEP_LOOK_LATEST = timedelta(hours=7)


class RunStatus(models.TextChoices):
    """Those that are documented; the history may know others."""

    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"
    PENDING = "PENDING", "Running"


class GenerationRun(models.Model):
    """One request to a model, as the key's history has it.

    `prompt`, `parameters`, `error` and the URLs of inputs are for whoever ran it, and for managers, until they are
    purged.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.CharField(max_length=200, unique=True)
    model = models.CharField(max_length=MODEL_LENGTH, blank=True)
    status = models.CharField(max_length=STATUS_LENGTH, blank=True)
    made_at = models.DateTimeField()
    cost = models.DecimalField(max_digits=12, decimal_places=6, null=True, help_text="in US dollars")
    latency_ms = models.PositiveBigIntegerField(null=True)
    error = models.TextField(blank=True)
    email = models.CharField(max_length=254, blank=True, help_text="who ran it, as Segmind says")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="generation_runs"
    )
    prompt = models.TextField(blank=True)
    parameters = models.JSONField(default=dict, help_text="the other inputs as sent, without keys")
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-id")
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="generation_run_newest"),
            models.Index(fields=["model", "-made_at"], name="generation_run_model"),
            models.Index(fields=["made_at", "model", "cost"], name="generation_run_costs"),
        ]

    def __str__(self) -> str:
        return f"{self.model or 'Unknown model'}, {self.request_id}"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])

    @property
    def status_label(self) -> str:
        return RunStatus(self.status).label if self.status in RunStatus.values else self.status.capitalize()

    @property
    def has_failed(self) -> bool:
        return self.status == RunStatus.FAILED

    def purge(self, now: datetime) -> None:
        """Forget what was asked for. A later reading does not bring it back."""
        self.prompt, self.parameters, self.error, self.purged_at = "", {}, "", now
        self.save(update_fields=["prompt", "parameters", "error", "purged_at"])
        self.inputs.filter(stored_file=None).delete()


class RunInput(models.Model):
    """A URL that a run was given. `stored_file` is the file of the library that it leads, or once led, to."""

    run = models.ForeignKey(GenerationRun, on_delete=models.CASCADE, related_name="inputs", db_index=False)
    field = models.CharField(max_length=100, blank=True, help_text="the name of the model’s input")
    url = models.TextField(help_text="without query, which may be a key to the file")
    stored_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="run_inputs")

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["run", "url"], name="run_input_once")]
        indexes = [models.Index(fields=["url"], name="run_input_unknown", condition=Q(stored_file=None))]

    def __str__(self) -> str:
        return self.url


class OutputState(models.TextChoices):
    FOUND = "found", "At Segmind"
    KEEPING = "keeping", "Keeping"
    KEPT = "kept", "Kept"
    DELETED = "deleted", "Deleted by Segmind"
    FAILED = "failed", "Not kept"


# Nothing is fetched for these unless somebody asks.
KEEPABLE = (OutputState.FOUND, OutputState.FAILED)


class GenerationOutputQuerySet(models.QuerySet["GenerationOutput"]):
    def at_segmind(self, now: datetime) -> "GenerationOutputQuerySet":
        """Those that can still be kept."""
        return self.filter(state__in=KEEPABLE, expires_at__gt=now)

    def overdue(self, now: datetime) -> "GenerationOutputQuerySet":
        """Those whose attempt may have been lost with its task."""
        late = now - timedelta(seconds=30)
        return self.filter(state=OutputState.KEEPING).filter(
            Q(next_attempt_at__lte=late) | Q(next_attempt_at__gt=now + KEEP_LOOK_LATEST)
        )

    def mark_keeping(self, now: datetime, *, by: int | None) -> list[uuid.UUID]:
        """Those of these that are now to be kept, for the library of `by`; without it, of whoever ran them."""
        pks = list(self.filter(state__in=KEEPABLE).select_for_update().values_list("pk", flat=True))
        GenerationOutput.objects.filter(pk__in=pks).update(
            state=OutputState.KEEPING, kept_by=by, next_attempt_at=now, attempts=0, error=""
        )
        return pks


class GenerationOutput(models.Model):
    """A file that a run made. `sha256` is of what was fetched, so that a fetch is not repeated in vain."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(GenerationRun, on_delete=models.CASCADE, related_name="outputs", db_index=False)
    url = models.TextField()
    state = models.CharField(max_length=10, choices=OutputState.choices, default=OutputState.FOUND)
    expires_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, help_text="why it is not kept, or not yet")
    sha256 = models.CharField(max_length=64, blank=True)
    stored_file = models.ForeignKey(
        StoredFile, null=True, on_delete=models.SET_NULL, related_name="outputs_of_runs", help_text="if it was kept"
    )
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, help_text="when it was kept, or found to be gone")

    objects = GenerationOutputQuerySet.as_manager()

    class Meta:
        ordering = ("expires_at", "id")
        constraints = [models.UniqueConstraint(fields=["run", "url"], name="generation_output_once")]
        indexes = [
            models.Index(fields=["state", "expires_at", "id"], name="generation_output_expiring"),
            models.Index(fields=["next_attempt_at"], name="generation_output_due", condition=Q(state="keeping")),
            models.Index(fields=["url"], name="generation_output_url"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.expires_at:%-d %b %Y}"

    def is_gone(self, now: datetime) -> bool:
        """Whether Segmind has deleted it, as far as is known. By the clock alone, it may yet be tried."""
        return self.state == OutputState.DELETED or (self.state in KEEPABLE and self.expires_at <= now)

    def may_be_kept(self, now: datetime) -> bool:
        return self.state in KEEPABLE and not self.is_gone(now)

    @property
    def gone_at(self) -> datetime:
        return self.ended_at if self.state == OutputState.DELETED and self.ended_at else self.expires_at


class KeepRule(models.TextChoices):
    NONE = "none", "Nothing by itself"
    MODELS = "models", "Outputs of chosen models"
    ALL = "all", "Every output"


class GenerationHistoryQuerySet(models.QuerySet["GenerationHistory"]):
    def load(self) -> "GenerationHistory":
        return self.first() or self.get_or_create(pk=1)[0]

    def is_on(self) -> bool:
        return self.filter(is_on=True).exists()

    def due(self, now: datetime) -> "GenerationHistoryQuerySet":
        """If it is time to read. Moments further ahead than any rule plans were left by a clock that was wrong."""
        is_due = Q(next_read_at__lte=now) | Q(next_read_at__gt=now + GenerationHistory.LONGEST_PAUSE)
        is_free = Q(leased_until__lte=now) | Q(leased_until__gt=now + GenerationHistory.LEASE * 2)
        return self.filter(is_due, is_free, is_on=True, paused_because="")

    def claim(self, now: datetime) -> "GenerationHistory | None":
        """Read alone, until the lease runs out. None if there is nothing to do, or another worker does it."""
        lease = uuid.uuid4().hex
        if not self.due(now).update(lease=lease, leased_until=now + GenerationHistory.LEASE):
            return None
        return self.filter(lease=lease).first()


class GenerationHistory(models.Model):
    """The one row about the history: what administrators chose, and how far it has been read.

    `read_until` is a moment of Segmind's clock: everything before it has been read. While a reading is under way,
    `window_from` and `page` say where it goes on.
    """

    LEASE = timedelta(minutes=5)
    EVERY = timedelta(hours=1)
    LONGEST_PAUSE = timedelta(days=1)

    is_on = models.BooleanField(default=False)
    rule = models.CharField(max_length=10, choices=KeepRule.choices, default=KeepRule.NONE)
    kept_models = models.JSONField(default=list, help_text="whose outputs are kept without asking")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="who gets what is kept by rule and was run by nobody known here",
    )  # fmt: skip

    read_until = models.DateTimeField(null=True)
    read_far_at = models.DateTimeField(null=True, help_text="when it was last read as far back as outputs live")
    next_read_at = models.DateTimeField(default=timezone.now)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(
        null=True, help_text="of the reading under way, by Segmind’s clock if it is known"
    )
    reads_far = models.BooleanField(default=False)
    window_from = models.DateField(null=True)
    page = models.PositiveIntegerField(default=1)
    per_page = models.PositiveIntegerField(default=100)
    unread_now = models.PositiveIntegerField(default=0)

    last_read_at = models.DateTimeField(null=True)
    unread_rows = models.PositiveIntegerField(default=0, help_text="that made no sense, in the last reading")
    failures = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    paused_because = models.TextField(blank=True, help_text="until an administrator goes on, or the key changes")
    key_fingerprint = models.CharField(max_length=12, blank=True)

    objects = GenerationHistoryQuerySet.as_manager()

    def __str__(self) -> str:
        return "Generation history"

    def keeps(self, model: str) -> bool:
        return self.rule == KeepRule.ALL or (self.rule == KeepRule.MODELS and model in self.kept_models)

    def is_held(self) -> bool:
        """Whether no other worker has taken over. In a transaction, nobody does before its end."""
        return GenerationHistory.objects.select_for_update().filter(pk=self.pk, lease=self.lease, is_on=True).exists()


def count_runs(stored_files: Iterable[uuid.UUID]) -> None:
    """Write down in how many runs these files were used. A run may have had one under two of its URLs."""
    pks = set(stored_files)
    runs = RunInput.objects.filter(stored_file__in=pks).order_by().values("stored_file")
    counts = dict.fromkeys(pks, 0) | dict(
        runs.annotate(number=Count("run", distinct=True)).values_list("stored_file", "number")
    )
    by_count: dict[int, list[uuid.UUID]] = {}
    for pk, number in counts.items():
        by_count.setdefault(number, []).append(pk)
    for number, files in by_count.items():
        StoredFile.objects.filter(pk__in=files).exclude(run_count=number).update(run_count=number)
