"""Claiming and settling messages outside any call: recorded before sent, as the outbox does it, and simpler.

Whether one may still go out is asked again in the transaction that leases it. A try is named by its
message and its number, so a report that comes late, twice or in any order finds what it speaks of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, reduce

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q, QuerySet

from nightlight.engine.receipts import Evidence, join
from nightlight.engine.retries import Outcome, next_try
from nightlight.store.claims import LEASE_SECONDS
from nightlight.store.leases import First, in_order
from nightlight.store.models import Notice, Notification, NotificationStatus
from nightlight.store.notices import BETWEEN, SCHEDULED, TOLD, NoticePurpose, notice_of, other_ways_of
from nightlight.store.notices_send_checks import must_wait, why_not
from nightlight.store.outbox import BROKEN_AGAIN_AFTER, code
from nightlight.store.races import LostRace, racing
from nightlight.store.sealing import unseal
from nightlight.store.timers import CLOCK_SLACK

LATER = timedelta(minutes=10)
"""What may not go out now, but may later (hours, a pause, an open call), is looked at again after this."""
SWITCHED_OFF_AT_ONCE_MAX = 50
LAPSED_MAX = 50

_OUTCOMES = frozenset(Outcome)
_EVIDENCE = frozenset(Evidence)

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class NoticeClaim:
    """One message leased to one sender."""

    notice: str
    attempt: str
    """Of this try, letters and digits; it is its lease as well."""
    channel: str
    provider: int
    """Which provider of the channel, counted from 0."""
    claimed_at: datetime
    is_scheduled: bool = False
    """One switch stops it, also now that it is leased."""


@dataclass(frozen=True, kw_only=True)
class NoticeLetter:
    """What a message says, before it is words."""

    purpose: NoticePurpose
    to: str
    language: str
    caller_name: str
    """Whose circle it is about; empty when none."""
    about_name: str
    code: str
    token: str
    repeat: bool
    """This very message may have been sent before."""
    words: str = ""
    """What somebody wrote to be sent in their name."""


# ------------------------------------------------------------------------------------------- claiming


def claim(
    now: datetime, slots: Mapping[str, int], providers: Mapping[str, int], first: First = in_order
) -> list[NoticeClaim]:
    """Lease what is due, at most `slots[channel]` of each channel, and nothing where a call has something due.

    *slots* names every channel that is on, *providers* says how many providers each has, *first* with
    which of them one begins.
    """
    if not _due(now).exists():
        return []
    _pass_over_what_is_off(now, frozenset(slots))
    claimed = []
    for channel, free in slots.items():
        if free <= 0 or _call_has_something_due(now, channel):
            continue
        due = _due(now).filter(contact_method__channel=channel).order_by("due", "created_at", "pk")
        for pk in list(due.values_list("pk", flat=True)[:free]):
            one = _safely(partial(_claim_one, pk, now, providers, first), pk, now)
            if one is not None:
                claimed.append(one)
    return claimed


def _due(now: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(status=NotificationStatus.PLANNED, due__lte=now)


def _call_has_something_due(now: datetime, channel: str) -> bool:
    """Whether a message of a call waits for this channel: it goes first, whatever else there is (rule 11)."""
    return Notification.objects.filter(
        status=NotificationStatus.PLANNED, channel=channel, due__lte=now, alert__waits_for_host=False
    ).exists()


def _safely(look: Callable[[], NoticeClaim | None], notice: str, now: datetime) -> NoticeClaim | None:
    try:
        return racing(look)
    except (OperationalError, InterfaceError):
        raise  # The database is away: nothing else would fare better.
    except LostRace:
        return None
    # One message that breaks must neither stop the worker nor keep its place at the front for ever.
    except Exception as error:  # noqa: BLE001
        _log.error("notice broke", notice=notice, error=type(error).__name__)
        planned = Notice.objects.filter(pk=notice, status=NotificationStatus.PLANNED)
        planned.update(due=now + BROKEN_AGAIN_AFTER, reason="broken")
        return None


def _pass_over_what_is_off(now: datetime, channels_on: frozenset[str]) -> None:
    off = _due(now).exclude(contact_method__channel__in=channels_on)
    for pk in list(off.values_list("pk", flat=True)[:SWITCHED_OFF_AT_ONCE_MAX]):
        _safely(partial(_pass_over_one, pk, now), pk, now)


def _pass_over_one(notice: str, now: datetime) -> None:
    row = _locked(notice)
    if row is not None and _is_ready(row, now):
        _skip(row, "channel_off", now)


def _locked(notice: str) -> Notice | None:
    """The row, unless somebody else is writing about it just now."""
    rows = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("contact_method")
    return rows.filter(pk=notice).first()


def _is_ready(row: Notice, now: datetime) -> bool:
    return row.status == NotificationStatus.PLANNED and row.due is not None and row.due <= now


def _claim_one(notice: str, now: datetime, providers: Mapping[str, int], first: First) -> NoticeClaim | None:
    row = _locked(notice)
    if row is None or not _is_ready(row, now) or not _may_go(row, now):
        return None
    channel = row.contact_method.channel
    tries, count = _tries(row.outcomes), providers[channel]
    began = row.began_with if row.outcomes else first(channel)
    attempt = f"{row.pk}{BETWEEN}{len(row.outcomes) + 1}"
    Notice.objects.filter(pk=row.pk).update(
        status=NotificationStatus.LEASED,
        lease_token=attempt,
        lease_until=_lease_until(now),
        began_with=began,
        reason="",
    )
    return NoticeClaim(
        notice=row.pk,
        attempt=attempt,
        channel=channel,
        provider=(began + (next_try(tries, count).provider if tries else 0)) % count,
        claimed_at=now,
        is_scheduled=row.purpose in SCHEDULED,
    )


def _lease_until(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)


def _tries(outcomes: Sequence[str]) -> list[Outcome]:
    return [Outcome(outcome) for outcome in outcomes if outcome in _OUTCOMES]


def still_wanted(claimed: NoticeClaim, now: datetime) -> bool:
    """Whether a claim whose sending was held up may still be sent; if so, its lease begins anew."""
    return racing(partial(_is_still_wanted, claimed, now))


def _is_still_wanted(claimed: NoticeClaim, now: datetime) -> bool:
    row = _leased(claimed)
    if row is None or not _may_go(row, now):
        return False
    Notice.objects.filter(pk=row.pk).update(lease_until=_lease_until(now))
    return True


def _leased(claimed: NoticeClaim) -> Notice | None:
    """The row this very lease still holds, locked."""
    rows = Notice.objects.select_for_update(of=("self",)).select_related("contact_method")
    return rows.filter(
        pk=claimed.notice, lease_token=claimed.attempt, status=NotificationStatus.LEASED
    ).first()


def _may_go(row: Notice, now: datetime) -> bool:
    """Whether *row* may be sent now; if not it is skipped, or put off when it may be sent later."""
    why = why_not(row, now)
    if why:
        _skip(row, why, now)
        return False
    if must_wait(row, now):
        _let_go(row, NotificationStatus.PLANNED, due=now + LATER, reason="later")
        return False
    return True


def _let_go(row: Notice, status: NotificationStatus, **fields: object) -> None:
    Notice.objects.filter(pk=row.pk).update(status=status, lease_token="", lease_until=None, **fields)


def _skip(row: Notice, why: str, now: datetime) -> None:
    """Not sent, and why; the same news goes by the next way."""
    _let_go(row, NotificationStatus.SKIPPED, reason=why, settled_at=now)
    _bring_forward(row, now)


def _bring_forward(row: Notice, now: datetime) -> None:
    """The next way of theirs for the same news, unless it got out by one already."""
    if _is_told(row):
        return
    held = Q(status=NotificationStatus.PLANNED, due=None)
    not_needed = Q(status=NotificationStatus.CANCELLED, reason=TOLD)
    following = other_ways_of(row).filter(held | not_needed, used_at=None)
    pk = following.order_by("contact_method__position", "pk").values_list("pk", flat=True).first()
    Notice.objects.filter(pk=pk).update(
        status=NotificationStatus.PLANNED, due=now, reason="", settled_at=None
    )


# ------------------------------------------------------------------------------------------- settling


def settle(
    claimed: NoticeClaim,
    outcome: Outcome,
    now: datetime,
    *,
    providers: int,
    reason: str = "",
    units: int = 0,
) -> None:
    """Record what came of one try, for which *units* are charged, in a transaction of its own.

    Whoever lost its lease (it ran out, and the message was taken up again) may add what it knows, and
    nothing else.
    """

    def record() -> None:
        if units:
            Notice.objects.filter(pk=claimed.notice).update(units=F("units") + units)
        _settle(claimed, outcome, now, providers, code(reason))

    racing(record)


def _settle(claimed: NoticeClaim, outcome: Outcome, now: datetime, providers: int, reason: str) -> None:
    row = _leased(claimed)
    if row is None:
        if outcome in (Outcome.ACCEPTED, Outcome.QUEUED):
            _add_evidence(claimed.notice, Evidence(outcome.value), now, "late")
        return
    outcomes = [*row.outcomes, outcome.value]
    evidence = _known_of(outcomes)
    following = next_try(_tries(outcomes), providers)
    delay = following.delay
    # A report may have been faster than the answer it speaks of, and a link, or another way, than both.
    if evidence not in (None, Evidence.UNKNOWN) or row.used_at is not None or _is_told(row):
        delay = None
    if delay is not None and now + delay < row.expires_at:
        fields: dict[str, object] = {"due": now + delay}
        status = NotificationStatus.PLANNED
    else:
        fields = {"settled_at": now}
        status = _final_status(evidence, outcome)
    _let_go(row, status, outcomes=outcomes, reason=reason, **fields)
    if evidence in (Evidence.ACCEPTED, Evidence.DELIVERED):
        _tell_once(row, now)
    else:
        _bring_forward(row, now)


def _known_of(outcomes: Sequence[str]) -> Evidence | None:
    """The best that is known of all tries together, by answers and by reports."""
    known = [Evidence(outcome) for outcome in outcomes if outcome in _EVIDENCE]
    return reduce(join, known) if known else None


def _final_status(evidence: Evidence | None, outcome: Outcome) -> NotificationStatus:
    if evidence is not None and not (evidence is Evidence.UNKNOWN and outcome is Outcome.PERMANENT):
        return NotificationStatus(evidence)
    return NotificationStatus.FAILED


def _is_told(row: Notice) -> bool:
    told = (NotificationStatus.ACCEPTED, NotificationStatus.DELIVERED)
    return other_ways_of(row).filter(status__in=told).exists()


def _tell_once(row: Notice, now: datetime) -> None:
    """The news went out: by the other ways it is not needed."""
    planned = other_ways_of(row).filter(status=NotificationStatus.PLANNED)
    planned.update(status=NotificationStatus.CANCELLED, reason=TOLD, settled_at=now)


def lapsed(now: datetime) -> list[NoticeClaim]:
    """Claims whose lease ran out: nobody knows whether they went out, and so each is to be settled."""
    # A clock set back must not keep a lease alive: none lies further ahead than its own length.
    ran_out = Q(lease_until__lt=now) | Q(lease_until__gt=_lease_until(now) + CLOCK_SLACK)
    rows = Notice.objects.filter(ran_out, status=NotificationStatus.LEASED).select_related("contact_method")
    return [
        NoticeClaim(
            notice=row.pk,
            attempt=row.lease_token,
            channel=row.contact_method.channel,
            provider=0,
            claimed_at=now,
        )
        for row in rows.order_by("lease_until", "pk")[:LAPSED_MAX]
    ]


def record_receipt(attempt: str, evidence: Evidence, now: datetime, *, reason: str = "") -> bool:
    """Join a provider's later word on one try; whether it speaks of a message of ours."""
    notice = notice_of(attempt)
    if not notice or not Notice.objects.filter(pk=notice).exists():
        return False
    racing(partial(_add_evidence, notice, evidence, now, code(reason)))
    return True


