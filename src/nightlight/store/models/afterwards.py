"""What follows a call, and the small things between two people in calm times."""

from datetime import time

from django.db import models
from django.db.models import Q

from nightlight.store.models.access import TOKEN_HASH_LENGTH
from nightlight.store.models.alerts import Alert
from nightlight.store.models.people import ID_LENGTH_MAX, Circle, Person


class Afterwards(models.Model):
    """How one person wants the days after a call, and words in between; without a row, as by default."""

    circle = models.OneToOneField(
        Circle, primary_key=True, on_delete=models.CASCADE, related_name="afterwards"
    )
    wakes_at = models.TimeField(default=time(9))
    """The person's own waking hour, in their zone."""
    notes_on = models.BooleanField(default=True)
    moments = models.JSONField(default=list)
    """When notes come after a call: codes of `engine.followup`; empty for the usual ones."""
    words_a_day = models.SmallIntegerField(default=3)
    """How many a day may send "thinking of you", all members together; 0 for nobody."""

    class Meta:
        db_table = "afterwards"


class MemberNote(models.Model):
    """Words that a member wrote or chose in advance, to be sent in their name in the days after a call."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="member_notes")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="member_notes")
    text_sealed = models.TextField()
    at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "member_note"
        ordering = ["at", "id"]


class FollowUp(models.Model):
    """One short note after a call: when, and in whose name."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="follow_ups")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.SET_NULL, related_name="follow_ups")
    moment = models.CharField(max_length=16)
    """Which of them it is: a code of `engine.followup`."""
    author = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    """In whose name; empty for the host's."""
    words_sealed = models.TextField(blank=True, default="")
    """Set when it goes out, or when its author wrote it for this one."""
    due = models.DateTimeField()
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was sent, or will not be any more."""
    ended_why = models.CharField(max_length=16, blank=True, default="")
    token_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, null=True, unique=True)  # noqa: DJ001  (unique when there is one)
    """Of the page the note leads to; none before it went out."""

    class Meta:
        db_table = "follow_up"
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "moment"], name="follow_up_once"),
        ]
        indexes = [models.Index(fields=["due"], condition=Q(ended_at=None), name="follow_up_due")]


class WordBack(models.Model):
    """What somebody wrote back outside a call: shown to one human after another until one has taken it."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, null=True, on_delete=models.CASCADE, related_name="words_back")
    writer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    """The member whose note was answered; empty when it is the host's to read."""
    text_sealed = models.TextField()
    channel = models.CharField(max_length=32, blank=True, default="")
    at = models.DateTimeField()
    host_told_at = models.DateTimeField(null=True)
    """Since when the host's desk may read it too."""
    taken_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_by_host = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "word_back"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], condition=Q(taken_at=None), name="word_back_open")]


class Promise(models.Model):
    """Who will do what and when: said in a call, reminded, and handed on when it cannot be kept."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="promises")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.SET_NULL, related_name="promises")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="promises")
    """Who has it; while somebody else is looked for, who did not say a word, or nobody."""
    what = models.CharField(max_length=16)
    words_sealed = models.TextField(blank=True, default="")
    due = models.DateTimeField()
    made_at = models.DateTimeField()
    looks_at = models.DateTimeField(null=True)
    """When there is something to do about it next; empty when it is over."""
    reminded = models.SmallIntegerField(default=0)
    """How far it has come: a stage of `store.promises`."""
    asked = models.ManyToManyField(Person, related_name="+", db_table="promise_asked")
    """Who was asked to take it over."""
    declined = models.ManyToManyField(Person, related_name="+", db_table="promise_declined")
    """Who had it or was asked, and cannot."""
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=16, blank=True, default="")
    """`kept`, `let_go`, `nobody`."""

    class Meta:
        db_table = "promise"
        ordering = ["due", "id"]
        indexes = [
            models.Index(fields=["looks_at"], condition=Q(looks_at__isnull=False), name="promise_looks_at")
        ]


class Stay(models.Model):
    """Somewhere to sleep tonight: who opens the door, and whether somebody got there and home."""

    alert = models.OneToOneField(Alert, primary_key=True, on_delete=models.CASCADE, related_name="stay")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="stays")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    """Whose door it is."""
    offered_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    words_sealed = models.TextField(blank=True, default="")
    """Where, and from when, in the words of whoever opens the door."""
    arrived_at = models.DateTimeField(null=True)
    home_at = models.DateTimeField(null=True)
    looks_at = models.DateTimeField(null=True)
    asked = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stay"
        indexes = [
            models.Index(fields=["looks_at"], condition=Q(looks_at__isnull=False), name="stay_looks_at")
        ]


class Talk(models.Model):
    """A talk that was put off: it has a date, and comes back to both until it took place or was let go."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="talks")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    """The member; the other is whose circle it is."""
    by_member = models.BooleanField(default=False)
    """Who asked for it."""
    on = models.DateField(db_column="local_date")
    made_at = models.DateTimeField()
    reminded_on = models.DateField(null=True)
    """The date on which whose circle it is was last told; None since the day was chosen."""
    member_reminded_on = models.DateField(null=True)
    """The same for the member, by their own calendar."""
    looks_at = models.DateTimeField(null=True)
    """When one of them is to be told next; empty when it is over."""
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        db_table = "talk"
        ordering = ["on", "id"]
        indexes = [
            models.Index(fields=["looks_at"], condition=Q(looks_at__isnull=False), name="talk_looks_at")
        ]


class ListLine(models.Model):
    """One line of tonight's list, in an open call; gone with it."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="list_lines")
    position = models.SmallIntegerField()
    text_sealed = models.TextField()
    ticked_at = models.DateTimeField(null=True)
    ticked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "list_line"
        ordering = ["position", "id"]


class Thought(models.Model):
    """One member sent "thinking of you". It needs no answer."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="thoughts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="thoughts")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "thought"
        ordering = ["at", "id"]


class AfterHelping(models.Model):
    """Whoever answered a call is asked the next day how they are."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="after_helping")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.SET_NULL, related_name="+")
    due = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    wants_host_at = models.DateTimeField(null=True)
    """They would like somebody of the host's to get in touch."""
    host_did_at = models.DateTimeField(null=True)
    notes_answered_at = models.DateTimeField(null=True)
    """When they said whether notes may go out in their name; asked once after a call."""

    class Meta:
        db_table = "after_helping"
        ordering = ["due", "id"]
        constraints = [models.UniqueConstraint(fields=["alert", "person"], name="after_helping_once")]
        indexes = [models.Index(fields=["due"], condition=Q(asked_at=None), name="after_helping_due")]


class Quiet(models.Model):
    """The one switch: from `since` no scheduled message about one person goes to anybody, until it is taken back.

    Nor does one to that person about somebody else, so it is a person's, whether or not they have a circle.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="quiets")
    since = models.DateTimeField()
    by = models.CharField(max_length=16)
    """`person`, `text`, `host`, `command`."""
    reason_sealed = models.TextField(blank=True, default="")
    """Given by the host."""
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        db_table = "quiet"
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="quiet_one_at_a_time")
        ]
