"""Who may open what: answer links, a person's own page, the host's desk, tokens of other programs.

The only place with queries for that. Every token has 192 random bits and is kept as a hash alone; a
look-up answers with what the token opens or with None, whatever the reason, so that an unknown, an
expired and a garbled token cannot be told apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from nightlight import chance
from nightlight.engine.effects import Purpose
from nightlight.store.advance import Advanced
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.inbound import LINKS_LAST
from nightlight.store.models import (
    ApiToken,
    HostLink,
    HostSession,
    IdempotencyKey,
    Notification,
    Person,
    PersonLink,
)
from nightlight.store.races import racing
from nightlight.store.sealing import token_hash

TOKEN_BYTES = 24
HOST_LINK_LASTS = timedelta(minutes=15)
"""How long the button of a host's link works."""
HOST_SESSION_LASTS = timedelta(hours=12)
KEYS_LAST = timedelta(hours=24)
"""How long an Idempotency-Key is remembered."""
TOKEN_NAME_CHARACTERS_MAX = 100


class TokenError(ValueError):
    """A token for programs cannot be made or revoked; the message says why, and what would be right."""


class KeyReused(ValueError):
    """An Idempotency-Key came again for another person's call."""


class Scope(StrEnum):
    """What a program may do."""

    CALL = "call"
    READ = "read"
    METRICS = "metrics"
    """Counts and ages alone: whoever watches machines need not see who calls."""


@dataclass(frozen=True, kw_only=True)
class AnswerLink:
    """What an answer link opens: one person's page about one call."""

    alert: str
    person: str
    token: str = field(default="", repr=False, compare=False)
    """Of the link itself, for links between its pages."""


@dataclass(frozen=True, kw_only=True)
class ApiCaller:
    """The program behind a token."""

    id: int
    scopes: frozenset[Scope]


@dataclass(frozen=True, kw_only=True)
class ApiTokenView:
    """A token that was not revoked, for the host's list."""

    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    last_called_at: datetime | None
    """When it last raised a call; looking changes nothing and is not written down."""


@dataclass(frozen=True, kw_only=True)
class CalledOnce:
    """The call a program asked for, the first time or again."""

    alert: str
    is_new: bool


def _new_token() -> str:
    return chance.new_token(TOKEN_BYTES)


def new_person_link(person: str, now: datetime) -> str:
    """A token for *person*'s own page; the ones before stop working. Raises `NoSuchPerson`."""
    token = _new_token()
    with transaction.atomic():
        # Two made at once must not both stay good.
        if not Person.objects.select_for_update().filter(pk=person).exists():
            raise NoSuchPerson(person)
        PersonLink.objects.filter(person_id=person, replaced_at=None).update(replaced_at=now)
        PersonLink.objects.create(token_hash=token_hash(token), person_id=person, created_at=now)
    return token


def person_of_link(token: str, now: datetime) -> str | None:
    """Whose own page *token* opens: that of a link, or of a message about their own call; or None."""
    linked = PersonLink.objects.filter(token_hash=token_hash(token), replaced_at=None)
    person = linked.values_list("person_id", flat=True).first()
    if person is not None:
        return person
    row = _with_token(token, now).filter(purpose=Purpose.CALLER_NEWS).first()
    return row.person_id if row else None


def find_notification(token: str, now: datetime) -> AnswerLink | None:
    """What the answer link *token* opens, until seven days after its call ended; or None."""
    row = _with_token(token, now).exclude(purpose=Purpose.CALLER_NEWS).first()
    if row is None or row.person_id is None:
        return None
    return AnswerLink(alert=row.alert_id, person=row.person_id, token=token)


def _with_token(token: str, now: datetime) -> QuerySet[Notification]:
    lasting = Q(alert__resolved_at=None) | Q(alert__resolved_at__gt=now - LINKS_LAST)
    return Notification.objects.filter(lasting, token_hash=token_hash(token))


def new_host_link(now: datetime) -> str:
    """A token whose one button opens the host's desk, once, within 15 minutes."""
    token = _new_token()
    HostLink.objects.filter(expires_at__lte=now).delete()
    HostLink.objects.create(token_hash=token_hash(token), created_at=now, expires_at=now + HOST_LINK_LASTS)
    return token


def is_host_link(token: str, now: datetime) -> bool:
    """Whether *token* would open the desk now. Asking does not use it up."""
    return _good_host_links(token, now).exists()


def open_host_session(token: str, now: datetime) -> str | None:
    """Use the link up and open a session of 12 hours; its token, or None when the link is not good."""
    with transaction.atomic():
        if not _good_host_links(token, now).update(used_at=now):
            return None
        return new_host_session(now)


