"""The sealed plan as the server keeps it: files that it cannot open, and who may be given which.

A `body` is an age file made in a browser. An `own_id` was drawn by that browser, and means something
within one plan alone, so that nobody learns from it what somebody else has.
"""

from django.db import models

from nightlight.store.models.access import TOKEN_HASH_LENGTH
from nightlight.store.models.alerts import Alert
from nightlight.store.models.people import ID_LENGTH_MAX, Circle, Person

OWN_ID_LENGTH = 32
RECIPIENT_LENGTH = 62
"""Of an age recipient: `age1…`."""
VERIFY_KEY_LENGTH = 43
"""Of 32 bytes, as base64url without padding."""


class PlanVault(models.Model):
    """That a person has a plan: what others seal to, and what its signatures are checked by."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="vault")
    recipient = models.CharField(max_length=RECIPIENT_LENGTH)
    verify_key = models.CharField(max_length=VERIFY_KEY_LENGTH)
    made_at = models.DateTimeField()
    words_later = models.SmallIntegerField(default=0)
    """How often the person said "later" to the seven words."""
    looked_at = models.DateTimeField(null=True)
    """When they last looked at it again, or said "not now"."""

    class Meta:
        db_table = "plan_vault"


class PlanSlot(models.Model):
    """One way of opening a plan: its secret, sealed in a browser for what only the person has."""

    vault = models.ForeignKey(PlanVault, on_delete=models.CASCADE, related_name="slots")
    own_id = models.CharField(max_length=OWN_ID_LENGTH)
    kind = models.CharField(max_length=1)
    """`A`, `B`, `C` or `E`; see docs/reference/plan-format.md."""
    label_sealed = models.TextField(blank=True, default="")
    """What the person calls it, such as "my old phone"."""
    body = models.BinaryField()
    made_at = models.DateTimeField()
    session = models.ForeignKey("AccountSession", null=True, on_delete=models.SET_NULL, related_name="+")
    """The one that another phone was lent together with this; it ends when the slot is taken away."""

    class Meta:
        db_table = "plan_slot"
        ordering = ["made_at", "id"]
        constraints = [models.UniqueConstraint(fields=["vault", "own_id"], name="plan_slot_once")]


class PlanPart(models.Model):
    """One part of a plan. Which part it is, only its reader sees."""

    vault = models.ForeignKey(PlanVault, on_delete=models.CASCADE, related_name="parts")
    own_id = models.CharField(max_length=OWN_ID_LENGTH)
    revision = models.IntegerField(default=1)
    """Grows with every change, so that a second phone is told of the first."""
    body = models.BinaryField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "plan_part"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["vault", "own_id"], name="plan_part_once")]


class SupporterKey(models.Model):
    """What is sealed to one member of a circle in one of their browsers."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="reading_keys")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reading_keys")
    recipient = models.CharField(max_length=RECIPIENT_LENGTH)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "supporter_key"
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["circle", "person", "recipient"], name="supporter_key_once")
        ]


class PlanShare(models.Model):
    """One part for one browser of a member. Its key has two halves, and only one of them is here."""

    vault = models.ForeignKey(PlanVault, on_delete=models.CASCADE, related_name="shares")
    own_id = models.CharField(max_length=OWN_ID_LENGTH)
    part = models.ForeignKey(PlanPart, on_delete=models.CASCADE, related_name="shares")
    key = models.ForeignKey(SupporterKey, on_delete=models.CASCADE, related_name="shares")
    version = models.IntegerField()
    """Of the part, as its writer numbers it inside."""
    body = models.BinaryField()
    half = models.BinaryField()
    """The member's half, sealed to their browser."""
    kept_sealed = models.TextField()
    """Our half, given out in a call alone."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "plan_share"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["vault", "own_id"], name="plan_share_once"),
            models.UniqueConstraint(fields=["part", "key"], name="plan_share_of_a_part_once"),
        ]


class PlanOpening(models.Model):
    """What a member was shown of a plan in one call was given out to them."""

    vault = models.ForeignKey(PlanVault, on_delete=models.CASCADE, related_name="openings")
    supporter = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "plan_opening"
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["supporter", "alert"], name="plan_opening_once")]


class CallCard(models.Model):
    """What whoever takes a call reads, with or without a key. We could read it too, and the page says so."""

    circle = models.OneToOneField(
        Circle, primary_key=True, on_delete=models.CASCADE, related_name="call_card"
    )
    text_sealed = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "call_card"


class SealedNote(models.Model):
    """A letter or a note that a member left, sealed to whose circle it is."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="sealed_notes")
    writer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sealed_notes")
    own_id = models.CharField(max_length=OWN_ID_LENGTH)
    body = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "sealed_note"
        ordering = ["made_at", "id"]
        constraints = [models.UniqueConstraint(fields=["circle", "own_id"], name="sealed_note_once")]


class PlanPairing(models.Model):
    """A person lets another phone of theirs open the plan: minutes, and then it is gone."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    vault = models.OneToOneField(PlanVault, on_delete=models.CASCADE, related_name="pairing")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    asker_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, blank=True, default="")
    """Of the cookie of the phone that asked first: what was allowed is given to it alone."""
    recipient = models.CharField(max_length=RECIPIENT_LENGTH, blank=True, default="")
    proof = models.CharField(max_length=128, blank=True, default="")
    """What both phones show as four words."""
    label_sealed = models.TextField(blank=True, default="")
    slot = models.ForeignKey(PlanSlot, null=True, on_delete=models.SET_NULL, related_name="+")
    """The way of opening that was made for it."""
    approved_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "plan_pairing"
