"""What came back, matched to what was asked; and ways that people withdraw or take up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from nightlight.chance import new_id
from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.store.advance import lock_alert
from nightlight.store.effects import NEWS, free_serial
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import (
    Attempt,
    ContactMethod,
    KeptReply,
    Notification,
    ReplyTry,
)
from nightlight.store.notices import RINGING
from nightlight.store.races import racing
from nightlight.store.sealing import ADDRESS, CODE, look_up_hashes, seal
from nightlight.store.wake import wake_worker

Way = ContactMethod
"""A way as intake handles it: by its id, its channel and whose it is."""

TRIES_MAX = 5
"""After this many wrong codes from one number, no text from it answers that call."""
TEXTS_BACK_MAX = 12
"""Two machines that answer one another stop here."""
WORDS_KEPT_MAX = 30
"""Of one person in one call; more than these no taker reads."""
LINKS_LAST = timedelta(days=7)
"""Answer links and codes are good for something this long after a call ended."""


class TextBack(StrEnum):
    """A word back to somebody who texted."""

    ASK_FOR_CODE = "ask_for_code"
    WRONG_CODE = "wrong_code"
    TOO_MANY_TRIES = "too_many_tries"
    THANKS = "thanks"
    NOTED = "noted"
    DECLINED = "declined"
    SOMEONE_HAS_IT = "someone_has_it"
    ITS_OVER = "its_over"
    PASSED_ON = "passed_on"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class AskFound:
    """One ask that went to an address, and whether its call is still open."""

    notification: str
    alert: str
    person: str
    contact_method: str
    channel: str
    is_open: bool


def ways_at(channel: str, address: str) -> list[ContactMethod]:
    """The ways, of whoever, that lead to *address* (as it is kept)."""
    return list(
        ContactMethod.objects.filter(channel=channel, address_hash__in=look_up_hashes(address, ADDRESS))
    )


def ask_with_code(ways: Sequence[ContactMethod], code: str, now: datetime) -> AskFound | None:
    """The ask to one of *ways* that carries *code*, the latest first."""
    rows = _asks_to(ways, now).filter(code_hash__in=look_up_hashes(code, CODE))
    return next((_found(row) for row in rows[:1]), None)


def open_asks(ways: Sequence[ContactMethod], now: datetime) -> list[AskFound]:
    """The latest ask of each person and open call that went out to one of *ways*, the latest first."""
    latest: dict[tuple[str, str], AskFound] = {}
    for row in _asks_to(ways, now).exclude(alert__status=AlertStatus.RESOLVED):
        found = _found(row)
        latest.setdefault((found.alert, found.person), found)
    return list(latest.values())


def _asks_to(ways: Sequence[ContactMethod], now: datetime) -> QuerySet[Notification]:
    recent = Q(alert__resolved_at=None) | Q(alert__resolved_at__gt=now - LINKS_LAST)
    return (
        # Nobody answers what never left: an ask is written down as an attempt before it goes out.
        Notification.objects.filter(recent, Exists(Attempt.objects.filter(notification=OuterRef("pk"))))
        .filter(purpose=Purpose.ASK, contact_method__in=list(ways))
        .select_related("alert")
        .order_by("-created_at", "-id")
    )


def _found(row: Notification) -> AskFound:
    assert row.person_id is not None
    assert row.contact_method_id is not None
    return AskFound(
        notification=row.pk,
        alert=row.alert_id,
        person=row.person_id,
        contact_method=row.contact_method_id,
        channel=row.channel,
        is_open=row.alert.status != AlertStatus.RESOLVED,
    )


def count_wrong_code(alert: str, way: ContactMethod) -> int:
    """Count one wrong code from this number for this call; how many there were."""
    with transaction.atomic():
        tried, _ = ReplyTry.objects.select_for_update().get_or_create(
            alert_id=alert, address_hash=way.address_hash
        )
        ReplyTry.objects.filter(pk=tried.pk).update(count=F("count") + 1)
        return tried.count + 1


def is_out_of_tries(alert: str, way: ContactMethod) -> bool:
    """Whether this number sent so many wrong codes that it answers this call no more."""
    return ReplyTry.objects.filter(
        alert_id=alert, address_hash=way.address_hash, count__gte=TRIES_MAX
    ).exists()


@dataclass(frozen=True, kw_only=True)
class MessageFound:
    """A message of ours in a call, to a person, that somebody answered by naming it."""

    about: AskFound
    is_ask: bool
    address_hash: str


def message_named(channel: str, notification: str) -> MessageFound | None:
    """The message *notification* that went out by *channel* to somebody other than the caller, or None."""
    row = (
        # Nobody answers what never left: it is written down as an attempt before it goes out.
        Notification.objects.filter(Exists(Attempt.objects.filter(notification=OuterRef("pk"))))
        .filter(pk=notification, channel=channel, person__isnull=False, contact_method__isnull=False)
        .exclude(person=F("alert__person"))
        .select_related("alert")
        .first()
    )
    if row is None:
        return None
    return MessageFound(about=_found(row), is_ask=row.purpose == Purpose.ASK, address_hash=row.address_hash)


def latest_attempt(channel: str, notification: str) -> str:
    """The latest try of *notification*, which went out by *channel*; empty when there is none."""
    tries = Attempt.objects.filter(notification_id=notification, notification__channel=channel)
    return tries.order_by("-number").values_list("pk", flat=True).first() or ""


def is_address(address: str, address_hash: str) -> bool:
    """Whether *address* is the one that is kept as *address_hash*."""
    return address_hash in look_up_hashes(address, ADDRESS)


def has_said_enough(ask: AskFound) -> bool:
    """Whether as many words of theirs are kept in this call as ever are."""
    return KeptReply.objects.filter(alert_id=ask.alert, person_id=ask.person).count() >= WORDS_KEPT_MAX


def keep_words(ask: AskFound, text: str, now: datetime) -> None:
    """Keep what somebody wrote, sealed, for whoever has the call."""
    KeptReply.objects.create(
        alert_id=ask.alert, person_id=ask.person, text_sealed=seal(text), at=now, channel=ask.channel
    )


def text_back(ask: AskFound, word: TextBack, now: datetime) -> None:
    """Plan one word back by the way the text came from; said once a call, however often they ask."""

    def say() -> None:
        lock_alert(ask.alert)
        asked = Notification.objects.select_related("contact_method").get(pk=ask.notification)
        method = asked.contact_method
        assert method is not None
        said = Notification.objects.filter(
            alert_id=ask.alert, contact_method=method, purpose=Purpose.TEXT_BACK
        ).count()
        if said >= TEXTS_BACK_MAX:
            return
        if word is TextBack.ASK_FOR_CODE and _was_said(ask, method, word, asked):
            return
        # The link of the ask itself serves: a word back brings no new one.
        _plan_word(ask.alert, method, word, now, token_sealed=asked.token_sealed)

    racing(say)


def _plan_word(
    alert: str, method: ContactMethod, word: TextBack, now: datetime, *, token_sealed: str = ""
) -> None:
    Notification.objects.create(
        id=new_id(),
        alert_id=alert,
        person_id=method.person_id,
        contact_method=method,
        channel=method.channel,
        address_hash=method.address_hash,
        purpose=Purpose.TEXT_BACK,
        news=word,
        message=free_serial(alert),
        due=now,
        created_at=now,
        priority=NEWS,
        token_sealed=token_sealed,
    )
    wake_worker()


def _was_said(ask: AskFound, method: ContactMethod, word: TextBack, asked: Notification) -> bool:
    return Notification.objects.filter(
        alert_id=ask.alert,
        contact_method=method,
        purpose=Purpose.TEXT_BACK,
        news=word,
        created_at__gte=asked.created_at,
    ).exists()


def has_it(alert: str, person: str) -> bool:
    """Whether *person* is the one who has the call now."""
    row = AlertRow.objects.only("state").get(pk=alert)
    hold = (row.state or {}).get("hold") or {}
    return bool(hold) and hold["taker"] == person


def tell_stopped(way: ContactMethod, now: datetime, *, channels_on: frozenset[str]) -> None:
    """Tell somebody who stopped *way*, by another way of theirs, that it is so; a mistake can be put right.

    Somebody no call ever asked hears nothing: there is nothing they could miss. Runs inside the
    transaction that stops the way.
    """
    asked = (
        Notification.objects.filter(contact_method=way, purpose=Purpose.ASK).order_by("-created_at").first()
    )
    others = ContactMethod.objects.filter(
        person_id=way.person_id, ended_at=None, proven_at__isnull=False, channel__in=channels_on
    )
    # A word back rings nobody's phone.
    other = others.exclude(address_hash=way.address_hash).exclude(channel__in=RINGING).first()
    if asked is None or other is None:
        return
    lock_alert(asked.alert_id)
    _plan_word(asked.alert_id, other, TextBack.STOPPED, now)
