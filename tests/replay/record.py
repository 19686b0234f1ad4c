"""Recorded histories of calls, one file for each release: `python -m tests.replay.record`.

Made-up nights are lived through, and of their calls those are kept in which something was decided
that no kept one shows yet. docs/internals/upgrade-replay.md says when to do it, and why.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from nightlight import __version__
from nightlight.engine import events
from nightlight.engine.decide import run
from nightlight.engine.state import Alert
from nightlight.simulator import database
from nightlight.simulator.recorded import history_written, of_installation
from nightlight.simulator.replay import Recorded, Told, as_decided
from nightlight.store.convert import EVENT_TYPES, event_from_json, facts_from_json

HISTORIES = Path(__file__).parent / "histories"
BYTES_MAX = 300_000
NIGHTS = 120

Sight = tuple[str, ...]
"""Something that can be seen in a history: where a call stood, what happened, where it stood then, and so on."""

NEVER_FROM_OUTSIDE = {events.Event, events.TimerEvent, events.DeliveryEvent, events.LadderRanOut}
"""Kinds that no row of the event table has: the general ones, and the one that only follows another."""
KINDS = {name for name, kind in EVENT_TYPES.items() if kind not in NEVER_FROM_OUTSIDE}


def file_of(version: str) -> Path:
    """Where the histories of *version* are kept."""
    return HISTORIES / f"{version}.jsonl.gz"


def decided(recorded: Recorded) -> Iterator[tuple[Told, list[Sight]]]:
    """Every event of *recorded* with what this version decides, and what can be seen in it."""
    alert: Alert | None = None
    for told in recorded.told:
        before = alert.status.value if alert else "none"
        decision = run(alert, event_from_json(told.kind, dict(told.body)), facts_from_json(dict(told.facts)))
        alert = decision.alert
        effects = [type(effect).__name__ for effect in decision.effects]
        yield (
            Told(kind=told.kind, body=told.body, facts=told.facts, decided=as_decided(decision)),
            [
                (before, told.kind, alert.status.value),
                (told.kind, decision.refused),
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


def chosen(nights: int) -> tuple[list[str], set[Sight]]:
    """The lines to keep of so many *nights*, and all that can be seen in them."""
    lines: list[str] = []
    sights: set[Sight] = set()
    for seed in range(1, nights + 1):
        for number, recorded in enumerate(lived(seed), start=1):
            told, seen = zip(*decided(recorded), strict=True)
            new = {sight for each in seen for sight in each} - sights
            if new:
                sights |= new
                line = history_written(f"night {seed} call {number}", told)
                lines.append(json.dumps(line, separators=(",", ":"), sort_keys=True))
        print(f"\r{seed} of {nights} nights, {len(lines)} histories, {len(sights)} sights ", end="", file=sys.stderr)  # noqa: T201
    return lines, sights


def main() -> int:
    """Record the histories of this version; 0 when every kind of event is in them and they are small."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=NIGHTS, help="how many made-up nights to choose from")
    parser.add_argument("--to", type=Path, default=file_of(__version__), help="the file to write")
    options = parser.parse_args()
    if options.to.exists():
        print(f"record: {options.to} is there already; a release is recorded once", file=sys.stderr)  # noqa: T201
        return 2
    database.prepare()
    lines, sights = chosen(options.nights)
    missing = KINDS - {sight[1] for sight in sights} - {sight[0] for sight in sights}
    packed = gzip.compress("".join(f"{line}\n" for line in lines).encode(), compresslevel=9, mtime=0)
    print(f"\n{len(lines)} histories, {len(packed):,} bytes; kinds missing: {sorted(missing)}", file=sys.stderr)  # noqa: T201
    if missing or len(packed) > BYTES_MAX:
        return 1
    options.to.write_bytes(packed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
