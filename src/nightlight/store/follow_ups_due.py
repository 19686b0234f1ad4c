"""Sending the notes that are due: in the words of whoever signs them, at the person's own hour of the day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from nightlight import chance
from nightlight.store.consent import consents
from nightlight.store.follow_ups import (
    SENT,
    SHOWN,
    STOPPED,
    WAS_QUIET,
    Wishes,
    at_or_next,
    wishes_of,
)
from nightlight.store.models import FollowUp, MemberNote, Membership, Quiet
from nightlight.store.notices import RINGING, NoticePurpose, Written, tell_ways, ways_to_tell
from nightlight.store.notices_send_checks import has_open_call
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal, token_hash

TOKEN_BYTES = 24
DAY_LASTS = timedelta(hours=12)
"""What comes due outside so long after the waking hour, because of us, waits for the next one."""
SHOWN_FOR = timedelta(days=3)
"""So long a note is on the person's first page."""
PAGE_LASTS = timedelta(days=30)

HostWords = Callable[[str, str], str]
"""Given the moment of a note and a language: what the host says when no member lends their name."""


def due(now: datetime, limit: int) -> list[str]:
    """Those that are due, the longest first."""
    rows = FollowUp.objects.filter(ended_at=None, due__lte=now).order_by("due", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def send(host_words: HostWords, follow_up: str, now: datetime, channels_on: frozenset[str]) -> None:
    """Let one note go out, or be put off, or not come at all. Twice changes nothing more."""
    racing(partial(_send, host_words, follow_up, now, channels_on))


def _send(host_words: HostWords, follow_up: str, now: datetime, channels_on: frozenset[str]) -> None:
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("circle__person")
    row = rows.filter(pk=follow_up, ended_at=None, due__lte=now).first()
    if row is None:
        return
    wishes = wishes_of(row.circle_id)
    if not wishes.notes_on:
        _end(row, STOPPED, now)
    elif Quiet.objects.filter(person_id=row.circle_id, ended_at=None).exists():
        _end(row, WAS_QUIET, now)
    elif has_open_call(row.circle_id) or not _is_day(row, wishes, now):
        FollowUp.objects.filter(pk=row.pk).update(due=_next_waking(row, wishes, now))
    else:
        _go_out(row, host_words, now, channels_on)


def _end(row: FollowUp, why: str, now: datetime, **values: object) -> None:
    FollowUp.objects.filter(pk=row.pk).update(ended_at=now, ended_why=why, **values)


def _is_day(row: FollowUp, wishes: Wishes, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(row.circle.person.time_zone))
    woke = local.replace(hour=wishes.wakes_at.hour, minute=wishes.wakes_at.minute, second=0, microsecond=0)
    return (local.replace(tzinfo=None) - woke.replace(tzinfo=None)) % timedelta(days=1) < DAY_LASTS


def _next_waking(row: FollowUp, wishes: Wishes, now: datetime) -> datetime:
    zone = row.circle.person.time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    found = (at_or_next(today + timedelta(days=days), wishes.wakes_at, zone) for days in (0, 1, 2))
    return next(each for each in found if each is not None and each > now)


def _go_out(row: FollowUp, host_words: HostWords, now: datetime, channels_on: frozenset[str]) -> None:
    author = _author(row, now)
    if author:
        words = opened(row.words_sealed) or _next_words(row.circle_id, author, now)
    else:
        words = host_words(row.moment, row.circle.person.language)
    token = chance.new_token(TOKEN_BYTES)
    # Nothing is spoken: what somebody wrote must not be left on a machine that others hear.
    ways = ways_to_tell(row.circle_id, channels_on).exclude(channel__in=RINGING)
    written = Written(circle=row.circle_id, about=author, token=token, words=words, follow_up=row.pk)
    was_written = tell_ways(NoticePurpose.FOLLOW_UP, ways, now, written)
    _end(
        row,
        SENT if was_written else SHOWN,
        now,
        author_id=author or None,
        words_sealed=seal(words),
        sent_at=now,
        token_hash=token_hash(token),
    )


def _author(row: FollowUp, now: datetime) -> str:
    """In whose name it goes out: as planned, else of the next member who lends theirs; empty for the host's."""
    noted = MemberNote.objects.filter(circle_id=row.circle_id).values_list("person_id", flat=True)
    members = Membership.objects.filter(circle_id=row.circle_id, ended_at=None, person__in=set(noted))
    may = [
        member.person_id
        for member in members.select_related("person").order_by("position", "pk")
        # Who rests has not taken back their words.
        if consents(_awake(member), now)
    ]
    planned = row.author_id or ""
    return planned if planned in may else next(iter(may), "")


def _awake(member: Membership) -> Membership:
    member.paused_until = None
    return member


def _next_words(circle: str, author: str, now: datetime) -> str:
    """Their oldest words that did not go out yet; when all did, those that went out longest ago."""
    rows = MemberNote.objects.filter(circle_id=circle, person_id=author)
    row = rows.filter(used_at=None).order_by("at", "pk").first() or rows.order_by("used_at", "pk").first()
    assert row is not None, "only who has words signs a note"
    MemberNote.objects.filter(pk=row.pk).update(used_at=now)
    return opened(row.text_sealed)


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """A note that came, as the person sees it."""

    id: str
    person: str
    author: str
    """Id of whom it is from; empty for the host."""
    author_name: str
    words: str
    at: datetime


def note_behind(token: str, now: datetime) -> NoteView | None:
    """The note whose page *token* opens, or None, whatever the reason."""
    rows = FollowUp.objects.filter(token_hash=token_hash(token), sent_at__gt=now - PAGE_LASTS)
    row = rows.select_related("author").first()
    return _view(row) if row else None


def notes_that_came(person: str, now: datetime) -> tuple[NoteView, ...]:
    """What came to *person* in the last days, the newest first."""
    rows = FollowUp.objects.filter(circle_id=person, sent_at__gt=now - SHOWN_FOR)
    return tuple(map(_view, rows.select_related("author").order_by("-sent_at")))


def latest_note(person: str, since: datetime) -> NoteView | None:
    """The latest note that went out to *person* after *since*."""
    rows = FollowUp.objects.filter(circle_id=person, sent_at__gt=since).select_related("author")
    row = rows.order_by("-sent_at").first()
    return _view(row) if row else None


def _view(row: FollowUp) -> NoteView:
    assert row.sent_at is not None
    return NoteView(
        id=row.pk,
        person=row.circle_id,
        author=row.author_id or "",
        author_name=row.author.name if row.author else "",
        words=opened(row.words_sealed),
        at=row.sent_at,
    )
