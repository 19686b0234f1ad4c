"""When the worker last finished a full round; shared by every worker on one database."""

from datetime import datetime

from nightlight.store.models import Heartbeat

WORKER = "worker"


def last_beat(name: str = WORKER) -> datetime | None:
    """When *name* last finished a full round, or None when it never did."""
    return Heartbeat.objects.filter(pk=name).values_list("at", flat=True).first()


def beat(process: str, round_ms: int, now: datetime, name: str = WORKER) -> None:
    """A full round of *name* is done."""
    Heartbeat.objects.update_or_create(
        pk=name, defaults={"at": now, "process": process, "round_ms": round_ms}
    )
