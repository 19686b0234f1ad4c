"""Tonight's list: what has to be seen to while a call is open, copied there by the caller, ticked by whoever has it.

It is gone with the call: `store.advance` erases it in the transaction in which the call ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from nightlight.engine.state import AlertStatus
from nightlight.store.arranged import NotPossible, as_decided, changed, is_in, lock_call
from nightlight.store.models import Alert, ListLine
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal

LINES_MAX = 20
LINE_MAX = 200
"""Letters of one line."""


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One line of the list."""

    id: int
    text: str
    ticked_at: datetime | None


def write_list(person: str, alert: str, lines: Sequence[str]) -> None:
    """*lines* are the list of this open call of *person* from now on; what was ticked stays so.

    Raises `NotPossible` when the call is over or not theirs, or there are too many lines or too long ones.
    """
    if len(lines) > LINES_MAX or any(len(line) > LINE_MAX for line in lines):
        raise NotPossible
    racing(partial(_write, person, alert, tuple(dict.fromkeys(lines))))


def _write(person: str, alert: str, lines: Sequence[str]) -> None:
    call = _open(alert)
    if call.person_id != person:
        raise NotPossible
    known = {opened(row.text_sealed): row for row in ListLine.objects.filter(alert_id=alert)}
    if list(known) == list(lines):
        return
    ListLine.objects.filter(alert_id=alert).delete()
    ListLine.objects.bulk_create(
        ListLine(
            alert_id=alert,
            position=position,
            text_sealed=seal(line),
            ticked_at=known[line].ticked_at if line in known else None,
            ticked_by_id=known[line].ticked_by_id if line in known else None,
        )
        for position, line in enumerate(lines)
    )
    changed(alert)


def _open(alert: str) -> Alert:
    call = lock_call(alert)
    if call is None or call.status == AlertStatus.RESOLVED:
        raise NotPossible
    return call


def tick(person: str, alert: str, line: int, now: datetime, *, done: bool) -> None:
    """Whoever has the call has seen to one line, or takes that back. Raises `NotPossible` for anybody else."""
    racing(partial(_tick, person, alert, line, now if done else None))


def _tick(person: str, alert: str, line: int, ticked_at: datetime | None) -> None:
    call = _open(alert)
    decided = as_decided(call)
    if decided is None or decided.taker != person or not is_in(call.person_id, person):
        raise NotPossible
    rows = ListLine.objects.filter(pk=line, alert_id=alert, ticked_at__isnull=ticked_at is not None)
    if rows.update(ticked_at=ticked_at, ticked_by=person if ticked_at else None):
        changed(alert)


def list_of(alert: str) -> tuple[LineView, ...]:
    """The lines of one call, in their order."""
    rows = ListLine.objects.filter(alert_id=alert)
    return tuple(LineView(id=row.pk, text=opened(row.text_sealed), ticked_at=row.ticked_at) for row in rows)
