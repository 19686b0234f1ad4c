"""What came of copying and putting back: each copy held against what had been acknowledged when it began."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nightlight.simulator.recorded import of_file
from nightlight.simulator.replay import Came, told_again
from tests.campaigns.gateway import Text
from tests.campaigns.ledger import rows, zero_of
from tests.campaigns.people import Told
from tests.campaigns.service import Service
from tests.campaigns.world import Mind

_KINDS = {Mind.YES: "Acknowledged", Mind.NO: "Declined"}
MAY_STILL_GO = ("planned", "leased", "unknown")
"""Of a call that had ended: what nobody knows to have been handed over when the copy was taken."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """What had been acknowledged when a copy began, and so must be in it."""

    calls: dict[str, str]
    answers: list[tuple[str, str, Mind]]
    ends: list[str]

    @classmethod
    def of(cls, told: Told) -> "Start":
        """As of now."""
        return cls(calls=dict(told.calls), answers=list(told.answers), ends=list(told.ends))


@dataclass(kw_only=True)
class Report:
    """The figures of one run, and the faults among them."""

    source: str
    target: str
    seed: int
    copies: int = 0
    seconds_of_copy: list[float] = field(default_factory=list)
    seconds_of_restore: float = 0
    calls_due: int = 0
    """Calls that had been acknowledged when a copy began, added up over all copies."""
    calls_lost: int = 0
    answers_due: int = 0
    answers_lost: int = 0
    ends_due: int = 0
    ends_lost: int = 0
    calls_looked_at: int = 0
    torn: int = 0
    """Calls of a copy whose events do not lead to how they stand, or that wait for nothing."""
    pointing_nowhere: int = 0
    held: int = 0
    in_flight: int = 0
    """Asks of held calls that were with a worker when the copy was taken."""
    sent_while_held: int = 0
    ended: int = 0
    sent_of_ended: int = 0
    sent_again_of_ended: int = 0
    asked_nobody: int = 0
    """Held calls without a yes of which, once they went on, the last of the ladder never was asked."""
    unsettled: dict[str, int] = field(default_factory=dict)
    open_at_the_end: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, in words; empty when all is well."""
        counted = {
            "acknowledged calls not in a copy": self.calls_lost,
            "acknowledged answers not in a copy": self.answers_lost,
            "acknowledged ends not in a copy": self.ends_lost,
            "calls torn in a copy": self.torn,
            "rows of a copy that point nowhere": self.pointing_nowhere,
            "texts of held calls": self.sent_while_held,
            "messages of ended calls sent again": self.sent_again_of_ended,
            "calls that went on and asked nobody": self.asked_nobody,
            **{f"{what} that never settled": count for what, count in self.unsettled.items()},
        }
        return [f"{count} {what}" for what, count in counted.items() if count]

    def as_json(self) -> str:
        """The figures for a machine."""
        return json.dumps({**asdict(self), "faults": self.faults}, indent=2)

    def as_text(self) -> str:
        """The figures for people."""
        took = f"{min(self.seconds_of_copy, default=0)} to {max(self.seconds_of_copy, default=0)} s each"
        lines = [
            f"backup campaign, from {self.source} into {self.target}, seed {self.seed}",
            f"  copies               {self.copies}, {took}; putting back took {self.seconds_of_restore} s",
            f"  calls lost           {zero_of(self.calls_lost, self.calls_due)}",
            f"  answers lost         {zero_of(self.answers_lost, self.answers_due)}",
            f"  ends lost            {zero_of(self.ends_lost, self.ends_due)}",
            f"  torn                 {zero_of(self.torn, self.calls_looked_at)}",
            f"  point nowhere        {self.pointing_nowhere} rows",
            f"  sent while held      {self.sent_while_held} texts of {self.held} held calls",
            f"  in flight then       {self.in_flight} asks of held calls",
            f"  ended calls          {self.ended}; messages of them sent again {self.sent_again_of_ended}",
            f"  first sent then      {self.sent_of_ended} messages of ended calls",
            f"  asked nobody         {zero_of(self.asked_nobody, self.held)}",
            *(f"  FAULT                {fault}" for fault in self.faults),
            *(f"  for example          {example}" for example in self.examples[:20]),
        ]
        return "\n".join(lines)


def asked(copy: Path, question: str) -> list[tuple[Any, ...]]:
    """What the database in *copy* answers."""
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        return database.execute(question).fetchall()


