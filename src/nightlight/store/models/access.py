"""Who may open what: links, the host's sessions, tokens of the API. Secrets are kept as hashes alone."""

from django.db import models
from django.db.models import Q

from nightlight.store.models.alerts import Alert
from nightlight.store.models.people import ID_LENGTH_MAX, Person

TOKEN_HASH_LENGTH = 64


class PersonLink(models.Model):
    """A person's own page. Valid until it is replaced."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="links")
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person_link"


class HostLink(models.Model):
    """Opens the host's desk once."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "host_link"


class HostSession(models.Model):
    """One browser at the host's desk."""

    token_hash = models.CharField(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    account = models.CharField(max_length=ID_LENGTH_MAX, blank=True, default="")
    """Id of the account that signed in; empty when a link opened the desk."""

    class Meta:
        db_table = "host_session"


class ApiToken(models.Model):
    """What another program of the host's may do here."""

    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=TOKEN_HASH_LENGTH, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at__isnull=True), name="api_token_name_once"
            ),
        ]


class IdempotencyKey(models.Model):
    """What a program already asked for, so that asking twice raises one call."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=TOKEN_HASH_LENGTH)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.UniqueConstraint(fields=["token", "key_hash"], name="idempotency_key_once"),
        ]
