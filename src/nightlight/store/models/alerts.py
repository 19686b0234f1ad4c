"""Calls, and what is known of each."""

from django.db import models
from django.db.models import Q

from nightlight.engine.state import AlertStatus
from nightlight.store.models.people import HASH_LENGTH_MAX, ID_LENGTH_MAX, Person

_OPEN = ~Q(status=AlertStatus.RESOLVED.value)


class Alert(models.Model):
    """One call. Changed only by `store.advance`, by compare-and-set on `version`."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alerts")
    status = models.CharField(max_length=16)
    need = models.CharField(max_length=16)
    version = models.IntegerField(default=0)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    timer_kind = models.CharField(max_length=32, null=True)  # noqa: DJ001  (no timer is not an empty one)
    timer_due = models.DateTimeField(null=True)
    timer_generation = models.IntegerField(default=0)
    timer_length = models.DurationField(null=True)
    state = models.JSONField(default=dict)
    """The engine's whole alert."""
    poisoned_at = models.DateTimeField(null=True)
    poison_tries = models.IntegerField(default=0)
    poison_next_at = models.DateTimeField(null=True)
    poison_why = models.CharField(max_length=200, blank=True, default="")
    waits_for_host = models.BooleanField(default=False)
    """Restored from a backup, and held until the host says to continue."""
    arranged = models.IntegerField(default=0)
    """Grows with every change to what people arrange around the call, so that an open page sees it in one look."""

    class Meta:
        db_table = "alert"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=_OPEN, name="alert_one_open_per_person"),
            models.CheckConstraint(
                condition=Q(status=AlertStatus.RESOLVED.value)
                | Q(timer_kind__isnull=False, timer_due__isnull=False)
                | Q(poisoned_at__isnull=False)
                | Q(waits_for_host=True),
                name="alert_open_has_a_timer",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in AlertStatus]), name="alert_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["timer_due"], condition=_OPEN, name="alert_timer_due"),
            models.Index(fields=["raised_at"], name="alert_raised_at"),
        ]


class TimelineEntry(models.Model):
    """One line of what happened, for people. `who` is a person's id or empty."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    what = models.CharField(max_length=32)
    who = models.CharField(max_length=ID_LENGTH_MAX, blank=True, default="")
    channel = models.CharField(max_length=32, blank=True, default="")
    detail = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        db_table = "timeline_entry"
        ordering = ["id"]
        indexes = [models.Index(fields=["alert", "id"], name="timeline_of_alert")]


class EventRow(models.Model):
    """One outside event and the facts it met, from which state can be replayed. Ids only; append-only."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    number = models.IntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    body = models.JSONField()
    facts = models.JSONField()

    class Meta:
        db_table = "event"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "number"], name="event_number_once"),
        ]


class WaitingEvent(models.Model):
    """An event that met a poisoned alert, kept until the alert can take it."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="waiting_events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    body = models.JSONField()

    class Meta:
        db_table = "waiting_event"
        ordering = ["id"]


class KeptReply(models.Model):
    """Words somebody sent back that are no answer, kept for the taker."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="kept_replies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text_sealed = models.TextField()
    at = models.DateTimeField()
    channel = models.CharField(max_length=32, blank=True, default="")
    """The kind of way it came by; empty for those of before this was kept."""

    class Meta:
        db_table = "kept_reply"
        ordering = ["id"]


class ReplyTry(models.Model):
    """How often one address sent wrong digits for one call."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=HASH_LENGTH_MAX)
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "reply_try"
        constraints = [
            models.UniqueConstraint(fields=["alert", "address_hash"], name="reply_try_once"),
        ]
