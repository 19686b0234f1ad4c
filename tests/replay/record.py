"""Recorded histories of calls, one file for each release: `python -m tests.replay.record`.

Made-up nights are lived through, and of their calls those are kept in which something was decided
that no kept one shows yet. docs/internals/upgrade-replay.md says when to do it, and why.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from nightlight import __version__
from nightlight.engine import events
from nightlight.engine.decide import run
from nightlight.engine.effects import TimerKind
from nightlight.engine.facts import Facts
from nightlight.engine.holding import RENEWALS_MAX
from nightlight.engine.state import Alert, AlertStatus, Answer
from nightlight.simulator import database
from nightlight.simulator.recorded import history_written, of_installation
from nightlight.simulator.replay import Recorded, Told, as_decided
from nightlight.store.convert import (
    EVENT_TYPES,
    event_from_json,
    event_to_json,
    facts_from_json,
    facts_to_json,
)
from tests.campaigns.terminal import on_stderr

HISTORIES = Path(__file__).parent / "histories"
BYTES_MAX = 300_000
NIGHTS = 18

say = on_stderr("record")

Sight = tuple[str, ...]
"""Something that can be seen in a history: where a call stood, what happened, where it stood then, and so on."""

NEVER_FROM_OUTSIDE = {events.Event, events.TimerEvent, events.DeliveryEvent, events.LadderRanOut}
"""Kinds that no row of the event table has: the general ones, and the one that only follows another."""
DUE: dict[TimerKind, type[events.TimerEvent]] = {
    TimerKind.STEP: events.StepTimedOut,
    TimerKind.ROUND: events.RoundDue,
    TimerKind.ACKNOWLEDGEMENT: events.AcknowledgementExpired,
    TimerKind.CONTACT: events.ContactDue,
}
TIMERS = 8
"""So many come due in a call in which nobody says a word any more."""
KINDS = {name for name, kind in EVENT_TYPES.items() if kind not in NEVER_FROM_OUTSIDE}


def file_of(version: str) -> Path:
    """Where the histories of *version* are kept."""
    return HISTORIES / f"{version}.jsonl.gz"


def decided(recorded: Recorded) -> Iterator[tuple[Told, list[Sight]]]:
    """Every event of *recorded* with what this version decides, and what can be seen in it."""
    alert: Alert | None = None
    for told in recorded.told:
        before = alert.status.value if alert else "none"
        event = event_from_json(told.kind, dict(told.body))
        was_between = alert is not None and alert.between_rounds
        any_no = alert is not None and any(ask.answer is Answer.NO for ask in alert.asks)
        is_late = (
            isinstance(event, events.TimerEvent)
            and alert is not None
            and alert.timer is not None
            and event.generation != alert.timer.generation
        )
        decision = run(alert, event, facts_from_json(dict(told.facts)))
        alert = decision.alert
        effects = [type(effect).__name__ for effect in decision.effects]
        yield (
            Told(kind=told.kind, body=told.body, facts=told.facts, decided=as_decided(decision)),
            [
                (before, told.kind, alert.status.value),
                (told.kind, decision.refused),
                ("between rounds", told.kind, str(was_between and any_no)),
                ("renewals", told.kind, str(alert.hold.renewals if alert.hold else 0)),
                *([("late", told.kind)] if is_late else []),
                *((told.kind, "effect", effect) for effect in effects),
                *((told.kind, "entry", entry.what.value, entry.detail) for entry in decision.entries),
            ],
        )


def lived(seed: int) -> list[Recorded]:
    """The record of every call of one made-up night that kept every promise."""
    from nightlight.simulator.run import Run  # noqa: PLC0415  (once Django is set up)

    history = Run(seed).go()
    assert not history.violations, (seed, history.violations)
    return [recorded for recorded in of_installation() if recorded.told]


def in_silence(recorded: Recorded, since: AlertStatus) -> Recorded | None:
    """*recorded* until it stood at *since*, and from there on as if nobody said a word; None if it never did.

    In a made-up night somebody always does, long before two in touch are asked.
    """
    alert: Alert | None = None
    for number, told in enumerate(recorded.told, start=1):
        facts = facts_from_json(dict(told.facts))
        alert = run(alert, event_from_json(told.kind, dict(told.body)), facts).alert
        if alert.status is since:
            return replace(recorded, told=[*recorded.told[:number], *_timers(alert, facts)])
    return None


def _timers(alert: Alert, facts: Facts) -> Iterator[Told]:
    """Every timer that comes due by itself, and each once more, as another worker brings it too late."""
    for _ in range(TIMERS):
        timer = alert.timer
        if timer is None:
            return
        facts = replace(facts, now=max(timer.due, facts.now))
        event = DUE[timer.kind](generation=timer.generation)
        kind, body = event_to_json(event)
        told = Told(kind=kind, body=body, facts=_plain(facts_to_json(facts)))
        yield from (told, told)
        alert = run(run(alert, event, facts).alert, event, facts).alert


def asking_for_time(recorded: Recorded) -> Recorded | None:
    """*recorded* until somebody had it, who from there on asks for more time, once more than there is."""
    alert: Alert | None = None
    for number, told in enumerate(recorded.told, start=1):
        facts = facts_from_json(dict(told.facts))
        alert = run(alert, event_from_json(told.kind, dict(told.body)), facts).alert
        if alert.status is AlertStatus.ACKNOWLEDGED and alert.taker is not None:
            kind, body = event_to_json(events.AcknowledgementRenewed(person=alert.taker))
            asks = [
                Told(kind=kind, body=body, facts=_plain(facts_to_json(_later(facts, minutes))))
                for minutes in range(1, RENEWALS_MAX + 2)
            ]
            return replace(recorded, told=[*recorded.told[:number], *asks])
    return None


def still_needed(recorded: Recorded) -> Recorded | None:
    """*recorded* until everyone was tried and somebody had said no, and then the caller still needs someone."""
    alert: Alert | None = None
    for number, told in enumerate(recorded.told, start=1):
        facts = facts_from_json(dict(told.facts))
        alert = run(alert, event_from_json(told.kind, dict(told.body)), facts).alert
        if alert.between_rounds and any(ask.answer is Answer.NO for ask in alert.asks):
            kind, body = event_to_json(events.StillNeeded())
            after = Told(kind=kind, body=body, facts=_plain(facts_to_json(_later(facts, 1))))
            return replace(recorded, told=[*recorded.told[:number], after])
    return None


def _later(facts: Facts, minutes: int) -> Facts:
    return replace(facts, now=facts.now + timedelta(minutes=minutes))


def led_on(name: str, recorded: Recorded) -> Iterator[tuple[str, Recorded | None]]:
    """*recorded* as it was, and as it could have gone on from somewhere, each with its name."""
    yield name, recorded
    for since in AlertStatus:
        yield f"{name} in silence since {since}", in_silence(recorded, since)
    yield f"{name} asking for time", asking_for_time(recorded)
    yield f"{name} still needed", still_needed(recorded)


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """As it comes out of the database."""
    plain: dict[str, Any] = json.loads(json.dumps(document))
    return plain


def chosen(nights: int) -> tuple[list[str], set[Sight]]:
    """The lines to keep of so many *nights*, and all that can be seen in them."""
    lines: list[str] = []
    sights: set[Sight] = set()
    for seed in range(1, nights + 1):
        named = ((f"night {seed} call {number}", call) for number, call in enumerate(lived(seed), start=1))
        for name, recorded in (each for call in named for each in led_on(*call)):
            told, seen = zip(*decided(recorded), strict=True) if recorded else ((), ())
            new = {sight for each in seen for sight in each} - sights
            if new:
                sights |= new
                line = history_written(name, told)
                lines.append(json.dumps(line, separators=(",", ":"), sort_keys=True))
        say(f"{seed} of {nights} nights, {len(lines)} histories, {len(sights)} sights")
    return lines, sights


def main() -> int:
    """Record the histories of this version; 0 when every kind of event is in them and they are small."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=NIGHTS, help="how many made-up nights to choose from")
    parser.add_argument("--to", type=Path, default=file_of(__version__), help="the file to write")
    options = parser.parse_args()
    if options.to.exists():
        say(f"{options.to} is there already; a release is recorded once")
        return 2
    database.prepare()
    lines, sights = chosen(options.nights)
    missing = KINDS - {sight[1] for sight in sights} - {sight[0] for sight in sights}
    packed = gzip.compress("".join(f"{line}\n" for line in lines).encode(), compresslevel=9, mtime=0)
    say(f"{len(lines)} histories, {len(packed):,} bytes; kinds missing: {sorted(missing)}")
    if missing or len(packed) > BYTES_MAX:
        return 1
    options.to.write_bytes(packed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
