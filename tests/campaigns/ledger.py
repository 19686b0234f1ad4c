"""What came of a run: what the people and the gateway know, held against what the database kept."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from tests.campaigns.gateway import Text
from tests.campaigns.people import IS_AN_ASK, Told
from tests.campaigns.service import Service
from tests.campaigns.world import Circle, Mind

REPEATS_MAX = 4
"""A person reads one message at most this often."""
_KINDS = {Mind.YES: "Acknowledged", Mind.NO: "Declined"}


def rows(service: Service, query: str) -> list[tuple[Any, ...]]:
    """What the database of *service* answers to *query*, whose changes are kept."""
    if service.database_url:
        with psycopg.connect(service.database_url) as connection:
            return connection.execute(query.encode()).fetchall()
    with closing(sqlite3.connect(service.database_file, timeout=10, isolation_level=None)) as connected:
        return connected.execute(query).fetchall()


def unsettled(service: Service) -> dict[str, int]:
    """What is still under way, by name; empty when nothing is. Pauses of an hour between rounds are none."""
    [counts] = rows(
        service,
        "SELECT (SELECT count(*) FROM notification WHERE status = 'leased'),"
        " (SELECT count(*) FROM notification WHERE status = 'planned' AND due IS NOT NULL),"
        " (SELECT count(*) FROM alert WHERE status = 'triggered'),"
        " (SELECT count(*) FROM alert WHERE poisoned_at IS NOT NULL)",
    )
    names = ("messages being sent", "messages to send", "calls on the ladder", "calls set aside")
    return {name: count for name, count in zip(names, counts, strict=True) if count}


@dataclass(kw_only=True)
class Report:
    """The figures of one run, and the faults among them."""

    database: str
    seed: int
    what: str = "crash campaign"
    seconds: int = 0
    kills: int = 0
    kills_of: dict[str, int] = field(default_factory=dict)
    starts: int = 0
    requests_in_vain: int = 0
    calls_wanted: int = 0
    calls_acknowledged: int = 0
    alerts_lost: int = 0
    first_asks_lost: int = 0
    first_asks_overtaken: int = 0
    """Not sent a second time, as somebody else had answered by then."""
    answers_acknowledged: int = 0
    answers_lost: int = 0
    ends_acknowledged: int = 0
    ends_lost: int = 0
    texts_accepted: int = 0
    messages_accepted: int = 0
    messages_repeated: int = 0
    most_of_one: int = 0
    texts_to_strangers: int = 0
    texts_never_recorded: int = 0
    refused: list[str] = field(default_factory=list)
    unsettled: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    """The first few of what was lost, by their ids."""

    @property
    def trials(self) -> int:
        """How much was acknowledged: calls, answers and ends."""
        return self.calls_acknowledged + self.answers_acknowledged + self.ends_acknowledged

    @property
    def lost(self) -> int:
        """How much of that is gone, and how many first asks."""
        return self.alerts_lost + self.first_asks_lost + self.answers_lost + self.ends_lost

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, in words; empty when all is well."""
        counted = {
            "calls never acknowledged": self.calls_wanted - self.calls_acknowledged,
            "alerts lost": self.alerts_lost,
            "first asks lost": self.first_asks_lost,
            "answers lost": self.answers_lost,
            "ends lost": self.ends_lost,
            "texts to somebody who never agreed": self.texts_to_strangers,
            "texts sent before they were recorded": self.texts_never_recorded,
            "requests refused": len(self.refused),
            "messages sent more than 4 times": int(self.most_of_one > REPEATS_MAX),
            **{f"{what} that never settled": count for what, count in self.unsettled.items()},
        }
        return [f"{count} {what}" for what, count in counted.items() if count]

    def as_json(self) -> str:
        """The figures for a machine."""
        return json.dumps(
            {**asdict(self), "trials": self.trials, "lost": self.lost, "faults": self.faults}, indent=2
        )

    def as_text(self) -> str:
        """The figures for people."""
        of = ", ".join(f"{name} {count}" for name, count in sorted(self.kills_of.items()))
        share = self.messages_repeated / self.messages_accepted if self.messages_accepted else 0.0
        kills = f"{self.kills} ({of}); {self.starts} starts, {self.requests_in_vain} requests made again"
        repeated = f"{self.messages_repeated} of {self.messages_accepted} messages ({share:.2%})"
        lines = [
            f"{self.what} on {self.database}, seed {self.seed}, {self.seconds} s",
            f"  kills                {kills}",
            f"  calls acknowledged   {self.calls_acknowledged} of {self.calls_wanted}",
            f"  alerts lost          {zero_of(self.alerts_lost, self.calls_acknowledged)}",
            f"  first asks lost      {zero_of(self.first_asks_lost, self.calls_acknowledged)}",
            f"  overtaken            {self.first_asks_overtaken} first asks died with a worker; another answered",
            f"  answers lost         {zero_of(self.answers_lost, self.answers_acknowledged)}",
            f"  ends lost            {zero_of(self.ends_lost, self.ends_acknowledged)}",
            f"  to strangers         {zero_of(self.texts_to_strangers, self.texts_accepted)}",
            f"  never recorded       {zero_of(self.texts_never_recorded, self.texts_accepted)}",
            f"  repeated             {repeated}, most of one {self.most_of_one}",
            f"  in all               {self.trials} acknowledged, lost {zero_of(self.lost, self.trials)}",
            *(f"  FAULT                {fault}" for fault in self.faults),
            *(f"  for example          {example}" for example in [*self.examples, *self.refused][:20]),
        ]
        return "\n".join(lines)