def account_for_copy(report: Report, copy: Path, start: Start) -> None:
    """Hold *copy* against what had been acknowledged at its *start*, and its rows against one another."""
    report.copies += 1
    statuses = dict(asked(copy, "SELECT id, status FROM alert"))
    lost = [call for call in start.calls.values() if call not in statuses]
    report.calls_due += len(start.calls)
    report.calls_lost += len(lost)
    kept = set(
        asked(copy, "SELECT alert_id, kind, json_extract(body, '$.person') FROM event WHERE kind IN"
              " ('Acknowledged', 'Declined')")
    )  # fmt: skip
    report.answers_due += len(start.answers)
    report.answers_lost += sum(
        (start.calls[caller], _KINDS[mind], who) not in kept for caller, who, mind in start.answers
    )
    report.ends_due += len(start.ends)
    report.ends_lost += sum(statuses.get(start.calls[caller]) != "resolved" for caller in start.ends)
    report.pointing_nowhere += len(asked(copy, "PRAGMA foreign_key_check"))
    torn = list(_torn(copy))
    report.calls_looked_at += len(statuses)
    report.torn += len(torn)
    report.examples += [f"not in {copy.name}: {call}" for call in lost] + torn


def _torn(copy: Path) -> Iterator[str]:
    """Calls whose rows are not of one moment: what `store.advance` commits together is there together."""
    for call, version, events in asked(
        copy,
        "SELECT id, version, (SELECT count(*) FROM event WHERE alert_id = alert.id) FROM alert"
        " WHERE version <> (SELECT count(*) FROM event WHERE alert_id = alert.id)",
    ):
        yield f"{call} in {copy.name}: version {version}, and {events} events"
    for (call,) in asked(
        copy,
        "SELECT id FROM alert WHERE status <> 'resolved' AND (timer_due IS NULL OR poisoned_at IS NOT NULL)",
    ):
        yield f"{call} in {copy.name}: nothing is due"
    verdicts = [told_again(recorded) for recorded in of_file(copy)]
    yield from (f"{each.call}: {each.came}, {each.fields}" for each in verdicts if each.came is not Came.SAME)


def account_for_holding(report: Report, house: Service, copy: Path, texts: Sequence[Text]) -> None:
    """Hold the *texts* that went out before anybody said go on against how their calls stood in *copy*."""
    statuses = dict(asked(copy, "SELECT id, status FROM alert"))
    report.held = sum(status != "resolved" for status in statuses.values())
    report.ended = len(statuses) - report.held
    [(report.in_flight,)] = asked(
        copy,
        "SELECT count(*) FROM notification JOIN alert ON alert.id = alert_id"
        " WHERE notification.status = 'leased' AND alert.status <> 'resolved'",
    )
    stood = dict(asked(copy, "SELECT id, status FROM notification"))
    of_attempt = {
        attempt: (notification, call)
        for attempt, notification, call in rows(
            house,
            "SELECT attempt.id, notification.id, alert_id FROM attempt"
            " JOIN notification ON notification.id = notification_id",
        )
    }
    for text in texts:
        notification, call = of_attempt[text.attempt]
        if statuses[call] != "resolved":
            report.sent_while_held += 1
            report.examples.append(f"{notification} of {call} went out while it was held")
        elif stood.get(notification) in MAY_STILL_GO:
            report.sent_of_ended += 1
        else:
            report.sent_again_of_ended += 1
            report.examples.append(f"{notification} of {call}, which had ended, went out again")


def account_for_going_on(report: Report, house: Service, copy: Path) -> None:
    """Nobody answers any more: every call that was held, and that nobody has, has to reach the ladder's end."""
    held = asked(copy, "SELECT id FROM alert WHERE status IN ('triggered', 'exhausted') ORDER BY id")
    reached = {
        call
        for (call,) in rows(
            house,
            "SELECT alert_id FROM notification WHERE purpose = 'ask' AND person_id LIKE 'bo-%'"
            " AND status IN ('accepted', 'queued', 'delivered')",
        )
    }
    refused = {
        call
        for (call,) in asked(copy, "SELECT alert_id FROM event WHERE kind = 'Declined'"
                             " AND json_extract(body, '$.person') LIKE 'bo-%'")
    }  # fmt: skip
    silent = [call for (call,) in held if call not in reached | refused]
    report.asked_nobody = len(silent)
    report.examples += [f"{call} went on, and Bo was never asked" for call in silent]
