"""Writing down that messages are in a sender's hands, each with the try that is about to be made.

The end of a claim, for any number of messages in the same few statements.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from nightlight.chance import new_id
from nightlight.engine.retries import Outcome, next_try
from nightlight.store import many
from nightlight.store.models import Attempt, Notification, NotificationStatus
from nightlight.store.outbox import Claim

First = Callable[[str], int]
"""With which provider of a channel, counted from 0, a message begins that was never tried."""

_MADE = (
    *("id", "notification_id", "number", "lease_token", "provider", "began_at"),
    *("outcome", "reason", "provider_reference", "units"),
)

_Try = tuple[str, str]
"""Which provider it was made with, and what came of it; empty while nothing has."""


def in_order(_channel: str) -> int:
    """The first of the settings, whatever channel it is."""
    return 0


def lease(
    groups: Sequence[tuple[Notification, Sequence[Notification]]],
    now: datetime,
    until: datetime,
    providers: Mapping[str, int],
    first: First = in_order,
) -> list[Claim]:
    """Lease each first row until *until*, and with it those its message stands for, in the transaction at hand.

    The rows are locked, planned and may be sent. *providers* says how many each channel has, *first*
    with which of them one begins.
    """
    rows = [each for row, merged in groups for each in (row, *merged)]
    tries = _tries(rows)
    attempts: list[tuple[many.Value, ...]] = []
    leases: list[tuple[str, str]] = []
    claims = []
    for row, merged in groups:
        provider = _provider(row, tries[row.pk], providers[row.channel], first)
        lease_token = new_id()
        # Each row counts its own tries, so that a person reads one message at most so often.
        name = f"{row.channel}-{provider + 1}"
        own = [
            (new_id(), each.pk, len(tries[each.pk]) + 1, lease_token, name, now, "", "", "", 0)
            for each in (row, *merged)
        ]
        attempts += own
        leases += [(each.pk, lease_token) for each in (row, *merged)]
        others = tuple(each.pk for each in merged)
        claims.append(
            Claim(
                notification=row.pk,
                alert=row.alert_id,
                attempt=own[0][0],
                lease_token=lease_token,
                channel=row.channel,
                provider=provider,
                claimed_at=now,
                merged=others,
            )
        )
    many.insert(Attempt, _MADE, attempts)
    state: dict[str, many.Value] = {
        "status": NotificationStatus.LEASED.value,
        "lease_until": until,
        "claimed_at": now,
    }
    many.update(Notification, ["lease_token"], leases, state)
    for claimed in claims:
        if claimed.merged:
            Notification.objects.filter(pk__in=claimed.merged).update(merged_into=claimed.notification)
    return claims


def _provider(row: Notification, tries: Sequence[_Try], count: int, first: First) -> int:
    """Who takes the next try, counted from 0. The turn is that of the settings; where it began is kept."""
    if not tries:
        return first(row.channel) % count
    began = int(tries[0][0].rpartition("-")[2]) - 1
    before = [Outcome(outcome) for _, outcome in tries if outcome]
    return (began + (next_try(before, count).provider if before else 0)) % count


def _tries(rows: Iterable[Notification]) -> Mapping[str, list[_Try]]:
    """Every try of each row so far, the oldest first."""
    tries: dict[str, list[_Try]] = defaultdict(list)
    tried = [row.pk for row in rows if row.claimed_at is not None]
    if not tried:
        return tries
    made = Attempt.objects.filter(notification__in=tried).order_by("number")
    for notification, provider, outcome in made.values_list("notification_id", "provider", "outcome"):
        tries[notification].append((provider, outcome))
    return tries
