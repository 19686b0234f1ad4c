"""Passkeys: a key pair on a person's own phone or stick, of which only the public half is kept here.

The cryptography is that of py_webauthn (docs/internals/decisions/0010-passkeys.md). What a passkey signs
is good once and for five minutes, and belongs to the browser that asked for it.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from nightlight import chance, config
from nightlight.store.accounts import note_sign_in
from nightlight.store.models import Account, Challenge, Passkey, SignInHow
from nightlight.store.models.accounts import NAME_LENGTH_MAX
from nightlight.store.sealing import token_hash

CHALLENGE_LASTS = timedelta(minutes=5)
CHALLENGE_BYTES = 32
TOKEN_BYTES = 24
PASSKEYS_MAX = 10
CREDENTIAL_CHARACTERS_MAX = 16_000


class NotAccepted(ValueError):
    """What a passkey brought cannot be taken: too late, used, from elsewhere, or wrong. Pages do not say which."""


class LastWayIn(ValueError):
    """This is the only thing the account opens with."""


@dataclass(frozen=True, kw_only=True)
class PasskeyView:
    """One passkey as its owner sees it."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a browser is to hand to its passkeys, and the token of the cookie that it brings back."""

    options: str
    """As JSON."""
    token: str


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A passkey that was made and proven, to be kept beside an account."""

    credential: str
    public_key: str
    sign_number: int


def ask_for_new(name: str, account: str | None, now: datetime) -> Asked:
    """What a browser needs in order to make a passkey, called *name* there, for *account* or one to come."""
    challenge = _new_challenge()
    kept = Passkey.objects.filter(account_id=account) if account else Passkey.objects.none()
    options = generate_registration_options(
        rp_id=config.current().base_host,
        rp_name=config.current().name,
        user_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in kept
        ],
    )
    return Asked(options=options_to_json(options), token=_keep(challenge, account, now))


def ask_for_one(now: datetime) -> Asked:
    """What a browser needs in order to sign in with a passkey it has. Nobody is named, so nobody is given away."""
    challenge = _new_challenge()
    options = generate_authentication_options(
        rp_id=config.current().base_host,
        challenge=challenge,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Asked(options=options_to_json(options), token=_keep(challenge, None, now))


def _new_challenge() -> bytes:
    return base64url_to_bytes(chance.new_token(CHALLENGE_BYTES))


def _keep(challenge: bytes, account: str | None, now: datetime) -> str:
    token = chance.new_token(TOKEN_BYTES)
    Challenge.objects.filter(expires_at__lte=now).delete()
    Challenge.objects.create(
        token_hash=token_hash(token),
        challenge=bytes_to_base64url(challenge),
        account_id=account,
        expires_at=now + CHALLENGE_LASTS,
    )
    return token


def _use_up(token: str, account: str | None, now: datetime) -> bytes:
    """The challenge behind *token*, which is gone from now on. Raises `NotAccepted`."""
    rows = Challenge.objects.filter(token_hash=token_hash(token))
    with transaction.atomic():
        row = rows.select_for_update().first()
        if row is None or not rows.delete()[0]:
            raise NotAccepted
    if row.expires_at <= now or row.account_id != account:
        raise NotAccepted
    return base64url_to_bytes(row.challenge)


def read_new(credential: str, token: str, account: str | None, now: datetime) -> NewKey:
    """The passkey that a browser made, once it is proven. Raises `NotAccepted`."""
    challenge = _use_up(token, account, now)
    try:
        made = verify_registration_response(
            credential=_parsed(credential),
            expected_challenge=challenge,
            expected_rp_id=config.current().base_host,
            expected_origin=config.current().base_url,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotAccepted from error
    found = bytes_to_base64url(made.credential_id)
    if Passkey.objects.filter(pk=found).exists():
        raise NotAccepted
    return NewKey(
        credential=found,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_number=made.sign_count,
    )


def keep(key: NewKey, account: str, name: str, now: datetime) -> None:
    """Let *key* open *account* from now on; *name* is what its owner calls it. Raises `NotAccepted`."""
    if Passkey.objects.filter(account_id=account).count() >= PASSKEYS_MAX:
        raise NotAccepted
    Passkey.objects.create(
        credential=key.credential,
        account_id=account,
        public_key=key.public_key,
        sign_number=key.sign_number,
        name=" ".join(name.split())[:NAME_LENGTH_MAX],
        created_at=now,
    )


def by_passkey(credential: str, token: str, now: datetime, *, desk: bool = False) -> str:
    """The account that the passkey's signature opens. Raises `NotAccepted`.

    A refused signature of a passkey we know is written into its owner's log.
    """
    challenge = _use_up(token, None, now)
    parsed = _parsed(credential)
    with transaction.atomic():
        rows = Passkey.objects.select_for_update().filter(account__person__isnull=desk)
        row = rows.filter(pk=str(parsed.get("id", ""))).first()
        if row is None:
            raise NotAccepted
        signed = _sign_number(row, parsed, challenge)
        note_sign_in(row.account_id, SignInHow.PASSKEY, now, accepted=signed is not None)
        if signed is not None:
            row.sign_number, row.used_at = signed, now
            row.save(update_fields=["sign_number", "used_at"])
    if signed is None:
        raise NotAccepted
    return row.account_id


def _sign_number(row: Passkey, parsed: dict[str, object], challenge: bytes) -> int | None:
    """The number of this signature, or None when it is not good; one that fell back comes from a copy."""
    try:
        verified = verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=config.current().base_host,
            expected_origin=config.current().base_url,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_number,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return verified.new_sign_count


def _parsed(credential: str) -> dict[str, object]:
    """The JSON of a browser's answer. Raises `NotAccepted`."""
    try:
        value = json.loads(credential[:CREDENTIAL_CHARACTERS_MAX])
    except (ValueError, RecursionError):
        raise NotAccepted from None
    if not isinstance(value, dict):
        raise NotAccepted
    return value


def passkeys_of(account: str) -> tuple[PasskeyView, ...]:
    """The passkeys of *account*, the oldest first."""
    return tuple(
        PasskeyView(id=row.pk, name=row.name, created_at=row.created_at, used_at=row.used_at)
        for row in Passkey.objects.filter(account_id=account)
    )


def remove(credential: str, account: str) -> bool:
    """Forget a passkey of *account*; False when it has none like that. Raises `LastWayIn`."""
    with transaction.atomic():
        owner = Account.objects.select_for_update().get(pk=account)
        mine = Passkey.objects.filter(account=owner)
        if not mine.filter(pk=credential).exists():
            return False
        if not owner.passphrase_hash and mine.count() == 1:
            raise LastWayIn
        mine.filter(pk=credential).delete()
    return True


def remove_all(account: str) -> None:
    """Forget every passkey of *account*, which gets another way in at the same moment."""
    Passkey.objects.filter(account_id=account).delete()
