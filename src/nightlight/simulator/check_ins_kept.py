"""What is kept about the check-in of a night, as those read it who hold it against what is promised."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

from nightlight.simulator import database
from nightlight.store.models import WaitingEvent
from nightlight.store.notices import NoticePurpose

OF_OTHERS = (NoticePurpose.CHECK_IN_MISSED, NoticePurpose.CHECK_IN_CAME, NoticePurpose.CHECKED_IN)

_WINDOWS = """
    SELECT id, local_date, due, ended_at, came, how, why, alert_id FROM check_in_window
    WHERE id > %s ORDER BY id
"""
_OPEN = """
    SELECT id, version, status, poisoned_at IS NOT NULL, state FROM alert
    WHERE person_id = %s AND status <> 'resolved'
"""
_NOTICES = "SELECT rowid, purpose, person_id FROM notice WHERE rowid > %s"
_REMINDERS = """
    SELECT COUNT(DISTINCT created_at) FROM notice
    WHERE purpose = 'check_in' AND created_at >= %s AND created_at < %s
"""
_LEFT = """
    SELECT 1 FROM notice
    WHERE (status = 'planned' AND due < %s) OR (status = 'leased' AND lease_until < %s)
"""

Word = tuple[str, str]
"""For what, and to whom."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """The open call of whoever the check-in is of."""

    id: str
    status: str
    causes: frozenset[str]
    taker: str
    in_trouble: bool


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What became of one window, as it is written down."""

    on: date
    due: datetime
    at: datetime
    came: str
    how: str
    why: str
    alert: str | None


class Kept:
    """What is read of the tables; what was read once is not read again."""

    def __init__(self, person: str) -> None:
        self._person = person
        self._seen: dict[str, tuple[int, Call]] = {}
        self._window = self._notice = 0

    def open_call(self) -> Call | None:
        """The call of the person that is not over."""
        for pk, version, status, in_trouble, state in database.look(_OPEN, self._person):
            if self._seen.get(pk, (-1,))[0] != version or in_trouble:
                known = json.loads(state)
                call = Call(
                    id=pk,
                    status=status,
                    causes=frozenset(known.get("causes", ())),
                    taker=(known.get("hold") or {}).get("taker") or "",
                    in_trouble=bool(in_trouble) or WaitingEvent.objects.filter(alert=pk).exists(),
                )
                self._seen[pk] = (version, call)
            return self._seen[pk][1]
        return None

    def new_windows(self) -> list[Ended]:
        """What became of windows since the last look."""
        found = []
        for pk, on, due, at, came, how, why, alert in database.look(_WINDOWS, str(self._window)):
            self._window = pk
            found.append(Ended(on=on, due=_utc(due), at=_utc(at), came=came, how=how, why=why, alert=alert))
        return found

    def new_words(self) -> set[Word]:
        """Words for others than the person that were written down since the last look."""
        found: set[Word] = set()
        for pk, purpose, person in database.look(_NOTICES, str(self._notice)):
            self._notice = max(self._notice, pk)
            if purpose in OF_OTHERS:
                found.add((purpose, person))
        return found

    def reminders_between(self, since: datetime, until: datetime) -> int:
        """How many reminders were written down from *since* on, before *until*."""
        return int(database.look(_REMINDERS, _shown(since), _shown(until))[0][0])

    def is_left_lying(self, before: datetime) -> bool:
        """Whether a word was due, or its lease ran out, before then."""
        return bool(database.look(_LEFT, _shown(before), _shown(before)))


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _utc(kept: datetime) -> datetime:
    return kept.replace(tzinfo=UTC)
