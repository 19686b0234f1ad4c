"""What came of a run on three machines, beside the accounts that every campaign makes."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.campaigns.ledger import REPEATS_MAX, Report, rows, zero_of
from tests.campaigns.service import Service
from tests.machines.provider import Sent


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One time a machine was cut off, or stood still, while it had messages in hand."""

    machine: str
    at: float
    """By `time.monotonic`, as everything here."""
    back_at: float
    in_hand: tuple[Sent, ...]


@dataclass(kw_only=True)
class Away:
    """One time the database could not be reached by anybody."""

    seconds: float
    pressed: int = 0
    """Calls that were first pressed meanwhile; each has to be acknowledged in the end."""
    pages_asked: int = 0
    pages_true: int = 0
    """Of these, those that said that nothing went out, and which numbers to ring."""
    slowest_page_seconds: float = 0.0


@dataclass(kw_only=True)
class MachinesReport:
    """The figures of one run, and the faults among them."""

    accounts: Report
    cuts: list[Cut] = field(default_factory=list)
    stills: int = 0
    """How many of the cuts were machines that stood still."""
    aways: list[Away] = field(default_factory=list)
    sent_by: dict[str, int] = field(default_factory=dict)
    in_hand: int = 0
    taken_over: int = 0
    taken_over_after: list[float] = field(default_factory=list)
    """Seconds from the cut, for each that another machine sent."""
    sent_again_by_itself: int = 0
    needless: int = 0
    """Not sent again, as somebody else had answered, or the call was over."""
    left_lying: int = 0
    """Neither sent nor needless: must be 0."""
    late_words: int = 0
    """Tries of which a lapsed lease was noted and that arrived all the same: no word of them changed anything."""
    late_words_taken: int = 0
    """Messages that count as sent by a try whose lease had lapsed: must be 0."""
    back_after: list[float] = field(default_factory=list)
    """Seconds from the cable's return until that machine sent again."""
    waits_given_again: int = 0

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, in words; empty when all is well."""
        told = sum(away.pages_asked - away.pages_true for away in self.aways)
        counted = {
            "messages left lying with a machine that was cut off": self.left_lying,
            "late words that were taken": self.late_words_taken,
            "pages that did not say that nothing went out": told,
            "machines that did not go on by themselves": len(self.cuts) - len(self.back_after),
        }
        return [*self.accounts.faults, *(f"{count} {what}" for what, count in counted.items() if count)]

    def as_json(self) -> str:
        """The figures for a machine."""
        figures = asdict(self) | {"cuts": len(self.cuts), "faults": self.faults}
        return json.dumps(figures, indent=2)

    def as_text(self) -> str:
        """The figures for people."""
        its = self.accounts
        share = its.messages_repeated / its.messages_accepted if its.messages_accepted else 0.0
        pressed = sum(away.pressed for away in self.aways)
        asked, true = (
            sum(getattr(each, name) for each in self.aways) for name in ("pages_asked", "pages_true")
        )
        slowest = max((away.slowest_page_seconds for away in self.aways), default=0.0)
        away = ", ".join(f"{each.seconds:.0f} s" for each in self.aways) or "never"
        sent = ", ".join(f"{name} {count}" for name, count in sorted(self.sent_by.items()))
        lines = [
            f"three machines on one PostgreSQL, seed {its.seed}, {its.seconds} s",
            (
                f"  trials               {len(self.cuts) - self.stills} cables cut, {self.stills} machines stood still,"
                f" database away {away}"
            ),
            (
                f"  calls acknowledged   {its.calls_acknowledged} of {its.calls_wanted};"
                f" {its.requests_in_vain} requests made again"
            ),
            f"  lost                 calls {zero_of(its.alerts_lost, its.calls_acknowledged)}",
            (
                f"                       first asks {zero_of(its.first_asks_lost, its.calls_acknowledged)};"
                f" {its.first_asks_overtaken} overtaken"
            ),
            f"                       answers {zero_of(its.answers_lost, its.answers_acknowledged)}",
            f"                       ends {zero_of(its.ends_lost, its.ends_acknowledged)}",
            (
                f"  repeated             {its.messages_repeated} of {its.messages_accepted} messages ({share:.2%}),"
                f" most of one {its.most_of_one} (allowed {REPEATS_MAX})"
            ),
            f"  sent by              {sent}",
            (
                f"  in hand when cut     {self.in_hand}: {self.taken_over} sent by others"
                f" ({_spread(self.taken_over_after)} after the cut), {self.sent_again_by_itself} by itself later,"
                f" {self.needless} needless by then, left lying {self.left_lying}"
            ),
            (
                f"  late words           {self.late_words} tries had lost their lease and arrived,"
                f" {self.late_words_taken} of them were taken"
            ),
            f"  back again           {_spread(self.back_after)} after the cable, by itself",
            (
                f"  while away           {pressed} calls pressed; {true} of {asked} pages said that nothing went out"
                f" (slowest {slowest:.1f} s)"
            ),
            f"  waits given again    {self.waits_given_again}",
            *(f"  FAULT                {fault}" for fault in self.faults),
            *(f"  for example          {example}" for example in [*its.examples, *its.refused][:20]),
        ]
        return "\n".join(lines)


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    return f"{min(seconds):.1f} to {max(seconds):.1f} s, half within {statistics.median(seconds):.1f} s"


def count_machines(report: MachinesReport, service: Service, sent: Sequence[Sent]) -> None:
    """Fill *report* with what became of what was in hand, and of late words."""
    report.sent_by = dict(Counter(each.machine for each in sent))
    message_of = dict(rows(service, "SELECT id, notification_id FROM attempt"))
    status_of = dict(rows(service, "SELECT id, status FROM notification"))
    later: dict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        if each.text.attempt in message_of:
            later[message_of[each.text.attempt]].append(each)
    for cut in report.cuts:
        for held in cut.in_hand:
            message = message_of[held.text.attempt]
            again = [each for each in later[message] if each.at > cut.at]
            _count_one(report, cut, again[0] if again else None, status_of[message])
        first = next((each for each in sent if each.machine == cut.machine and each.at > cut.back_at), None)
        if first is not None:
            report.back_after.append(first.at - cut.back_at)
    _count_late_words(report, service, {each.text.attempt for each in sent})
    [(given,)] = rows(service, "SELECT count(*) FROM event WHERE kind = 'WaitInterrupted'")
    report.waits_given_again = given


def _count_one(report: MachinesReport, cut: Cut, again: Sent | None, status: str) -> None:
    report.in_hand += 1
    if again is None and status in ("cancelled", "skipped", "unknown", "accepted"):
        report.needless += 1
    elif again is None:
        report.left_lying += 1
    elif again.machine == cut.machine:
        report.sent_again_by_itself += 1
    else:
        report.taken_over += 1
        report.taken_over_after.append(again.at - cut.at)


def _count_late_words(report: MachinesReport, service: Service, arrived: set[str]) -> None:
    lapsed = rows(
        service,
        "SELECT t.id, n.status, (SELECT count(*) FROM attempt o WHERE o.notification_id = n.id"
        " AND o.outcome IN ('accepted', 'queued')) FROM attempt t JOIN notification n ON n.id = t.notification_id"
        " WHERE t.outcome = 'unknown'",
    )
    late = [(status, others) for attempt, status, others in lapsed if attempt in arrived]
    report.late_words = len(late)
    # Accepted, and no try of it was: then the word of one that had lost its lease was believed.
    report.late_words_taken = sum(1 for status, others in late if status == "accepted" and not others)
