"""What came in already: the same reply once more is somebody's replay, whatever its signature says.

It is marked once it is taken in: who died before that may tell us again.
"""

import hashlib
from datetime import datetime, timedelta

from nightlight.store.inbound import LINKS_LAST
from nightlight.store.models import SeenCallback

KEPT = LINKS_LAST + timedelta(days=1)
"""Longer than any code or link in a message of ours is good for something."""
SWEPT_AT_ONCE_MAX = 1000


def was_seen(provider: str, mark: str, now: datetime) -> bool:
    """Whether what *provider* tells from everything else by *mark* was taken in lately."""
    return SeenCallback.objects.filter(pk=_key(provider, mark), at__gt=now - KEPT).exists()


def see(provider: str, mark: str, now: datetime) -> None:
    """It is taken in. Marks that are too old to matter go."""
    SeenCallback.objects.update_or_create(pk=_key(provider, mark), defaults={"at": now})
    old = SeenCallback.objects.filter(at__lte=now - KEPT).values_list("pk", flat=True)[:SWEPT_AT_ONCE_MAX]
    SeenCallback.objects.filter(pk__in=list(old)).delete()


def _key(provider: str, mark: str) -> str:
    return hashlib.sha256(f"{provider}\0{mark}".encode("utf-8", "surrogatepass")).hexdigest()
