"""Whoever runs the service, and its own sign of life."""

from django.db import models
from django.db.models import Q


class Host(models.Model):
    """Whoever runs the service. There is one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    emergency_number = models.CharField(max_length=32, blank=True, default="")
    ways_sealed = models.TextField(blank=True, default="")
    """JSON list of channel and address: who is told."""
    lines = models.JSONField(default=list)
    anyone_may_begin = models.BooleanField(default=False)
    """Whether a circle can be begun without a link from the host."""
    adult_age = models.SmallIntegerField(null=True)
    """Below it somebody is a minor here; empty where the host has no rule."""
    minors = models.CharField(max_length=16, blank=True, default="")
    """What is asked of a minor: nothing more, somebody's approval, or not here at all (`MinorsRule`)."""
    minors_approved_by = models.CharField(max_length=100, blank=True, default="")
    """Who approves, in the host's words."""
    push_key_sealed = models.TextField(blank=True, default="")
    """The private key by which push services know us, made when it is first needed."""
    currency = models.CharField(max_length=3, blank=True, default="")
    prices = models.JSONField(default=dict)
    """What one unit (a segment, a ring) of each kind of way costs here, as text: `{"sms": "0.0450"}`."""
    spending_alarm = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    """The host is told when 24 hours cost more than this. Nothing is ever held back for it."""
    spending_told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "host"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="host_is_one")]


class ChannelTest(models.Model):
    """The latest test of one kind of way, which the host sent to their own ways."""

    channel = models.CharField(primary_key=True, max_length=32)
    began_at = models.DateTimeField()
    results = models.JSONField(default=list)
    """What each provider made of it, as codes and never an address; empty while it is under way."""

    class Meta:
        db_table = "channel_test"


class Heartbeat(models.Model):
    """When a part of the service last finished a full round."""

    name = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()
    process = models.CharField(max_length=100)
    round_ms = models.IntegerField(default=0)

    class Meta:
        db_table = "heartbeat"
