"""How far we have listened on each line, who listens on it now, and whether it works.

A line that all workers would hear alike is listened to by one of them, for as long as its lease lasts.
What was heard is taken in before the place is moved on: whoever is killed between the two hears it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from nightlight.store.models import ListenerPlace
from nightlight.store.races import racing
from nightlight.store.timers import CLOCK_SLACK

LEASE = timedelta(seconds=40)
"""As long as one worker has a line to itself; longer than it may listen at a stretch."""
TROUBLE_CHARACTERS_MAX = 200
HOLDER_CHARACTERS_MAX = 64


@dataclass(frozen=True, kw_only=True)
class LineState:
    """How one line is."""

    name: str
    heard_at: datetime | None
    """When it last worked, whether or not anything was said; None when it never did."""
    trouble: str
    """Why it does not work just now, as a code; empty when it does."""


def take(name: str, holder: str, now: datetime) -> str | None:
    """Have line *name* for LEASE from now; its place, or None while another worker has it.

    *holder* is the name of this worker.
    """
    racing(lambda: ListenerPlace.objects.get_or_create(pk=name))
    # A clock set back must not keep a lease alive: none lies further ahead than its own length.
    is_free = (
        Q(holder="")
        | Q(holder=holder)
        | Q(lease_until__lt=now)
        | Q(lease_until__gt=now + LEASE + CLOCK_SLACK)
    )
    mine = ListenerPlace.objects.filter(is_free, pk=name)
    if not racing(lambda: mine.update(holder=holder, lease_until=now + LEASE)):
        return None
    return ListenerPlace.objects.values_list("position", flat=True).get(pk=name)


def take_over(name: str, holder: str) -> None:
    """Speak for line *name* from now on, of which every worker has one of its own."""
    racing(lambda: ListenerPlace.objects.update_or_create(pk=name, defaults={"holder": holder}))


def keep(name: str, holder: str, position: str, now: datetime) -> bool:
    """Everything up to *position* is taken in, and the line works; whether it was still ours to say so."""
    mine = ListenerPlace.objects.filter(pk=name, holder=holder)
    changed = {"position": position.replace("\0", ""), "heard_at": now, "trouble": ""}
    return bool(racing(lambda: mine.update(**changed)))


def note_trouble(name: str, holder: str, trouble: str) -> None:
    """The line does not work just now, and why; its place stays where it was."""
    mine = ListenerPlace.objects.filter(pk=name, holder=holder)
    racing(lambda: mine.update(trouble=trouble.replace("\0", "")[:TROUBLE_CHARACTERS_MAX]))


def let_go(name: str, holder: str) -> None:
    """Another worker may listen on it from now on."""
    mine = ListenerPlace.objects.filter(pk=name, holder=holder)
    racing(lambda: mine.update(holder="", lease_until=None))


def lines() -> list[LineState]:
    """Every line that was ever listened to."""
    return [
        LineState(name=row.name, heard_at=row.heard_at, trouble=row.trouble)
        for row in ListenerPlace.objects.order_by("name")
    ]
