"""Who is signed in: one row a browser, told by a cookie whose token is kept as a hash alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from nightlight import chance
from nightlight.store.models import Account, AccountSession
from nightlight.store.sealing import token_hash

TOKEN_BYTES = 24
SESSION_LASTS = timedelta(days=30)
"""Counted from the last look; whoever needs somebody at night must not be asked for a passphrase first."""
SEEN_EVERY = timedelta(minutes=10)
"""So often, at most, a look is written down."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session that holds."""

    account: str
    person: str
    session: str
    """Its hash, by which it can be ended."""
    exit_explained: bool


def new_session(account: str, now: datetime, *, is_lent: bool = False) -> str:
    """A fresh session of *account*; its token, which is shown to the browser and kept nowhere.

    One that *is_lent* by another browser changes nothing about how the account opens.
    """
    token = chance.new_token(TOKEN_BYTES)
    AccountSession.objects.create(
        token_hash=token_hash(token),
        account_id=account,
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION_LASTS,
        is_lent=is_lent,
    )
    return token


def session_of(token: str, now: datetime) -> SignedIn | None:
    """The session that *token* opens, or None, whatever the reason. Looking keeps it open longer."""
    rows = AccountSession.objects.select_related("account").filter(
        token_hash=token_hash(token), ended_at=None, expires_at__gt=now, account__person__isnull=False
    )
    row = rows.first() if token else None
    if row is None:
        return None
    if not timedelta(0) <= now - row.seen_at < SEEN_EVERY:
        AccountSession.objects.filter(pk=row.pk).update(seen_at=now, expires_at=now + SESSION_LASTS)
    assert row.account.person_id is not None
    return SignedIn(
        account=row.account_id,
        person=row.account.person_id,
        session=row.pk,
        exit_explained=row.account.exit_explained_at is not None,
    )


def end_session(session: str, now: datetime) -> None:
    """This browser is signed out."""
    AccountSession.objects.filter(pk=session, ended_at=None).update(ended_at=now)


def end_other_sessions(account: str, session: str, now: datetime) -> int:
    """Every other browser of *account* is signed out; how many there were."""
    others = AccountSession.objects.filter(account_id=account, ended_at=None, expires_at__gt=now)
    return others.exclude(pk=session).update(ended_at=now)


def has_account(person: str) -> bool:
    """Whether *person* can sign in."""
    return Account.objects.filter(person_id=person).exists()
