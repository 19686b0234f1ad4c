"""Coming in with a name and a passphrase, or with the printed code; and what was tried, for the person to read.

Mail plays no part: whoever reads somebody's mail comes no nearer to their account. Passkeys are in
`store.passkeys`; the passphrase is hashed with scrypt by Django (settings.PASSWORD_HASHERS).
"""

import base64
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from nightlight import chance
from nightlight.store.models import Account, AccountSession, HostSession, SignIn, SignInHow
from nightlight.store.models.accounts import NAME_LENGTH_MAX
from nightlight.store.sealing import token_hash

TRIES_MAX = 10
"""Wrong passphrases for one name within `TRIES_WITHIN`; then that road rests. Passkeys and the code do not."""
TRIES_WITHIN = timedelta(minutes=15)
PASSPHRASE_CHARACTERS_MIN = 10
PASSPHRASE_CHARACTERS_MAX = 500
WORDS_ENOUGH = 4
NAME_CHARACTERS_MIN = 2
OWN_LEFT_MIN = 6
"""So many letters must be left of a passphrase without the names that anybody would try."""
DIFFERENT_CHARACTERS_MIN = 4
CODE_BYTES = 20
"""160 bits: nobody guesses that, so a plain hash of it is kept."""
CODE_GROUP = 4
LOG_SHOWN = 30

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ON_PAPER = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's letters: without I, L, O and U, which are taken for others when they are written down."""
_TO_PAPER = str.maketrans(_BASE32, _ON_PAPER)
_MISREAD = str.maketrans("OIL", "011")

_common = CommonPasswordValidator()


class Unfit(StrEnum):
    """Why a name or a passphrase cannot be taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    OWN_NAME = "own_name"
    NAME_UNFIT = "name_unfit"
    NAME_TAKEN = "name_taken"


class NotTaken(ValueError):
    """A name or a passphrase that cannot be taken; `why` says so for the page."""

    def __init__(self, why: Unfit) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What somebody signs in with when there is no passkey: as it was typed."""

    name: str
    passphrase: str


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The same, checked and hashed."""

    name: str
    passphrase_hash: str


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """What the person sees of their own account."""

    id: str
    sign_in_name: str
    has_passphrase: bool
    recovery_made_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """One browser that is signed in."""

    is_this: bool
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class TryView:
    """One line of the log."""

    at: datetime
    how: str
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class DeskAccount:
    """Somebody of the host's who may sign in at the desk."""

    id: str
    sign_in_name: str
    created_at: datetime


def tidy_name(name: str) -> str:
    """*name* as it is kept: in small letters, with single spaces. Raises `NotTaken`."""
    tidied = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    if not (NAME_CHARACTERS_MIN <= len(tidied) <= NAME_LENGTH_MAX and tidied.isprintable()):
        raise NotTaken(Unfit.NAME_UNFIT)
    return tidied


def check_passphrase(passphrase: str, own_names: Iterable[str]) -> None:
    """Raise `NotTaken` when *passphrase* is too short, or is among the first that anybody would try.

    Long enough are ten characters or four words; which characters they are is nobody's business.
    """
    plain = _plain(passphrase)
    if len(plain) > PASSPHRASE_CHARACTERS_MAX:
        raise NotTaken(Unfit.TOO_LONG)
    if len(plain) < PASSPHRASE_CHARACTERS_MIN and len(plain.split()) < WORDS_ENOUGH:
        raise NotTaken(Unfit.TOO_SHORT)
    small = plain.casefold()
    left = small
    for name in own_names:
        for part in name.casefold().split():
            left = left.replace(part, "") if len(part) >= NAME_CHARACTERS_MIN else left
    if left != small and len(re.sub(r"\W|\d", "", left)) < OWN_LEFT_MIN:
        raise NotTaken(Unfit.OWN_NAME)
    if len(set(small) - {" "}) < DIFFERENT_CHARACTERS_MIN or _is_common(small):
        raise NotTaken(Unfit.COMMON)


