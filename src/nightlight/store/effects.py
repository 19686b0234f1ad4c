"""Carrying out what was decided: effects become rows of the outbox. Nothing is sent here.

Part of stop 5 of the road, inside the one transaction of `store.advance`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from django.db.models import F, Min, Q

from nightlight import chance
from nightlight.chance import new_id
from nightlight.engine.effects import (
    BringForward,
    CancelPending,
    Effect,
    News,
    Notify,
    PlannedWay,
    Purpose,
    ScheduleFollowUps,
    SetTimer,
    StandDown,
    TellCaller,
    TellHost,
)
from nightlight.store import follow_ups
from nightlight.store.hosts import host, host_ways
from nightlight.store.models import Circle, ContactMethod, Membership, Notification, NotificationStatus
from nightlight.store.sealing import ADDRESS, CODE, UnreadableError, look_up_hash, seal, token_hash
from nightlight.store.wanted import PLAIN_ASK

_log = structlog.get_logger()

# What goes out before what, when there is more to send than hands to send it (rule 11).
FIRST_ASK, ASK, NEWS, CALLER_AND_HOST, REPEAT = range(5)

TOLD = "told"
"""Why a way of some news is not needed: it went out by another."""

CODE_DIGITS = 6
TOKEN_BYTES = 24
"""In an answer link: 192 bits."""

PROVIDER_NEWS_EVERY = timedelta(hours=1)
"""The host hears no more often than this that a provider refuses our account."""


def carry_out(
    effect: Effect, alert_id: str, circle: Circle, now: datetime, channels_on: frozenset[str]
) -> None:
    """Turn one effect into rows."""
    match effect:
        case Notify():
            _ask(effect, alert_id, circle, now)
        case StandDown():
            _plan_all(alert_id, enumerate(effect.ways), now, _news_fields(effect))
        case TellCaller():
            _tell_caller(effect, alert_id, circle, now, channels_on)
        case TellHost():
            _tell_host(effect, alert_id, now, channels_on)
        case BringForward():
            bring_forward(alert_id, effect.message, now)
        case CancelPending():
            _cancel(effect, alert_id)
        case ScheduleFollowUps():
            follow_ups.plan_safely(effect, alert_id, circle, now)
        case SetTimer():
            pass  # The timer is a column of the alert's own row, saved with it.
        case _:
            raise AssertionError(f"no one carries out {type(effect).__name__}")


def _ask(effect: Notify, alert_id: str, circle: Circle, now: datetime) -> None:
    earlier = Notification.objects.filter(alert_id=alert_id, purpose=Purpose.ASK, person_id=effect.person)
    asked = list(earlier.filter(message__in=(effect.message, PLAIN_ASK)))
    known = {row.contact_method_id: row for row in asked if row.message == effect.message}
    fields = {
        "purpose": Purpose.ASK,
        "person_id": effect.person,
        "message": effect.message,
        "rung": effect.rung,
        "first": effect.first,
        # The rules know nothing of a plain ask made while the alert was set aside; the person does.
        "again": effect.again or any(row.message == PLAIN_ASK for row in asked),
        "wished": effect.wished,
        "priority": FIRST_ASK if effect.first else ASK,
    }
    fresh = [(position, way) for position, way in enumerate(effect.ways) if way.contact_method not in known]
    for way in effect.ways:
        row = known.get(way.contact_method)
        if row is not None and row.status == NotificationStatus.CANCELLED:
            _revive(row, way)
    _plan_all(alert_id, fresh, now, fields)
    if not known:
        Membership.objects.filter(circle=circle, person_id=effect.person).update(last_asked_at=now)


def _revive(row: Notification, way: PlannedWay) -> None:
    Notification.objects.filter(pk=row.pk, status=NotificationStatus.CANCELLED).update(
        status=NotificationStatus.PLANNED, due=way.due, settled_at=None, why=""
    )


def _news_fields(effect: StandDown) -> dict[str, object]:
    return {
        "purpose": effect.purpose,
        "person_id": effect.person,
        "news": effect.news,
        "message": effect.message,
        "hold": effect.hold,
        "priority": NEWS,
    }


def plan(
    alert_id: str, way: PlannedWay, position: int, now: datetime, fields: Mapping[str, object]
) -> Notification:
    """Write down one message to one way, to be sent when *way* is due; *fields* are further columns."""
    return _plan_all(alert_id, [(position, way)], now, fields)[0]


def _plan_all(
    alert_id: str, ways: Iterable[tuple[int, PlannedWay]], now: datetime, fields: Mapping[str, object]
) -> list[Notification]:
    """Write down one message to each of *ways*, each with its place among them."""
    placed = list(ways)
    methods = ContactMethod.objects.in_bulk([way.contact_method for _, way in placed])
    columns = {"alert_id": alert_id, "created_at": now, **fields}
    rows = [_row(methods[way.contact_method], position, way.due, columns) for position, way in placed]
    return Notification.objects.bulk_create(rows)


def _row(
    method: ContactMethod, position: int, due: datetime | None, fields: Mapping[str, object]
) -> Notification:
    row = Notification(
        id=new_id(),
        contact_method=method,
        channel=method.channel,
        address_hash=method.address_hash,
        position=position,
        due=due,
        **fields,
    )
    _give_token(row)
    return row


def _give_token(row: Notification) -> None:
    """Give *row* its own answer link and, for an ask by text, the digits that answer it."""
    token = chance.new_token(TOKEN_BYTES)
    row.token_hash = token_hash(token)
    row.token_sealed = seal(token)
    if row.purpose == Purpose.ASK:
        code = chance.digits(CODE_DIGITS)
        row.code_hash = look_up_hash(code, CODE)
        row.code_sealed = seal(code)


def _tell_caller(
    effect: TellCaller, alert_id: str, circle: Circle, now: datetime, channels_on: frozenset[str]
) -> None:
    """News for the caller by their own proven ways, one after another; switched off, only their page tells."""
    if not circle.tell_caller:
        return
    ways = ContactMethod.objects.filter(
        person_id=circle.person_id, ended_at=None, proven_at__isnull=False, channel__in=channels_on
    )
    fields: dict[str, object] = {
        "alert_id": alert_id,
        "created_at": now,
        "purpose": Purpose.CALLER_NEWS,
        "person_id": circle.person_id,
        "news": effect.news,
        "message": effect.message,
        "hold": effect.hold,
        "about_id": effect.about,
        "priority": CALLER_AND_HOST,
    }
    Notification.objects.bulk_create(
        _row(method, position, now if position == 0 else None, fields) for position, method in enumerate(ways)
    )


def _tell_host(effect: TellHost, alert_id: str, now: datetime, channels_on: frozenset[str]) -> None:
    """News for whoever runs the service, by each of their ways at once: a desk may be empty."""
    try:
        ways = host_ways(host())
    except UnreadableError:
        # Keys were changed and these left behind: the ladder must go on all the same.
        _log.error("the host's ways cannot be read", alert=alert_id)
        return
    for position, way in enumerate(ways):
        if way["channel"] not in channels_on:
            continue
        Notification.objects.create(
            id=new_id(),
            alert_id=alert_id,
            host_way=position,
            channel=way["channel"],
            address_hash=look_up_hash(way["to"], ADDRESS),
            purpose=Purpose.HOST_NEWS,
            news=effect.news,
            message=effect.message,
            hold=effect.hold,
            position=position,
            due=now,
            created_at=now,
            priority=CALLER_AND_HOST,
        )


def tell_host(alert_id: str, news: News, now: datetime, channels_on: frozenset[str]) -> None:
    """Tell the host of something around a call that no rule of the call decided."""
    _tell_host(TellHost(news=news, message=free_serial(alert_id), hold=0), alert_id, now, channels_on)


def tell_host_of_provider(alert_id: str, now: datetime, channels_on: frozenset[str]) -> bool:
    """Tell the host, at most hourly, that a provider refuses our account; whether that was told now."""
    lately = Notification.objects.filter(
        news=News.PROVIDER_REFUSES_US, created_at__gt=now - PROVIDER_NEWS_EVERY
    )
    if lately.exists():
        return False
    tell_host(alert_id, News.PROVIDER_REFUSES_US, now, channels_on)
    return True


def bring_forward(alert_id: str, message: int, now: datetime, *, person: str | None = None) -> bool:
    """Let the next way of *message* that has not gone out go now; whether there was one.

    *person* is needed for plain asks alone, which all bear one number.
    """
    held = Q(status=NotificationStatus.PLANNED) | Q(status=NotificationStatus.CANCELLED, why=TOLD)
    waiting = Notification.objects.filter(
        held, alert_id=alert_id, message=message, evidence="", failed_before=False
    )
    if person is not None:
        waiting = waiting.filter(person_id=person)
    row = waiting.order_by(F("due").asc(nulls_last=True), "position").first()
    if row is None:
        return False
    if row.status == NotificationStatus.CANCELLED or row.due is None or row.due > now:
        Notification.objects.filter(pk=row.pk).update(status=NotificationStatus.PLANNED, due=now, why="")
    return True


def free_serial(alert_id: str) -> int:
    """A number for a message no rule asked for: below 0, and below every one used in this call."""
    lowest = Notification.objects.filter(alert_id=alert_id).aggregate(lowest=Min("message"))["lowest"]
    return min(lowest or 0, PLAIN_ASK) - 1


def _cancel(effect: CancelPending, alert_id: str) -> None:
    rows = Notification.objects.filter(
        alert_id=alert_id, status=NotificationStatus.PLANNED, purpose__in=list(effect.purposes)
    )
    if effect.person is not None:
        rows = rows.filter(person_id=effect.person)
    rows.update(status=NotificationStatus.CANCELLED)