def _add_evidence(notice: str, evidence: Evidence, now: datetime, reason: str) -> None:
    """More is known of a message. While a sender holds it that is all; else it needs no further try."""
    row = Notice.objects.select_for_update(of=("self",)).filter(pk=notice).first()
    known = _known_of(row.outcomes) if row else None
    if row is None or (known is not None and join(known, evidence) == known):
        return
    fields: dict[str, object] = {"outcomes": [*row.outcomes, evidence.value]}
    if row.status != NotificationStatus.LEASED:
        fields |= {"status": evidence.value, "settled_at": now, "reason": reason}
    Notice.objects.filter(pk=row.pk).update(**fields)
    if evidence in (Evidence.ACCEPTED, Evidence.DELIVERED):
        _tell_once(row, now)
    elif evidence is Evidence.FAILED:
        _bring_forward(row, now)


# -------------------------------------------------------------------------------------------- reading


def letter_of(claimed: NoticeClaim) -> NoticeLetter:
    """What the claimed message says. Raises `UnreadableError` when no host key opens its address."""
    row = Notice.objects.select_related("person", "contact_method", "circle__person", "about").get(
        pk=claimed.notice
    )
    return NoticeLetter(
        purpose=NoticePurpose(row.purpose),
        to=unseal(row.contact_method.address_sealed),
        language=row.person.language,
        caller_name=_caller_name(row),
        about_name=row.about.name if row.about else "",
        code=unseal(row.code_sealed) if row.code_sealed else "",
        token=unseal(row.token_sealed) if row.token_sealed else "",
        repeat=Outcome.UNKNOWN in row.outcomes,
        words=unseal(row.words_sealed) if row.words_sealed else "",
    )


def _caller_name(row: Notice) -> str:
    """Whose circle it is about. A goodbye names them without leaning on a circle that is not shared any more."""
    if row.circle is not None:
        return row.circle.person.name
    return row.about.name if row.about is not None and row.purpose == NoticePurpose.REMOVED else ""