def _is_common(passphrase: str) -> bool:
    """Whether it is on Django's list of the twenty thousand most used, or only repeats such a one."""
    squeezed = re.sub(r"[\s\d]+$", "", passphrase) or passphrase
    for each in {passphrase, passphrase.replace(" ", ""), squeezed}:
        try:
            _common.validate(each)
        except ValidationError:
            return True
    return False


def _plain(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase).strip()


def prepare(secret: Secret, own_names: Iterable[str]) -> Prepared:
    """*secret* ready to be kept; to be done outside any transaction, for it takes a moment on purpose.

    An empty name stays empty. Raises `NotTaken`.
    """
    name = tidy_name(secret.name) if secret.name else ""
    check_passphrase(secret.passphrase, (*own_names, name))
    return Prepared(name=name, passphrase_hash=make_password(_plain(secret.passphrase)))


def new_account(person: str | None, now: datetime, secret: Prepared | None) -> str:
    """An account for *person*, or with None for the desk; its id. Without *secret* a passkey must follow.

    Raises `NotTaken`. Runs inside the caller's transaction.
    """
    row = Account(id=chance.new_id(), person_id=person, created_at=now)
    if secret is not None:
        _put(row, secret)
    _save(row)
    return row.pk


def set_secret(account: str, secret: Prepared) -> None:
    """Exchange name and passphrase; without a name it stays what it was. Raises `NotTaken`."""
    row = Account.objects.get(pk=account)
    _put(row, secret)
    _save(row)


def _put(row: Account, secret: Prepared) -> None:
    name = secret.name or row.sign_in_name
    if not name:
        raise NotTaken(Unfit.NAME_UNFIT)
    if Account.objects.filter(sign_in_name=name).exclude(pk=row.pk).exists():
        raise NotTaken(Unfit.NAME_TAKEN)
    row.sign_in_name, row.passphrase_hash = name, secret.passphrase_hash


def _save(row: Account) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # Two people chose it at once.
        if row.sign_in_name and Account.objects.filter(sign_in_name=row.sign_in_name).exists():
            raise NotTaken(Unfit.NAME_TAKEN) from None
        raise


def by_passphrase(secret: Secret, now: datetime, *, desk: bool = False) -> str | None:
    """The account that *secret* opens, or None, whatever the reason; the same work is done for each.

    A wrong try is written down before the passphrase is looked at, so that tries made at once count too;
    once there are ten in a quarter of an hour, no passphrase is looked at for this name.
    """
    plain = _plain(secret.passphrase)[:PASSPHRASE_CHARACTERS_MAX]
    row, taken = _reserve_try(secret.name, now, desk=desk)
    if row is None or taken is None or not row.passphrase_hash:
        make_password(plain)
        return None
    if not check_password(plain, row.passphrase_hash):
        return None
    SignIn.objects.filter(pk=taken).update(accepted=True)
    return row.pk


def _reserve_try(name: str, now: datetime, *, desk: bool) -> tuple[Account | None, int | None]:
    try:
        tidied = tidy_name(name)
    except NotTaken:
        return None, None
    with transaction.atomic():
        rows = Account.objects.select_for_update().filter(person__isnull=desk)
        row = rows.filter(sign_in_name=tidied).first()
        if row is None or _wrong_tries(row.pk, now) >= TRIES_MAX:
            return row, None
        tried = SignIn.objects.create(account=row, at=now, how=SignInHow.PASSPHRASE, accepted=False)
    return row, tried.pk


def _wrong_tries(account: str, now: datetime) -> int:
    wrong = SignIn.objects.filter(account_id=account, how=SignInHow.PASSPHRASE, accepted=False)
    return wrong.filter(at__gt=now - TRIES_WITHIN, at__lte=now).count()


def note_sign_in(account: str, how: SignInHow, now: datetime, *, accepted: bool = True) -> None:
    """One line for the log of *account*."""
    SignIn.objects.create(account_id=account, at=now, how=how, accepted=accepted)


