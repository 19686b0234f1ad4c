"""What came back, matched to what was asked; and ways that people withdraw or take up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Q, QuerySet

from nightlight.engine.effects import Purpose
from nightlight.engine.events import ContactMethodWithdrawn
from nightlight.engine.ids import ContactMethodId, PersonId
from nightlight.engine.state import AlertStatus
from nightlight.store.advance import advance_within
from nightlight.store.effects import NEWS, bring_forward, new_id
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import (
    ContactMethod,
    KeptReply,
    Notification,
    NotificationStatus,
    ReplyTry,
)
from nightlight.store.sealing import ADDRESS, CODE, look_up_hashes, seal
from nightlight.store.wake import wake_worker

Way = ContactMethod
"""A way as intake handles it: by its id, its channel and whose it is."""

TRIES_MAX = 5
"""After this many wrong codes from one number, no text from it answers that call."""
TEXTS_BACK_MAX = 12
"""Two machines that answer one another stop here."""
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
        Notification.objects.filter(recent, purpose=Purpose.ASK, contact_method__in=list(ways))
        .exclude(status=NotificationStatus.PLANNED, evidence="")
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


def keep_words(ask: AskFound, text: str, now: datetime) -> None:
    """Keep what somebody wrote, sealed, for whoever has the call."""
    KeptReply.objects.create(alert_id=ask.alert, person_id=ask.person, text_sealed=seal(text), at=now)


def text_back(ask: AskFound, word: TextBack, now: datetime) -> None:
    """Plan one word back by the way the text came from; said once a call, however often they ask."""
    asked = Notification.objects.select_related("contact_method").get(pk=ask.notification)
    method = asked.contact_method
    assert method is not None
    repeats = Notification.objects.filter(
        alert_id=ask.alert, contact_method=method, purpose=Purpose.TEXT_BACK
    ).count()
    if repeats >= TEXTS_BACK_MAX:
        return
    if word is TextBack.ASK_FOR_CODE and _was_said(ask, method, word, asked.message):
        return
    Notification.objects.create(
        id=new_id(),
        alert_id=ask.alert,
        person_id=ask.person,
        contact_method=method,
        channel=method.channel,
        address_hash=method.address_hash,
        purpose=Purpose.TEXT_BACK,
        news=word,
        # Serials of the rules count up from 1 and those of plain asks are few; these never meet them.
        message=-1000 - repeats,
        hold=asked.message,
        due=now,
        created_at=now,
        priority=NEWS,
        # The link of the ask itself serves: a word back brings no new one.
        token_sealed=asked.token_sealed,
    )
    wake_worker()


def _was_said(ask: AskFound, method: ContactMethod, word: TextBack, message: int) -> bool:
    return Notification.objects.filter(
        alert_id=ask.alert, contact_method=method, purpose=Purpose.TEXT_BACK, news=word, hold=message
    ).exists()


def withdraw_way(way: ContactMethod, why: str, now: datetime, *, channels_on: frozenset[str]) -> None:
    """A way is gone from this moment: what was planned for it is not sent, and the next way goes now."""
    with transaction.atomic():
        ended = ContactMethod.objects.filter(pk=way.pk, ended_at=None).update(ended_at=now, ended_why=why)
        if not ended:
            return
        planned = Notification.objects.filter(contact_method=way, status=NotificationStatus.PLANNED)
        news = [(row.alert_id, row.message) for row in planned.exclude(purpose=Purpose.ASK)]
        planned.update(status=NotificationStatus.SKIPPED, why="way_withdrawn", settled_at=now)
        for alert_id, message in news:
            bring_forward(alert_id, message, now)
        for alert in _open_alerts_asking(way):
            event = ContactMethodWithdrawn(
                person=PersonId(way.person_id), contact_method=ContactMethodId(way.pk)
            )
            advance_within(alert, event, now=now, channels_on=channels_on)
        wake_worker()


def _open_alerts_asking(way: ContactMethod) -> list[str]:
    rows = AlertRow.objects.exclude(status=AlertStatus.RESOLVED)
    return list(rows.filter(notifications__contact_method=way).distinct().values_list("pk", flat=True))


def take_up_way_again(way: ContactMethod) -> bool:
    """The person themselves wants a way back that they stopped by a word; whether there was one."""
    return bool(ContactMethod.objects.filter(pk=way.pk, ended_why="stop").update(ended_at=None, ended_why=""))


def has_it(alert: str, person: str) -> bool:
    """Whether *person* is the one who has the call now."""
    row = AlertRow.objects.only("state").get(pk=alert)
    hold = (row.state or {}).get("hold") or {}
    return bool(hold) and hold["taker"] == person
