"""How a person, or whoever runs the service, comes in by themselves: accounts, passkeys, sessions, the log.

No address of a device is kept and no name of a browser: a session is told apart by when it began.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from nightlight.store.models.access import TOKEN_HASH_LENGTH
from nightlight.store.models.people import ID_LENGTH_MAX, Person

NAME_LENGTH_MAX = 64


class Account(models.Model):
    """One who may sign in: a person to their own pages, or somebody of the host's to the desk."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH_MAX)
    person = models.OneToOneField(Person, null=True, on_delete=models.CASCADE, related_name="account")
    """Empty for somebody at the desk."""
    sign_in_name = models.CharField(max_length=NAME_LENGTH_MAX, unique=True, null=True)  # noqa: DJ001  (unique when there is one)
    """Chosen freely, kept in small letters; needed beside a passphrase alone."""
    passphrase_hash = models.CharField(max_length=200, blank=True, default="")
    recovery_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, null=True, unique=True)  # noqa: DJ001  (unique when there is one)
    """Of the printable code that brings the account back; it works once."""
    recovery_made_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    exit_explained_at = models.DateTimeField(null=True)
    """When the person read what quick exit does and does not."""

    class Meta:
        db_table = "account"


class Passkey(models.Model):
    """A public key of a person's own phone or stick."""

    credential = models.CharField(primary_key=True, max_length=1400)
    """Its id, as base64url without padding."""
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    public_key = models.TextField()
    sign_number = models.BigIntegerField(default=0)
    """Grows with each use on most devices; one that falls back was copied."""
    name = models.CharField(max_length=NAME_LENGTH_MAX, blank=True, default="")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"
        ordering = ["created_at"]


class AccountSession(models.Model):
    """One browser in which a person is signed in."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_lent = models.BooleanField(default=False)
    """Another browser of the same person let this one in; nothing was shown here that opens the account."""

    class Meta:
        db_table = "account_session"
        ordering = ["created_at"]


class SignInHow(StrEnum):
    """By what somebody tried to come in, or what they changed about it."""

    PASSKEY = "passkey"
    PASSPHRASE = "passphrase"  # noqa: S105  (a word for a kind, not a secret)
    RECOVERY = "recovery"
    LINK = "link"
    """The link that began the account."""
    PHONE = "phone"
    """Another phone of the person's, on which they were signed in, let this one in."""


class SignIn(models.Model):
    """One line of the log of sign-ins, which the person can read; refused ones too."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField()
    how = models.CharField(max_length=16)
    accepted = models.BooleanField()

    class Meta:
        db_table = "sign_in"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["account", "at"], name="sign_in_of_account")]


class StartLink(models.Model):
    """A link of the host's that begins one account, or gives an account to a person who is known already."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="start_links")
    is_host = models.BooleanField(default=False)
    """It begins an account for the desk."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "start_link"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_host=False) | Q(person__isnull=True), name="start_link_for_one"
            ),
        ]


class Challenge(models.Model):
    """What a passkey has to sign, kept until it did: once, and for minutes."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    """Of the cookie that the browser holds meanwhile."""
    challenge = models.CharField(max_length=128)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "challenge"
