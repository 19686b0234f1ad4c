"""Engine values to JSON and back, both ways, and nothing else.

The columns of an alert's row that queries need (status, timer, …) are copies made by
`store.advance` in the same statement; the JSON document is what is read back.
"""

from typing import Any

import msgspec

from nightlight.engine import events
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert


def _event_types(base: type[Event]) -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for kind in base.__subclasses__():
        found[kind.__name__] = kind
        found |= _event_types(kind)
    return found


EVENT_TYPES: dict[str, type[Event]] = _event_types(events.Event)


def alert_to_json(alert: Alert) -> dict[str, Any]:
    """*alert* as JSON values."""
    document: dict[str, Any] = msgspec.to_builtins(alert)
    return document


def alert_from_json(document: dict[str, Any]) -> Alert:
    """The alert in *document*; raises `msgspec.ValidationError` when it is not one."""
    return msgspec.convert(document, Alert)


def event_to_json(event: Event) -> tuple[str, dict[str, Any]]:
    """The kind of *event* and its fields as JSON values; ids only, never names or addresses."""
    document: dict[str, Any] = msgspec.to_builtins(event)
    return type(event).__name__, document


def event_from_json(kind: str, document: dict[str, Any]) -> Event:
    """The event of *kind* in *document*; raises `KeyError` for a kind no release ever wrote."""
    return msgspec.convert(document, EVENT_TYPES[kind])


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """*facts* as JSON values."""
    document: dict[str, Any] = msgspec.to_builtins(facts)
    return document


def facts_from_json(document: dict[str, Any]) -> Facts:
    """The facts in *document*."""
    return msgspec.convert(document, Facts)
