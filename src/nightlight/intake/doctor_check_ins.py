"""What `doctor` says of check-ins: by their ids alone, for what they are is between a person and their circle."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from nightlight.intake.findings import Finding, note, wrong
from nightlight.store import check_in_health

_NAMED_MAX = 5


def look_at_check_ins(now: datetime, channels_on: frozenset[str], *, lives: bool) -> Iterator[Finding]:
    """Those that are stuck while a worker *lives*, and those that could reach nobody. Nothing when all is well."""
    stuck = check_in_health.stuck_check_ins(now)
    if stuck and lives:
        yield wrong(
            "check-ins",
            f"should have moved on by now: {_named(stuck)}; look for `check-in broke` in the log, and report it",
        )
    elif stuck:
        yield note(
            "check-ins", f"wait for a worker: {_named(stuck)}; `nightlight serve` gives each its full time"
        )
    unheard = check_in_health.unheard_check_ins()
    if unheard:
        yield wrong(
            "check-ins",
            f"a miss would be told to nobody, whoever was chosen left: {_named(unheard)};"
            " ask the person to choose somebody else on its page",
        )
    unreminded = check_in_health.unreminded_check_ins(channels_on)
    if unreminded:
        yield wrong(
            "check-ins",
            f"nobody can be reminded of {_named(unreminded)}; switch a channel on, or ask the person for a way",
        )


def _named(ids: Iterable[str]) -> str:
    known = list(ids)
    more = f" and {len(known) - _NAMED_MAX} more" if len(known) > _NAMED_MAX else ""
    return ", ".join(known[:_NAMED_MAX]) + more