def zero_of(lost: int, trials: int) -> str:
    """*lost* of *trials*; beside a zero, how much may be lost for all that these trials can say."""
    if lost or not trials:
        return f"{lost} of {trials}"
    return f"0 of {trials} (95 % bound 3/n: below {3 / trials:.3g})"


def settle_accounts(
    report: Report, service: Service, circles: Sequence[Circle], told: Told, texts: Sequence[Text]
) -> None:
    """Fill *report* with what was lost, and how often what was sent."""
    report.calls_acknowledged = len(told.calls)
    report.answers_acknowledged = len(told.answers)
    report.ends_acknowledged = len(told.ends)
    report.refused = told.refused
    _count_calls(report, service, circles, told, texts)
    _count_answers(report, service, told)
    _count_texts(report, service, circles, texts)


def _count_calls(
    report: Report, service: Service, circles: Sequence[Circle], told: Told, texts: Sequence[Text]
) -> None:
    kept = {(person, alert) for alert, person in rows(service, "SELECT id, person_id FROM alert")}
    lost = [
        f"alert {alert} of {caller}" for caller, alert in told.calls.items() if (caller, alert) not in kept
    ]
    report.alerts_lost = len(lost)
    asked = {text.to for text in texts if IS_AN_ASK.search(text.text)}
    called = (circle for circle in circles if circle.id("ana") in told.calls)
    unasked = [each for each in called if each.phone("sam") not in asked]
    overtaken = _overtaken(service)
    gone = [each for each in unasked if each.id("sam") not in overtaken]
    report.first_asks_overtaken = len(unasked) - len(gone)
    report.first_asks_lost = len(gone)
    report.examples += lost[:5]
    report.examples += [
        f"ask of {each.id('sam')}; {_story(service, told.calls[each.id('ana')])}" for each in gone[:5]
    ]


def _overtaken(service: Service) -> set[str]:
    """Those whose only tries died with a worker, and whom nobody needed any more when the lease ran out.

    Somebody else said yes or the call was over by then, so by design (a lapsed lease is sent again or
    overtaken) they are left in peace. An ask that was never tried is not among them.
    """
    found = rows(
        service,
        "SELECT DISTINCT n.person_id FROM notification n JOIN attempt t ON t.notification_id = n.id"
        " JOIN alert a ON a.id = n.alert_id JOIN event e ON e.alert_id = a.id"
        " WHERE n.purpose = 'ask' AND n.status IN ('cancelled', 'unknown') AND t.outcome = 'unknown'"
        " AND e.kind IN ('Acknowledged', 'Resolved')",
    )
    return {person for (person,) in found}


def _story(service: Service, alert: str) -> str:
    """The timeline of one call on one line, and what became of its messages."""
    assert alert.isalnum()
    lines = rows(service, f"SELECT what, who FROM timeline_entry WHERE alert_id = '{alert}' ORDER BY id")  # noqa: S608
    about = f"SELECT person_id, purpose, status, why FROM notification WHERE alert_id = '{alert}'"  # noqa: S608
    told = [" ".join(line).strip() for line in lines]
    messages = [" ".join(map(str, message)).strip() for message in rows(service, about)]
    return f"timeline: {', '.join(told)}; messages: {', '.join(messages)}"


def _count_answers(report: Report, service: Service, told: Told) -> None:
    events = rows(
        service, "SELECT alert_id, kind, body FROM event WHERE kind IN ('Acknowledged', 'Declined')"
    )
    kept = {(alert, kind, _document(body)["person"]) for alert, kind, body in events}
    lost = [
        f"{mind} of {who}"
        for caller, who, mind in told.answers
        if (told.calls.get(caller), _KINDS[mind], who) not in kept
    ]
    report.answers_lost = len(lost)
    over = {alert for (alert,) in rows(service, "SELECT id FROM alert WHERE status = 'resolved'")}
    open_again = [f"end of {caller}" for caller in told.ends if told.calls.get(caller) not in over]
    report.ends_lost = len(open_again)
    report.examples += [*lost[:5], *open_again[:5]]


def _document(body: str | dict[str, Any]) -> dict[str, Any]:
    """SQLite gives JSON as it was written, PostgreSQL reads it."""
    document: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return document


def _count_texts(report: Report, service: Service, circles: Sequence[Circle], texts: Sequence[Text]) -> None:
    message_of = dict(rows(service, "SELECT id, notification_id FROM attempt"))
    agreed = {circle.phone(who): circle.caller for circle in circles for who in circle.minds}
    strange = [text for text in texts if agreed.get(text.to, "nobody") not in text.text]
    counts = Counter(message_of[text.attempt] for text in texts if text.attempt in message_of)
    report.texts_accepted = len(texts)
    report.texts_never_recorded = sum(1 for text in texts if text.attempt not in message_of)
    report.texts_to_strangers = len(strange)
    report.messages_accepted = len(counts)
    report.messages_repeated = sum(1 for count in counts.values() if count > 1)
    report.most_of_one = max(counts.values(), default=0)
    report.examples += [f"text to {text.to}: {text.text}" for text in strange[:5]]
