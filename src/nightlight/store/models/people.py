"""People, the ways to reach them, and who agreed to what for whom."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from nightlight.engine.policy import HOLD_DEFAULT, REPEAT_DEFAULT, WAIT_DEFAULT, EndPolicy

ID_LENGTH_MAX = 64
HASH_LENGTH_MAX = 72


class Person(models.Model):
    """Anyone: who calls, who is called, or both."""

    id = models.SlugField(primary_key=True, max_length=ID_LENGTH_MAX)
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=16)
    moved_at = models.DateTimeField(null=True)
    """When they last said themself where they are: no file overrules that."""
    created_at = models.DateTimeField()
    is_minor = models.BooleanField(default=False)
    """By the host's own rule; nobody's age is kept."""
    approved_at = models.DateTimeField(null=True)
    """When the one whom the host's rule names said yes to a minor's circle."""

    class Meta:
        db_table = "person"


class ContactMethod(models.Model):
    """One way to reach a person. An ended one stays, so that no import revives it."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="ways")
    channel = models.CharField(max_length=32)
    address_sealed = models.TextField()
    address_hash = models.CharField(max_length=HASH_LENGTH_MAX, db_index=True)
    after = models.DurationField(default=timedelta(0))
    """How long after the beginning of an ask this way goes out."""
    position = models.PositiveIntegerField()
    proven_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        db_table = "contact_method"
        ordering = ["position"]


class Circle(models.Model):
    """What one person arranged with the people who agreed to support them."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="circle")
    know_each_other = models.BooleanField(default=False)
    end = models.CharField(max_length=32, default=EndPolicy.CALLER.value)
    repeat_after = models.DurationField(default=REPEAT_DEFAULT)
    acknowledgement_expires = models.DurationField(default=HOLD_DEFAULT)
    reach_sealed = models.TextField(blank=True, default="")
    """How to reach the caller, as JSON; shown to the taker after a yes."""
    tell_caller = models.BooleanField(default=True)
    imported_at = models.DateTimeField(null=True)
    import_noticed_at = models.DateTimeField(null=True)
    import_undone_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)
    """Grows with every change of the ladder, so that a second tab is told of the first."""
    practise_monthly = models.BooleanField(default=False)
    practised_at = models.DateTimeField(null=True)
    """When all were last asked to practise by the monthly practice."""
    call_word_sealed = models.TextField(blank=True, default="")
    """The word by which a text from the person's own number calls; empty when there is none."""

    class Meta:
        db_table = "circle"


class Membership(models.Model):
    """What one person agreed to for one circle. Without `agreed_on` they were never asked."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    position = models.PositiveIntegerField(default=0)
    agreed_on = models.DateField(null=True)
    agreed_until = models.DateField(null=True)
    offers = models.JSONField(default=list)
    wake_me = models.BooleanField(default=False)
    hours_from = models.TimeField(null=True)
    hours_until = models.TimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=32, blank=True, default="")
    last_asked_at = models.DateTimeField(null=True)
    is_adult = models.BooleanField(default=True)
    is_parent = models.BooleanField(default=False)
    lock_words = models.CharField(max_length=32, blank=True, default="")
    """Which neutral sentence a message to them begins with; empty for the usual one, `own` for the next."""
    lock_words_sealed = models.TextField(blank=True, default="")
    """That sentence in the person's own words."""
    own_word_sealed = models.TextField(blank=True, default="")
    """The two people's own word for "thinking of you"; empty for the usual one."""
    pretext_sealed = models.TextField(blank=True, default="")
    """What they may say in front of others; shown after their yes."""
    renewal_asked_at = models.DateTimeField(null=True)
    """When they were last asked whether they go on after the end of what they agreed to."""

    class Meta:
        db_table = "membership"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["circle", "person"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(hours_from__isnull=True, hours_until__isnull=True)
                | Q(hours_from__isnull=False, hours_until__isnull=False),
                name="membership_hours_both_or_neither",
            ),
        ]


class LadderStep(models.Model):
    """One step of a circle's ladder as it stands today; a call carries its own frozen copy."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="ladder")
    position = models.PositiveIntegerField()
    wait = models.DurationField(default=WAIT_DEFAULT)
    fair = models.BooleanField(default=False)

    class Meta:
        db_table = "ladder_step"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["circle", "position"], name="ladder_step_position"),
        ]


class LadderPlace(models.Model):
    """One person's place in a step."""

    step = models.ForeignKey(LadderStep, on_delete=models.CASCADE, related_name="places")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        db_table = "ladder_place"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["step", "person"], name="ladder_place_once"),
        ]


class NeverContact(models.Model):
    """An address, or a person, that this circle never reaches, whatever else is set."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="never_contact")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    address_hash = models.CharField(max_length=HASH_LENGTH_MAX, blank=True, default="", db_index=True)
    address_sealed = models.TextField(blank=True, default="")
    by_import = models.BooleanField(default=False)
    """The host's file said so; only then may the host's file take it away again."""
    added_at = models.DateTimeField()

    class Meta:
        db_table = "never_contact"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(address_hash=""), name="never_contact_names_someone"
            ),
        ]
