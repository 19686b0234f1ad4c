"""What is to be sent, what was tried, and what is known of it."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from nightlight.store.models.alerts import Alert
from nightlight.store.models.people import HASH_LENGTH_MAX, ID_LENGTH_MAX, ContactMethod, Person


class NotificationStatus(StrEnum):
    """How far one message has come."""

    PLANNED = "planned"
    LEASED = "leased"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class Notification(models.Model):
    """One message to one way of one person, or to one way of the host."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notifications")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="notifications")
    contact_method = models.ForeignKey(
        ContactMethod, null=True, on_delete=models.PROTECT, related_name="notifications"
    )
    host_way = models.IntegerField(null=True)
    """Place of the way in the host's list."""
    channel = models.CharField(max_length=32)
    purpose = models.CharField(max_length=16)
    news = models.CharField(max_length=32, blank=True, default="")
    message = models.IntegerField()
    hold = models.IntegerField(default=0)
    rung = models.IntegerField(default=0)
    position = models.IntegerField(default=0)
    first = models.BooleanField(default=False)
    again = models.BooleanField(default=False)
    wished = models.BooleanField(default=False)
    about = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, default=NotificationStatus.PLANNED.value)
    due = models.DateTimeField(null=True)
    """When it goes out; empty while it waits to be brought forward."""
    priority = models.SmallIntegerField(default=0)
    lease_token = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=16, blank=True, default="")
    """The best that is known of any try so far; empty before the first."""
    failed_before = models.BooleanField(default=False)
    """The ladder has been told of a first failure."""
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="merged")
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  (unique when there is one)
    token_sealed = models.TextField(blank=True, default="")
    code_hash = models.CharField(max_length=HASH_LENGTH_MAX, blank=True, default="", db_index=True)
    code_sealed = models.TextField(blank=True, default="")
    address_hash = models.CharField(max_length=HASH_LENGTH_MAX, blank=True, default="", db_index=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "notification"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in NotificationStatus]),
                name="notification_status_known",
            ),
            models.CheckConstraint(
                condition=Q(contact_method__isnull=False, person__isnull=False, host_way__isnull=True)
                | Q(contact_method__isnull=True, person__isnull=True, host_way__isnull=False),
                name="notification_to_a_person_or_the_host",
            ),
            models.CheckConstraint(
                condition=~Q(status=NotificationStatus.LEASED.value)
                | (Q(lease_until__isnull=False) & ~Q(lease_token="")),
                name="notification_leased_has_a_lease",
            ),
            # A way belongs to one person, so the person need not be named here.
            models.UniqueConstraint(
                fields=["alert", "purpose", "message", "contact_method"],
                condition=Q(contact_method__isnull=False),
                name="notification_once_per_way",
            ),
            models.UniqueConstraint(
                fields=["alert", "purpose", "message", "host_way"],
                condition=Q(host_way__isnull=False),
                name="notification_once_per_host_way",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due"], name="notification_due"),
            # Beside an index that begins with the status, SQLite would not choose one of the alert alone.
            models.Index(fields=["alert", "status"], name="notification_of_alert"),
            # In the order of the claim, whole: with ten thousand due, taking eight must not sort them all.
            models.Index(
                fields=["status", "channel", "priority", "due", "position"], name="notification_in_order"
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(status=NotificationStatus.LEASED.value),
                name="notification_leased_until",
            ),
        ]


class Attempt(models.Model):
    """One try of one message with one provider, written down before it is made."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    """Letters and digits only: a gateway may echo it in a report."""
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="attempts")
    number = models.IntegerField()
    lease_token = models.CharField(max_length=64)
    provider = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    provider_reference = models.CharField(max_length=200, blank=True, default="", db_index=True)
    units = models.SmallIntegerField(default=0)
    """What the provider counts and charges for: segments of a text, rings of a phone."""

    class Meta:
        db_table = "attempt"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "number"], name="attempt_number_once"),
        ]
        # A report asks for everything one lease stood for.
        indexes = [models.Index(fields=["lease_token"], name="attempt_lease_token")]


class SeenCallback(models.Model):
    """A reply or report that was taken in already: the same one again is a repeat, or somebody's replay."""

    key_hash = models.CharField(primary_key=True, max_length=64)
    """Of its provider and what tells it from every other."""
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "seen_callback"


class ListenerPlace(models.Model):
    """How far we have listened on one line, and which worker listens on it now."""

    name = models.CharField(primary_key=True, max_length=64)
    position = models.TextField(blank=True, default="")
    holder = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    """When the line last worked, whether or not anything was said on it."""
    trouble = models.CharField(max_length=200, blank=True, default="")
    """Why it does not work just now, as a code; empty when it does."""

    class Meta:
        db_table = "listener_place"
