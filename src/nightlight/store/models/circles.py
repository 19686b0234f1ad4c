"""What lies between a person and their circle beside the agreement itself: invitations, practice, worries, notes."""

from django.db import models

from nightlight.store.models.access import TOKEN_HASH_LENGTH
from nightlight.store.models.afterwards import FollowUp
from nightlight.store.models.alerts import Alert
from nightlight.store.models.checkins import CheckIn
from nightlight.store.models.people import ID_LENGTH_MAX, Circle, ContactMethod, Person


class Invitation(models.Model):
    """One question to one person: will you? Nobody is reached by it; the person hands the link over."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, unique=True)
    token_sealed = models.TextField()
    """So that the person can see the link again."""
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="invitations")
    """A member who is asked for more, or whoever said yes; empty before that."""
    name = models.CharField(max_length=100)
    """As the person knows them."""
    offers = models.JSONField(default=list)
    """What they are asked for."""
    words_sealed = models.TextField(blank=True, default="")
    """The person's own words, shown on the page."""
    language = models.CharField(max_length=16, default="en")
    is_adult = models.BooleanField(default=True)
    is_parent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, blank=True, default="")
    reply_sealed = models.TextField(blank=True, default="")
    """A kind word that came with the answer."""
    wrong_addresses = models.SmallIntegerField(default=0)
    """Addresses that cannot be used here are tried at most so often, so that nobody finds out whose are."""

    class Meta:
        db_table = "invitation"
        ordering = ["created_at"]


class SupporterLink(models.Model):
    """A supporter's own page: what they agreed to, and how to change it. Valid until it is replaced."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="supporter_links")
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "supporter_link"


class Drill(models.Model):
    """Practice: one supporter is asked to tap, by every way of theirs, and each way that they tap on is proven."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="drills")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drills")
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "drill"
        ordering = ["began_at"]
        indexes = [models.Index(fields=["circle", "began_at"], name="drill_of_circle")]


class Concern(models.Model):
    """A supporter told the person, and nobody else, that they are thinking of them."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="concerns")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="concerns")
    """Who is thinking of the one whose circle it is."""
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        db_table = "concern"
        ordering = ["at"]


class Keeping(models.Model):
    """One member looks after something for the person. What it is stands nowhere here: they tell each other."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="keepings")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="keepings")
    """Who is asked to look after it, or does."""
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, blank=True, default="")
    look_on = models.DateField()
    """When both are asked to look at it again."""
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "keeping"
        ordering = ["asked_at"]


class HereNote(models.Model):
    """Where I am, with whom, how to reach me: in the person's own words, for chosen people, for some hours."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="here_notes")
    text_sealed = models.TextField()
    readers = models.ManyToManyField(Person, related_name="+", db_table="here_note_reader")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "here_note"
        ordering = ["created_at"]


class CallWish(models.Model):
    """When and where, and how much is said: what the caller added to an open call, shown to whoever is asked."""

    alert = models.OneToOneField(Alert, primary_key=True, on_delete=models.CASCADE, related_name="wish")
    place = models.CharField(max_length=16, blank=True, default="")
    moment = models.CharField(max_length=16, blank=True, default="")
    text_sealed = models.TextField(blank=True, default="")

    class Meta:
        db_table = "call_wish"


class Notice(models.Model):
    """One message outside any call to one way of one person: a code, a link, practice, news of the circle."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    purpose = models.CharField(max_length=16)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    contact_method = models.ForeignKey(ContactMethod, on_delete=models.CASCADE, related_name="notices")
    circle = models.ForeignKey(Circle, null=True, on_delete=models.CASCADE, related_name="+")
    """Whose circle it is about, if any."""
    about = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    """Whom it speaks of beside the one whose circle it is."""
    drill = models.ForeignKey(Drill, null=True, on_delete=models.CASCADE, related_name="notices")
    token_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, null=True, unique=True)  # noqa: DJ001  (unique when there is one)
    token_sealed = models.TextField(blank=True, default="")
    code_sealed = models.TextField(blank=True, default="")
    words_sealed = models.TextField(blank=True, default="")
    """What somebody wrote to be sent in their name."""
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.CASCADE, related_name="notices")
    """The check-in it reminds of."""
    follow_up = models.ForeignKey(FollowUp, null=True, on_delete=models.CASCADE, related_name="notices")
    wrong_codes = models.SmallIntegerField(default=0)
    """A code is guessed at most so often."""
    status = models.CharField(max_length=16)
    outcomes = models.JSONField(default=list)
    """What came of each try, the oldest first."""
    began_with = models.SmallIntegerField(default=0)
    """Which provider of its channel, counted from 0, took the first of them."""
    units = models.IntegerField(default=0)
    """What the providers charge for, of all tries together."""
    reason = models.CharField(max_length=200, blank=True, default="")
    due = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    """Not sent, and its link and code not taken, after this."""
    settled_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    """Its link was pressed on, or its code typed."""

    class Meta:
        db_table = "notice"
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["status", "due"], name="notice_due"),
            models.Index(fields=["lease_token"], name="notice_lease_token"),
        ]
