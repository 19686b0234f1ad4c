"""What a message has to say and to whom, read just before it is sent, so that it says what is true then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from nightlight.engine.effects import Purpose
from nightlight.engine.retries import Outcome
from nightlight.store.hosts import host_address
from nightlight.store.models import Alert, Attempt, Circle, Membership, Notification
from nightlight.store.outbox import Claim
from nightlight.store.sealing import UnreadableError, opened, unseal

LockWords = Mapping[tuple[str, str | None], tuple[str, str]]

LATE_AFTER = timedelta(seconds=60)
"""A message this much later than it was due says since when the caller has been waiting."""

_MAY_HAVE_ARRIVED = (Outcome.ACCEPTED, Outcome.QUEUED, Outcome.UNKNOWN)


class _Row(NamedTuple):
    """All that a letter is made of: plain values, for it is read for every message."""

    pk: str
    alert: str
    person: str | None
    channel: str
    purpose: str
    news: str
    due: datetime | None
    created_at: datetime
    wished: bool
    again: bool
    address_hash: str
    token_sealed: str
    code_sealed: str
    address_sealed: str | None
    """None when it goes to the host."""
    after: timedelta | None
    name: str | None
    language: str | None
    time_zone: str | None
    about_name: str | None
    need: str
    raised_at: datetime
    caller: str
    caller_name: str


# Each column of `_Row`, in its order. The state of the alert is not among them: only a stand-down asks for it.
_READ = (
    *("pk", "alert_id", "person_id", "channel", "purpose", "news", "due", "created_at", "wished", "again"),
    *("address_hash", "token_sealed", "code_sealed"),
    *("contact_method__address_sealed", "contact_method__after"),
    *("person__name", "person__language", "person__time_zone", "about__name"),
    *("alert__need", "alert__raised_at", "alert__person_id", "alert__person__name"),
)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One person a message is for; two when they share an address."""

    name: str
    token: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything a message is made of, as plain values."""

    to: str
    purpose: Purpose
    news: str
    need: str
    caller_name: str
    language: str
    time_zone: str
    wished: bool
    again: bool
    repeat: bool
    late_since: datetime | None
    about_name: str | None
    lock_words: str
    """What the caller chose for this reader's lock screen, see `channels.wording`."""
    lock_words_own: str
    recipients: tuple[Recipient, ...]


class NoSuchWay(LookupError):
    """The host took this way away since the message was planned."""


def letter_for(claimed: Claim, now: datetime) -> Letter:
    """The letter of a claimed notification, for everyone its lease still holds it for.

    Raises `UnreadableError` when no host key opens it, and `NoSuchWay`.
    """
    rows = _rows(Q(pk=claimed.notification) | Q(pk__in=claimed.merged, lease_token=claimed.lease_token))
    row = next(each for each in rows if each.pk == claimed.notification)
    # Whoever the message is first for is named first, whatever becomes of the others meanwhile.
    rows.sort(key=lambda each: each.pk != row.pk)
    return _letter(row, rows, _tries_before([claimed])[row.pk], _lock_words([row]), now)


def letters_for(claims: Iterable[Claim], now: datetime) -> dict[str, Letter]:
    """The letters of several claims by notification, read at once.

    Left out is what only `letter_for` can tell: messages to more than one person, and those that break.
    """
    alone = {claimed.notification: claimed for claimed in claims if not claimed.merged}
    before = _tries_before(alone.values())
    letters = {}
    rows = _rows(Q(pk__in=alone))
    words = _lock_words(rows)
    for row in rows:
        # Whoever sends it meets the same fault, and knows what to do about it.
        with suppress(UnreadableError, NoSuchWay):
            letters[row.pk] = _letter(row, [row], before[row.pk], words, now)
    return letters


def _rows(which: Q) -> list[_Row]:
    rows = Notification.objects.filter(which).order_by("created_at", "id")
    return [_Row(*values) for values in rows.values_list(*_READ)]


def _tries_before(claims: Collection[Claim]) -> Mapping[str, list[str]]:
    """The outcome of every earlier try of each notification; empty for one without an outcome."""
    before: dict[str, list[str]] = defaultdict(list)
    tries = Attempt.objects.filter(notification__in=[claimed.notification for claimed in claims])
    tries = tries.exclude(pk__in=[claimed.attempt for claimed in claims]).order_by("number")
    for notification, outcome in tries.values_list("notification_id", "outcome"):
        before[notification].append(outcome)
    return before


def _lock_words(rows: Iterable[_Row]) -> LockWords:
    """What was chosen for the readers of *rows*, by whose circle it is and who reads; only where it was."""
    asked = {(row.caller, row.person) for row in rows if row.purpose == Purpose.ASK}
    chosen = Membership.objects.exclude(lock_words="").filter(
        circle__in={caller for caller, _ in asked}, person__in={person for _, person in asked}
    )
    found = chosen.values_list("circle_id", "person_id", "lock_words", "lock_words_sealed")
    return {(caller, person): (words, opened(own)) for caller, person, words, own in found}


def _letter(
    row: _Row,
    together: Iterable[_Row],
    before: list[str],
    words: LockWords,
    now: datetime,
) -> Letter:
    lock_words, own = words.get((row.caller, row.person), ("", ""))
    may_have_arrived = any(outcome in _MAY_HAVE_ARRIVED for outcome in before)
    is_late = not may_have_arrived and now - _planned_for(row, tried=bool(before)) > LATE_AFTER
    return Letter(
        to=_address(row),
        purpose=Purpose(row.purpose),
        news=row.news,
        need=row.need,
        caller_name=row.caller_name,
        language=row.language or "en",
        time_zone=row.time_zone or "UTC",
        wished=row.wished,
        again=row.again,
        repeat=may_have_arrived,
        late_since=row.raised_at if is_late and row.purpose == Purpose.ASK else None,
        about_name=_about(row),
        lock_words=lock_words,
        lock_words_own=own,
        recipients=tuple(_recipient(each) for each in together if each.token_sealed),
    )


def _address(row: _Row) -> str:
    if row.address_sealed is not None:
        return unseal(row.address_sealed)
    address = host_address(row.channel, row.address_hash)
    if address is None:
        raise NoSuchWay(row.pk)
    return address


def _planned_for(row: _Row, *, tried: bool) -> datetime:
    """When *row* was to go out; a try that failed moved its due time on."""
    if tried and row.after is not None:
        return row.created_at + row.after
    return row.due or row.created_at


def _recipient(row: _Row) -> Recipient:
    return Recipient(
        name=row.name or "",
        token=unseal(row.token_sealed),
        code=unseal(row.code_sealed) if row.code_sealed else "",
    )


def _about(row: _Row) -> str | None:
    """Another person's name, for the caller always, for a member only in circles that know each other."""
    if row.about_name is not None:
        return row.about_name
    if row.purpose != Purpose.STAND_DOWN:
        return None
    state = Alert.objects.values_list("state", flat=True).get(pk=row.alert)
    hold = state.get("hold") if state else None
    if not hold or hold["taker"] is None:
        return None
    circle = Circle.objects.get(person_id=row.caller)
    if not circle.know_each_other:
        return None
    taker = circle.memberships.select_related("person").filter(person_id=hold["taker"]).first()
    return taker.person.name if taker else None
