"""After a new host key was put before the old one: every row is sealed and hashed anew, in pieces."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from nightlight import clock
from nightlight.store import sealing
from nightlight.store.models import (
    CallCard,
    CallWish,
    CheckIn,
    Circle,
    ContactMethod,
    FollowUp,
    HereNote,
    Host,
    Invitation,
    KeptReply,
    ListLine,
    MemberNote,
    Membership,
    NeverContact,
    Notice,
    Notification,
    PlanPairing,
    PlanShare,
    PlanSlot,
    Promise,
    Quiet,
    Stay,
    WordBack,
)
from nightlight.store.pieces import PIECE_SECONDS
from nightlight.store.sealing import ADDRESS, CODE, UnreadableError, look_up_hash, seal, unseal

NAMED_MAX = 5


@dataclass(frozen=True, kw_only=True)
class Column:
    """What is made with a host key in one column, and how a row's new values are made."""

    model: type[models.Model]
    field: str
    renewed: Callable[[Any], dict[str, str]]
    """The new values of one row, by field. Raises `UnreadableError`."""


def _sealed(model: type[models.Model], field: str, *, hash_field: str = "", purpose: str = "") -> Column:
    def renewed(row: Any) -> dict[str, str]:
        text = unseal(getattr(row, field))
        values = {field: seal(text)}
        if hash_field:
            values[hash_field] = look_up_hash(text, purpose)
        return values

    return Column(model=model, field=field, renewed=renewed)


def _address_hash_of(row: Any) -> dict[str, str]:
    # The copy beside a notification has no clear text of its own; that of its way is the same.
    if row.contact_method is None:
        return {"address_hash": ""}
    return {"address_hash": look_up_hash(unseal(row.contact_method.address_sealed), ADDRESS)}


# The tries of an address for one call (ReplyTry) are not here: there is no text beside them, and
# they are looked for under every key.
COLUMNS = (
    _sealed(NeverContact, "address_sealed", hash_field="address_hash", purpose=ADDRESS),
    _sealed(ContactMethod, "address_sealed", hash_field="address_hash", purpose=ADDRESS),
    _sealed(Circle, "reach_sealed"),
    _sealed(Host, "ways_sealed"),
    _sealed(Host, "push_key_sealed"),
    _sealed(Notification, "token_sealed"),
    _sealed(Notification, "code_sealed", hash_field="code_hash", purpose=CODE),
    Column(model=Notification, field="address_hash", renewed=_address_hash_of),
    _sealed(KeptReply, "text_sealed"),
    _sealed(Membership, "lock_words_sealed"),
    _sealed(Membership, "pretext_sealed"),
    _sealed(Invitation, "token_sealed"),
    _sealed(Invitation, "words_sealed"),
    _sealed(Invitation, "reply_sealed"),
    _sealed(HereNote, "text_sealed"),
    _sealed(CallWish, "text_sealed"),
    _sealed(Notice, "token_sealed"),
    _sealed(Notice, "code_sealed"),
    _sealed(Notice, "words_sealed"),
    _sealed(Circle, "call_word_sealed"),
    _sealed(Membership, "own_word_sealed"),
    _sealed(CheckIn, "token_sealed"),
    _sealed(MemberNote, "text_sealed"),
    _sealed(FollowUp, "words_sealed"),
    _sealed(WordBack, "text_sealed"),
    _sealed(Promise, "words_sealed"),
    _sealed(Stay, "words_sealed"),
    _sealed(ListLine, "text_sealed"),
    _sealed(Quiet, "reason_sealed"),
    _sealed(PlanSlot, "label_sealed"),
    _sealed(PlanShare, "kept_sealed"),
    _sealed(PlanPairing, "label_sealed"),
    _sealed(CallCard, "text_sealed"),
)


def is_anything_sealed() -> bool:
    """Whether the database holds anything that was made with a host key."""
    return any(column.model._default_manager.exclude(**{column.field: ""}).exists() for column in COLUMNS)


def reseal_in_pieces(limit: int = 200) -> Iterator[int]:
    """Seal and hash anew what an older key made; yields, after each commit, how many rows it changed.

    A piece is at most *limit* rows and takes no longer than PIECE_SECONDS. Rows that no key opens are left as
    they are; when everything else is done they are named in an `UnreadableError`, by table and id.
    """
    unreadable: list[str] = []
    for column in COLUMNS:
        after: Any = None
        while True:
            changed, after = _piece(column, after, limit, unreadable)
            if after is None:
                break
            yield changed
    unreadable += _under_unknown_keys()
    if unreadable:
        raise UnreadableError(_named(sorted(set(unreadable))))


def _piece(column: Column, after: Any, limit: int, unreadable: list[str]) -> tuple[int, Any]:
    """Renew some rows behind *after*; how many, and the last one looked at, None when there was none."""
    began = clock.boottime()
    changed = 0
    stale = _begins_with(column.field, sealing.older_fingerprints())
    with transaction.atomic():
        rows = column.model._default_manager.filter(stale).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        after = None
        for row in rows[:limit]:
            after = row.pk
            try:
                values = column.renewed(row)
            except UnreadableError:
                unreadable.append(f"{column.model._meta.db_table} {row.pk}")
                continue
            # Somebody may have changed the row since it was read; then what they wrote is newer.
            same = column.model._default_manager.filter(
                pk=row.pk, **{column.field: getattr(row, column.field)}
            )
            changed += same.update(**values)
            if clock.boottime() - began > PIECE_SECONDS:
                break
    return changed, after


def _begins_with(field: str, fingerprints: tuple[str, ...]) -> Q:
    # Without any fingerprint nothing is stale: an empty Q would mean every row.
    found = Q(pk__in=[])
    for fingerprint in fingerprints:
        found |= Q(**{f"{field}__startswith": fingerprint})
    return found


def _under_unknown_keys() -> Iterator[str]:
    known = (sealing.newest_fingerprint(), *sealing.older_fingerprints())
    for column in COLUMNS:
        if not column.field.endswith("_sealed"):
            continue
        rows = column.model._default_manager.exclude(**{column.field: ""})
        strangers = rows.exclude(_begins_with(column.field, known)).order_by("pk")
        for pk in strangers.values_list("pk", flat=True)[: NAMED_MAX + 1]:
            yield f"{column.model._meta.db_table} {pk}"


def _named(rows: list[str]) -> str:
    more = f" and {len(rows) - NAMED_MAX} more" if len(rows) > NAMED_MAX else ""
    return (
        f"no host key opens {', '.join(rows[:NAMED_MAX])}{more};"
        " put the key they were sealed with behind the newest one in NIGHTLIGHT_KEY"
    )
