"""Agreed signs of life: when one is due, and what became of each."""

from django.db import models
from django.db.models import Q

from nightlight.engine.checkin import Came, OnMiss
from nightlight.store.models.access import TOKEN_HASH_LENGTH
from nightlight.store.models.alerts import Alert
from nightlight.store.models.people import ID_LENGTH_MAX, Circle, Person


class CheckIn(models.Model):
    """One agreed sign of life, and its window now: the one that runs, or the next to come.

    Windows that are over are rows of their own, so an idle check-in is this row alone.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    # The index of `check_in_key_once` begins with it: another would only be written at every look.
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="check_ins", db_index=False)
    key = models.CharField(max_length=ID_LENGTH_MAX)
    """What the host's file calls it; made up where the person wrote it herself."""
    name = models.CharField(max_length=100, blank=True, default="")
    """The person's own word for it; nobody else sees it."""
    rule = models.CharField(max_length=200, default="FREQ=DAILY")
    """On which local dates: a recurrence rule (RFC 5545) without DTSTART."""
    at = models.TimeField()
    """The local time on those dates, in the person's time zone."""
    starts_on = models.DateField()
    """Where the counting of the rule begins."""
    grace = models.DurationField()
    remind = models.JSONField(default=list)
    """Kinds of way to be reminded by, in this order; empty for the person's ways in their own order."""
    on_miss = models.CharField(max_length=8, default=OnMiss.REMIND.value)
    need = models.CharField(max_length=16, default="talk")
    """What is asked of the circle when a miss calls it."""
    told = models.ManyToManyField(Person, related_name="+", db_table="check_in_told")
    """Who is told quietly of a miss."""
    noted = models.ManyToManyField(Person, related_name="+", db_table="check_in_noted")
    """Who hears, quietly, each time that it was made."""
    agreed_on = models.DateField(null=True)
    """The host's word that the person agreed; without it, it is off until the person switches it on."""
    by_import = models.BooleanField(default=False)
    """Whether the host's file brought it; what the person wrote herself is no file's business."""
    on_since = models.DateTimeField(null=True)
    """Empty while it is off."""
    changed_at = models.DateTimeField(null=True)
    """When the person last changed it themself, also by switching it on or off: no file overrules that."""
    paused_until = models.DateTimeField(null=True)
    pause = models.CharField(max_length=8, blank=True, default="")
    token_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, null=True, unique=True)  # noqa: DJ001  (unique when there is one)
    """Of its own page, which every reminder leads to."""
    token_sealed = models.TextField(blank=True, default="")
    machine_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, null=True, unique=True)  # noqa: DJ001  (likewise)
    """Of the key by which a lamp, a door or a script checks in."""
    last_on = models.DateField(null=True)
    """The local date of the latest window that is over."""
    window_on = models.DateField(null=True)
    """The local date of the window now."""
    window_due = models.DateTimeField(null=True)
    next_due = models.DateTimeField(null=True)
    """When the window after it is due: once that has come, this one is nobody's silence any more."""
    window_began = models.DateTimeField(null=True)
    """When its time began to run: when it was due, or when we were there again."""
    window_deadline = models.DateTimeField(null=True)
    reminded = models.SmallIntegerField(default=0)
    was_extended = models.BooleanField(default=False)
    """No reminder could be handed to anybody, so it had its time once more."""
    looks_at = models.DateTimeField(null=True)
    """When there is something to do about it next; empty while it is off."""
    version = models.IntegerField(default=0)
    """Grows whenever what is ahead is planned anew, so that what was reckoned before is not written behind it."""
    created_at = models.DateTimeField()

    class Meta:
        db_table = "check_in"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["circle", "key"], name="check_in_key_once"),
            models.CheckConstraint(
                condition=Q(on_since__isnull=True) | Q(looks_at__isnull=False),
                name="check_in_on_is_looked_at",
            ),
            models.CheckConstraint(
                condition=Q(on_miss__in=[each.value for each in OnMiss]), name="check_in_on_miss_known"
            ),
        ]
        indexes = [
            models.Index(fields=["looks_at"], condition=Q(looks_at__isnull=False), name="check_in_looks_at"),
            models.Index(
                fields=["window_deadline"],
                condition=Q(window_deadline__isnull=False),
                name="check_in_deadline",
            ),
        ]


class CheckInWindow(models.Model):
    """What became of one check-in on one local date. There is one at most, and it says one thing for ever."""

    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="windows")
    on = models.DateField(db_column="local_date")
    due = models.DateTimeField()
    ended_at = models.DateTimeField()
    came = models.CharField(max_length=10)
    """`Came`: made, excused or missed."""
    how = models.CharField(max_length=8, blank=True, default="")
    """`How` it was made; empty otherwise."""
    by = models.CharField(max_length=8, blank=True, default="")
    """`By` which door it was made."""
    why = models.CharField(max_length=8, blank=True, default="")
    """`Excuse`, where it was excused."""
    late_at = models.DateTimeField(null=True)
    """When the person was heard of after a miss."""
    alert = models.ForeignKey(Alert, null=True, on_delete=models.SET_NULL, related_name="+")
    """The call that the miss raised or joined."""
    told = models.ManyToManyField(Person, related_name="+", db_table="check_in_window_told")
    """Who was told quietly of the miss, and hears when the person comes."""

    class Meta:
        db_table = "check_in_window"
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["check_in", "on"], name="check_in_window_once"),
            models.CheckConstraint(
                condition=Q(came__in=[each.value for each in Came]), name="check_in_window_came_known"
            ),
        ]
        indexes = [models.Index(fields=["ended_at"], name="check_in_window_ended")]
