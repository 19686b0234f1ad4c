"""Calls told again from their recorded events, by the rules of this version.

Before an upgrade that answers: would the next version have decided the same about my calls? What is
compared is what was written down then. A field that is new since is left out of account, and so is
one that is gone; an old event that cannot be read any more is said, and never passed over. Ids and
names of fields only: no record of events holds more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from nightlight.engine.decide import Decision, run
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert, AlertStatus
from nightlight.store.convert import alert_from_json, event_from_json, facts_from_json

Rules = Callable[[Alert | None, Event, Facts], Decision]


class Came(StrEnum):
    """What became of one call that was told again."""

    SAME = "same"
    DIFFERENT = "different"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One recorded event, and what was decided then, as far as that was written down."""

    kind: str
    body: Mapping[str, Any]
    facts: Mapping[str, Any]
    decided: Mapping[str, Any] | None = None
    """`alert`, `effects`, `entries` and `refused` as JSON values; None where only the end is known."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The record of one call, oldest event first, and how it stands."""

    call: str
    told: Sequence[Told]
    state: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What this version makes of the record of one call."""

    call: str
    status: str
    """How it stands, as it was written down."""
    came: Came
    events: int
    event: int | None = None
    """Which one, counted from 1, was decided otherwise or cannot be read; None for the end alone."""
    fields: tuple[str, ...] = ()
    """What came out otherwise, by name."""

    @property
    def is_open(self) -> bool:
        """Whether the call is not over."""
        return self.status != AlertStatus.RESOLVED


def replayed(events: Iterable[tuple[Event, Facts]], rules: Rules = run) -> Alert | None:
    """The alert that *events*, each with the facts it met, lead to by *rules*; None without any."""
    alert: Alert | None = None
    for event, facts in events:
        alert = rules(alert, event, facts).alert
    return alert


def told_again(recorded: Recorded, rules: Rules = run) -> Verdict:
    """Decide everything in *recorded* once more, by *rules*, and say whether it comes out the same."""
    status = str(recorded.state.get("status", ""))

    def verdict(came: Came, event: int | None = None, fields: tuple[str, ...] = ()) -> Verdict:
        return Verdict(
            call=recorded.call,
            status=status,
            came=came,
            events=len(recorded.told),
            event=event,
            fields=fields,
        )

    alert: Alert | None = None
    for number, told in enumerate(recorded.told, start=1):
        try:
            decision = rules(
                alert, event_from_json(told.kind, dict(told.body)), facts_from_json(dict(told.facts))
            )
        # Whatever a new rule trips over in an old record, the others are still to be told.
        except Exception:  # noqa: BLE001
            return verdict(Came.UNREADABLE, number, (told.kind,))
        if told.decided is not None and (fields := _otherwise(told.decided, as_decided(decision))):
            return verdict(Came.DIFFERENT, number, fields)
        alert = decision.alert
    try:
        fields = _otherwise_alert(recorded.state, alert)
    except msgspec.ValidationError:
        return verdict(Came.UNREADABLE)
    return verdict(Came.DIFFERENT, None, fields) if fields else verdict(Came.SAME)


def as_decided(decision: Decision) -> dict[str, Any]:
    """*decision* as JSON values, always in the same order."""
    return {
        "alert": _plain(decision.alert),
        "effects": [[type(effect).__name__, _plain(effect)] for effect in decision.effects],
        "entries": [_plain(entry) for entry in decision.entries],
        "refused": decision.refused,
    }


def _plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))


def _otherwise(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_names(then["alert"], now["alert"])) + tuple(
        name for name in ("effects", "entries", "refused") if not is_as_then(then[name], now[name])
    )


def _otherwise_alert(state: Mapping[str, Any], alert: Alert | None) -> tuple[str, ...]:
    if alert is None:
        return ("events",) if state else ()
    if not state:
        return ("state",)
    # Read and written once more: sets come in any order from a database.
    known = _shaped(_plain(alert_from_json(dict(state))), state)
    return tuple(_names(known, _plain(alert)))


def _shaped(value: Any, written: Any) -> Any:
    """*value* without the fields of objects that nobody had *written* yet."""
    if isinstance(value, dict) and isinstance(written, dict):
        return {name: _shaped(each, written[name]) for name, each in value.items() if name in written}
    if isinstance(value, list) and isinstance(written, list) and len(value) == len(written):
        return [_shaped(each, shape) for each, shape in zip(value, written, strict=True)]
    return value


def _names(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, value in then.items() if name in now and not is_as_then(value, now[name]))


def is_as_then(then: Any, now: Any) -> bool:
    """Whether *now* is *then*, but for fields of objects that only one of them has."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(is_as_then(value, now[name]) for name, value in then.items() if name in now)
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(is_as_then, then, now))
    return bool(then == now)
