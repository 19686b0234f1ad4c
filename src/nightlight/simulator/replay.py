"""A call told again from its recorded events, by the very rules that decided them."""

from collections.abc import Iterable

from nightlight.engine.decide import run
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert


def replayed(events: Iterable[tuple[Event, Facts]]) -> Alert | None:
    """The alert that *events*, each with the facts it met, lead to; None without any."""
    alert: Alert | None = None
    for event, facts in events:
        alert = run(alert, event, facts).alert
    return alert
