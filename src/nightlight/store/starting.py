"""How somebody begins: by a link of the host's, or by themselves where the host lets anyone begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from nightlight import chance
from nightlight.store import accounts, passkeys
from nightlight.store.accounts import Prepared
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.hosts import host
from nightlight.store.models import Account, Circle, Person, SignInHow, StartLink
from nightlight.store.passkeys import NewKey
from nightlight.store.sealing import token_hash

TOKEN_BYTES = 24
START_LASTS = timedelta(days=7)
NAME_CHARACTERS_MAX = 100


class LinkRanOut(LookupError):
    """There is no such start link any more, or it was used in the meantime."""


@dataclass(frozen=True, kw_only=True)
class Beginner:
    """Somebody who begins, as they said it."""

    name: str
    zone: str
    language: str
    is_minor: bool = False


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a link, or an open door, lets somebody begin."""

    person: str
    """Somebody known already; empty for whoever is new."""
    name: str


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What came of it."""

    account: str
    person: str
    code: str
    """The printed code, shown once."""


def anyone_may_begin() -> bool:
    """Whether the host lets people begin without a link."""
    return host().anyone_may_begin


def new_start_link(now: datetime, person: str = "") -> str:
    """A token that begins one account, once, within seven days. Raises `NoSuchPerson`.

    For a *person* who has an account it is a new start: all that opened the account before stops.
    """
    if person and not Person.objects.filter(pk=person).exists():
        raise NoSuchPerson(person)
    token = chance.new_token(TOKEN_BYTES)
    StartLink.objects.filter(expires_at__lte=now).delete()
    StartLink.objects.create(
        token_hash=token_hash(token), person_id=person or None, created_at=now, expires_at=now + START_LASTS
    )
    return token


def start_of(token: str, now: datetime) -> Start | None:
    """What the link *token* begins, or None. Looking does not use it up."""
    row = _good(token, now).select_related("person").first()
    if row is None:
        return None
    return Start(person=row.person_id or "", name=row.person.name if row.person else "")


def _good(token: str, now: datetime) -> QuerySet[StartLink]:
    return StartLink.objects.filter(
        token_hash=token_hash(token), used_at=None, expires_at__gt=now, is_host=False
    )


def begin_person(name: str, zone: str, language: str, now: datetime, *, is_minor: bool = False) -> str:
    """A new person with an empty circle; their id, which says nothing. Runs inside the caller's transaction."""
    person = chance.new_id()
    Person.objects.create(
        id=person, name=name, time_zone=zone, language=language, created_at=now, is_minor=is_minor
    )
    Circle.objects.create(person_id=person)
    return person


def begin(
    token: str, beginner: Beginner, way_in: Prepared | NewKey, now: datetime, *, key_name: str = ""
) -> Begun:
    """Use the link up and begin; an empty *token* is the open door. All of it or nothing.

    Raises `LinkRanOut`, `NotTaken`, `NotAccepted`; then the link is still good.
    """
    with transaction.atomic():
        person = _use_link(token, now)
        if person:
            _known(person, beginner)
        else:
            person = begin_person(
                beginner.name, beginner.zone, beginner.language, now, is_minor=beginner.is_minor
            )
        account = _account(person, way_in, now)
        if isinstance(way_in, NewKey):
            passkeys.keep(way_in, account, key_name, now)
        accounts.note_sign_in(account, SignInHow.LINK, now)
        return Begun(account=account, person=person, code=accounts.new_code(account, now))


def _use_link(token: str, now: datetime) -> str:
    """Whom the link is for; empty for somebody new."""
    if not token:
        if not anyone_may_begin():
            raise LinkRanOut
        return ""
    person = _good(token, now).values_list("person_id", flat=True).first()
    if not _good(token, now).update(used_at=now):
        raise LinkRanOut
    return person or ""


def _known(person: str, beginner: Beginner) -> None:
    """Somebody who supports others, or whose circle the host set up, keeps who they are."""
    row = Person.objects.select_for_update().get(pk=person)
    if beginner.is_minor and not row.is_minor:
        row.is_minor = True
        row.save(update_fields=["is_minor"])
    Circle.objects.get_or_create(person_id=person)


def _account(person: str, way_in: Prepared | NewKey, now: datetime) -> str:
    secret = way_in if isinstance(way_in, Prepared) else None
    kept = Account.objects.filter(person_id=person).first()
    if kept is None:
        return accounts.new_account(person, now, secret)
    # Somebody else may hold what opened it before.
    passkeys.remove_all(kept.pk)
    accounts.end_every_session(kept.pk, now)
    Account.objects.filter(pk=kept.pk).update(passphrase_hash="")
    if secret is not None:
        accounts.set_secret(kept.pk, secret)
    return kept.pk


def begin_at_desk(way_in: Prepared | NewKey, name: str, now: datetime) -> str:
    """An account for somebody of the host's, called *name*; its id. Raises `NotTaken`, `NotAccepted`."""
    with transaction.atomic():
        account = accounts.new_account(None, now, way_in if isinstance(way_in, Prepared) else None)
        if isinstance(way_in, NewKey):
            passkeys.keep(way_in, account, name, now)
    return account
