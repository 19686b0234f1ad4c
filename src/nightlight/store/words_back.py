"""What somebody wrote back outside a call: kept, shown to one human after another, until one has taken it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q, QuerySet

from nightlight import chance
from nightlight.store.consent import is_never_contacted
from nightlight.store.models import AfterHelping, Membership, Quiet, WordBack
from nightlight.store.notices import NoticePurpose, tell_person
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal
from nightlight.store.supporting import link_in_message

TEXT_MAX = 2000
A_DAY_MAX = 40
"""Of one writer; two machines that answer one another stop here. What is beyond it is refused aloud."""
OWNER_HAS = timedelta(hours=4)
"""So long it is the owner's alone; then the host is told too."""
TOLD_EVERY = timedelta(hours=1)
"""Several in a row bring the owner one message."""
SHOWN_FOR = timedelta(days=7)
"""After it was taken, its writer sees for so long who has it."""
RING_ME = "ring_me"
"""In the place of a channel: no words, but the wish that somebody of the host's gets in touch."""


class TooMany(ValueError):
    """They wrote so much today that nobody could read it."""


@dataclass(frozen=True, kw_only=True)
class WordView:
    """What was written back, for whoever may read it."""

    id: str
    writer: str
    """Name."""
    owner: str
    """Name of the member it answers; empty when it is the host's to read."""
    text: str
    at: datetime
    channel: str
    host_hears: bool
    """The host may read it too."""
    taken_by: str
    """Name of the member who has it; empty for nobody, or the host."""
    taken_by_host: bool
    circle: str
    """Name of the one whose circle it is about."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """What somebody wrote back."""

    circle: str
    """Whose circle it is about."""
    writer: str
    owner: str = ""
    """The member who is to read it; empty for the host."""
    text: str
    channel: str = ""
    """By which kind of way it came; empty for the page."""


def write_back(word: Word, now: datetime, channels_on: frozenset[str]) -> str:
    """Keep *word* and tell whoever is to read it; its id. An owner who left leaves it to the host. Raises `TooMany`."""
    return racing(partial(_write, word, now, channels_on))


def _write(word: Word, now: datetime, channels_on: frozenset[str]) -> str:
    if WordBack.objects.filter(writer_id=word.writer, at__gt=now - timedelta(days=1)).count() >= A_DAY_MAX:
        raise TooMany(word.writer)
    member = Membership.objects.filter(circle_id=word.circle, person_id=word.owner, ended_at=None)
    may = bool(word.owner) and member.exists() and not is_never_contacted(word.circle, word.owner)
    reads = word.owner if may else ""
    lately = WordBack.objects.filter(
        circle_id=word.circle, writer_id=word.writer, owner_id=reads, taken_at=None, at__gt=now - TOLD_EVERY
    )
    tell = bool(reads) and not lately.exists()
    row = WordBack.objects.create(
        id=chance.new_id(),
        circle_id=word.circle,
        writer_id=word.writer,
        owner_id=reads or None,
        text_sealed=seal(word.text[:TEXT_MAX]) if word.text else "",
        channel=word.channel,
        at=now,
    )
    if tell:
        token = link_in_message(reads, now)
        tell_person(NoticePurpose.WROTE_BACK, reads, now, channels_on, circle=word.circle, token=token)
    return row.pk


# ----------------------------------------------------------------------------------------------- reading


def words_for(member: str) -> tuple[WordView, ...]:
    """What waits for *member*, the oldest first: answers to their notes that nobody has taken."""
    rows = WordBack.objects.filter(owner_id=member, taken_at=None)
    rows = rows.filter(circle__memberships__person_id=member, circle__memberships__ended_at=None)
    found = list(_with_names(rows).order_by("at", "pk"))
    apart = {row.circle_id for row in found if is_never_contacted(row.circle_id or "", member)}
    return tuple(_view(row) for row in found if row.circle_id not in apart)


def words_for_host(now: datetime) -> tuple[WordView, ...]:
    """What the host's desk shows until somebody has it, the oldest first."""
    return tuple(_view(row) for row in _with_names(_hosts(now)).order_by("at", "pk"))


def _hosts(now: datetime) -> QuerySet[WordBack]:
    late = Q(at__lte=now - OWNER_HAS) | Q(host_told_at__isnull=False)
    return WordBack.objects.filter(Q(owner=None) | late, taken_at=None)


def words_of(writer: str, now: datetime) -> tuple[WordView, ...]:
    """What *writer* wrote back lately, and who has it, the newest first."""
    shown = Q(taken_at=None) | Q(taken_at__gt=now - SHOWN_FOR)
    rows = WordBack.objects.filter(shown, writer_id=writer, circle_id=writer)
    return tuple(_view(row) for row in _with_names(rows).order_by("-at", "-pk"))


def _with_names(rows: QuerySet[WordBack]) -> QuerySet[WordBack]:
    return rows.select_related("writer", "owner", "taken_by", "circle__person")


def _view(row: WordBack) -> WordView:
    return WordView(
        id=row.pk,
        writer=row.writer.name,
        owner=row.owner.name if row.owner else "",
        text=opened(row.text_sealed),
        at=row.at,
        channel=row.channel,
        host_hears=row.owner is None or row.host_told_at is not None,
        taken_by=row.taken_by.name if row.taken_by else "",
        taken_by_host=row.taken_by_host,
        circle=row.circle.person.name if row.circle else "",
    )


# ---------------------------------------------------------------------------------------------- taking


def take(member: str, word: str, now: datetime) -> bool:
    """*member* has it now; whether it waited for them."""
    mine = WordBack.objects.filter(pk=word, owner_id=member, taken_at=None)
    return bool(mine.update(taken_by=member, taken_at=now))


def take_at_desk(word: str, now: datetime) -> bool:
    """Somebody of the host's has it now; whether it waited for them."""

    def both() -> bool:
        row = _hosts(now).filter(pk=word).first()
        if row is None:
            return False
        WordBack.objects.filter(pk=row.pk, taken_at=None).update(taken_by_host=True, taken_at=now)
        if row.channel == RING_ME:
            rings = AfterHelping.objects.filter(person_id=row.writer_id, wants_host_at__isnull=False)
            rings.filter(host_did_at=None).update(host_did_at=now)
        return True

    return racing(both)


# ------------------------------------------------------------------------------------ telling the host


def to_tell_host(now: datetime) -> list[str]:
    """Those that wait for the host, and of which the host was not told."""
    quiet = Quiet.objects.filter(ended_at=None).values("person")
    # Nothing goes out about somebody for whom everything is stopped; the desk shows it all the same.
    rows = _hosts(now).filter(host_told_at=None).exclude(circle__in=quiet)
    return list(rows.order_by("at", "pk").values_list("pk", flat=True))


def host_was_told(words: Collection[str], now: datetime) -> None:
    """The host was told of them."""
    WordBack.objects.filter(pk__in=list(words), host_told_at=None).update(host_told_at=now)