def new_code(account: str, now: datetime) -> str:
    """A fresh code to print, in groups of letters; the one before is good no more."""
    token = chance.new_token(CODE_BYTES)
    drawn = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    letters = base64.b32encode(drawn).decode().rstrip("=").translate(_TO_PAPER)
    Account.objects.filter(pk=account).update(recovery_hash=token_hash(letters), recovery_made_at=now)
    return "-".join(letters[at : at + CODE_GROUP] for at in range(0, len(letters), CODE_GROUP))


def read_code(written: str) -> str:
    """*written* as the code was made, however it was copied from paper."""
    return re.sub(r"[^0-9A-Z]", "", written.upper()).translate(_MISREAD)


def recover(written: str, secret: Secret, now: datetime) -> tuple[str, str] | None:
    """With the printed code: a new passphrase, every session ended. The account and its next code.

    None when the code is not good. Raises `NotTaken`, and then the code is not used up.
    """
    kept = token_hash(read_code(written))
    rows = Account.objects.filter(recovery_hash=kept, person__isnull=False).select_related("person")
    row = rows.first()
    if row is None or row.person is None:
        return None
    prepared = prepare(secret, (row.person.name, row.sign_in_name or ""))
    with transaction.atomic():
        if not rows.select_for_update(of=("self",)).exists():
            return None
        set_secret(row.pk, prepared)
        end_every_session(row.pk, now)
        note_sign_in(row.pk, SignInHow.RECOVERY, now)
        return row.pk, new_code(row.pk, now)


def end_every_session(account: str, now: datetime) -> None:
    """Nobody is signed in with *account* any more."""
    AccountSession.objects.filter(account_id=account, ended_at=None).update(ended_at=now)


def account_view(account: str) -> AccountView:
    """The account as its owner sees it."""
    row = Account.objects.get(pk=account)
    return AccountView(
        id=row.pk,
        sign_in_name=row.sign_in_name or "",
        has_passphrase=bool(row.passphrase_hash),
        recovery_made_at=row.recovery_made_at,
    )


def sessions_of(account: str, this: str, now: datetime) -> tuple[SessionView, ...]:
    """Every browser that is signed in, the newest first; *this* is the session of whoever looks."""
    rows = AccountSession.objects.filter(account_id=account, ended_at=None, expires_at__gt=now)
    return tuple(
        SessionView(is_this=row.pk == this, created_at=row.created_at, seen_at=row.seen_at)
        for row in rows.order_by("-created_at")
    )


def signed_in_since(session: str) -> datetime | None:
    """When somebody signed in with this session by a secret of theirs; None when another browser let them in."""
    return (
        AccountSession.objects.filter(is_lent=False, pk=session).values_list("created_at", flat=True).first()
    )


def log_of(account: str) -> tuple[TryView, ...]:
    """The last thirty sign-ins and tries, the newest first."""
    rows = SignIn.objects.filter(account_id=account)[:LOG_SHOWN]
    return tuple(TryView(at=row.at, how=row.how, accepted=row.accepted) for row in rows)


def explain_exit(account: str, now: datetime) -> None:
    """The person read what quick exit does and does not."""
    Account.objects.filter(pk=account, exit_explained_at=None).update(exit_explained_at=now)


def desk_accounts() -> tuple[DeskAccount, ...]:
    """Everybody who may sign in at the desk, the oldest first."""
    rows = Account.objects.filter(person=None).order_by("created_at", "id")
    return tuple(
        DeskAccount(id=row.pk, sign_in_name=row.sign_in_name or "", created_at=row.created_at) for row in rows
    )


def end_desk_account(account: str) -> bool:
    """Take *account* away, and close the desk wherever it was opened with it; False when there is none."""
    with transaction.atomic():
        gone, _ = Account.objects.filter(pk=account, person=None).delete()
        HostSession.objects.filter(account=account).delete()
    return bool(gone)
