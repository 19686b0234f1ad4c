"""A call told again from its recorded events, by the very rules that decided them."""

from collections.abc import Callable, Iterable

from nightlight.engine.decide import Decision, run
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert

Rules = Callable[[Alert | None, Event, Facts], Decision]


def replayed(events: Iterable[tuple[Event, Facts]], rules: Rules = run) -> Alert | None:
    """The alert that *events*, each with the facts it met, lead to by *rules*; None without any."""
    alert: Alert | None = None
    for event, facts in events:
        alert = rules(alert, event, facts).alert
    return alert
