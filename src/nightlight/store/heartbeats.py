"""When the worker last finished a full round; shared by every worker on one database."""

from datetime import datetime

from nightlight.store.models import Heartbeat

WORKER = "worker"


def last_beat(name: str = WORKER) -> datetime | None:
    """When *name* last finished a full round, or None when it never did."""
    return Heartbeat.objects.filter(pk=name).values_list("at", flat=True).first()


def beat(process: str, round_ms: int, now: datetime, name: str = WORKER) -> None:
    """A full round of *name* is done."""
    beaten = {"at": now, "process": process, "round_ms": round_ms}
    # Nearly always there is one: a statement of its own, and no transaction around two.
    if not Heartbeat.objects.filter(pk=name).update(**beaten):
        Heartbeat.objects.update_or_create(pk=name, defaults=beaten)