def new_host_session(now: datetime, account: str = "") -> str:
    """A session of 12 hours at the desk, for *account* or for whoever had a link; its token."""
    session = _new_token()
    HostSession.objects.filter(expires_at__lte=now).delete()
    HostSession.objects.create(
        token_hash=token_hash(session), created_at=now, expires_at=now + HOST_SESSION_LASTS, account=account
    )
    return session


def _good_host_links(token: str, now: datetime) -> QuerySet[HostLink]:
    return HostLink.objects.filter(token_hash=token_hash(token), used_at=None, expires_at__gt=now)


def is_host_session(token: str, now: datetime) -> bool:
    """Whether *token* is that of an open session at the desk."""
    return HostSession.objects.filter(
        token_hash=token_hash(token), ended_at=None, expires_at__gt=now
    ).exists()


def end_host_session(token: str, now: datetime) -> None:
    """Close the desk in this browser."""
    HostSession.objects.filter(token_hash=token_hash(token), ended_at=None).update(ended_at=now)


def create_api_token(name: str, scopes: frozenset[Scope], now: datetime) -> str:
    """A token for another program of the host's, shown this once. Raises `TokenError`."""
    name = name.strip()
    if not (name and name.isprintable() and len(name) <= TOKEN_NAME_CHARACTERS_MAX):
        raise TokenError(
            f"a token's name is one line of 1 to {TOKEN_NAME_CHARACTERS_MAX} characters; name the program that uses it"
        )
    if not scopes:
        raise TokenError("a token without a scope may do nothing; give it call, read or metrics, or several")
    token = _new_token()
    try:
        with transaction.atomic():
            ApiToken.objects.create(
                name=name, token_hash=token_hash(token), scopes=sorted(scopes), created_at=now
            )
    except IntegrityError:
        raise TokenError(
            f"there is a token called {name!r} already; choose another name, or revoke that one first"
        ) from None
    return token


def api_tokens() -> list[ApiTokenView]:
    """The tokens that are good, by name."""
    return [
        ApiTokenView(
            name=row.name,
            scopes=tuple(map(Scope, row.scopes)),
            created_at=row.created_at,
            last_called_at=row.last_used_at,
        )
        for row in ApiToken.objects.filter(revoked_at=None).order_by("name")
    ]


def revoke_api_token(name: str, now: datetime) -> None:
    """From now on this token opens nothing. Raises `TokenError`."""
    if not ApiToken.objects.filter(name=name.strip(), revoked_at=None).update(revoked_at=now):
        raise TokenError(f"there is no token called {name!r}; `nightlight token list` names those there are")


def api_caller(token: str) -> ApiCaller | None:
    """The program behind *token*, or None."""
    row = ApiToken.objects.filter(token_hash=token_hash(token), revoked_at=None).first()
    return ApiCaller(id=row.pk, scopes=frozenset(map(Scope, row.scopes))) if row else None


def call_by_program(
    caller: ApiCaller, person: str, key: str, now: datetime, call: Callable[[], Advanced]
) -> CalledOnce:
    """Let *call* happen; with a *key* that was used within 24 hours, the call it brought about then.

    The key is kept in the transaction of the call itself, so that a crash between the two cannot
    raise a call twice. Raises `KeyReused`, and what *call* raises.
    """

    def once() -> CalledOnce:
        known = _call_with_key(caller, person, key, now) if key else None
        if known is not None:
            # Only a commit that writes waits for the standbys, and the wait of the first try may have been cancelled.
            ApiToken.objects.filter(pk=caller.id).update(last_used_at=now)
            return known
        advanced = call()
        ApiToken.objects.filter(pk=caller.id).update(last_used_at=now)
        if key:
            IdempotencyKey.objects.create(
                token_id=caller.id, key_hash=token_hash(key), alert_id=advanced.alert_id, created_at=now
            )
        return CalledOnce(alert=advanced.alert_id, is_new=advanced.is_new)

    try:
        return racing(once)
    except IntegrityError:
        # The same key arrived twice at once, and the other one was first.
        return racing(once)


def _call_with_key(caller: ApiCaller, person: str, key: str, now: datetime) -> CalledOnce | None:
    IdempotencyKey.objects.filter(created_at__lte=now - KEYS_LAST).delete()
    rows = IdempotencyKey.objects.select_related("alert")
    kept = rows.filter(token_id=caller.id, key_hash=token_hash(key)).first()
    if kept is None:
        return None
    if kept.alert.person_id != person:
        raise KeyReused(
            "this Idempotency-Key was used for somebody else's call; use a fresh one for each call"
        )
    # A call that was new was raised at the very instant its key was kept.
    return CalledOnce(alert=kept.alert_id, is_new=kept.alert.raised_at == kept.created_at)
