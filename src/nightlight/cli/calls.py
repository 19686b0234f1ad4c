"""Calls, from the host's side: raise one, look at it, record an answer, end it. Stop 1 of the road.

From the terminal, with plain arguments; to `intake`, with the time, read once.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from nightlight.cli.django_setup import uses_data
from nightlight.cli.failures import Failure
from nightlight.cli.output import clock_time, say, show, show_json, show_table
from nightlight.engine.needs import Need

if TYPE_CHECKING:
    from nightlight.store.advance import Advanced
    from nightlight.store.queries import AlertView

NEEDS = click.Choice([need.value for need in Need])
SILENT_AFTER = timedelta(seconds=60)
"""A worker that was not heard of for this long does not run."""


@click.command()
@click.argument("person")
@click.option("--need", type=NEEDS, default="talk", show_default=True, help="What is asked for.")
@click.option("--json", "as_json", is_flag=True, help="Print an object instead of the id.")
@uses_data
def call(person: str, need: str, as_json: bool) -> None:
    """Call the circle of PERSON, who asked you to.

    Prints the id of the call, which is kept when this returns.

    Example: nightlight call ana --need talk
    """
    from nightlight.intake import alert as intake
    from nightlight.store.dbclock import database_now

    now = database_now()
    try:
        called = intake.call(person, Need(need), now)
    except intake.NotPossible as error:
        raise Failure(str(error)) from error
    if as_json:
        show_json({"id": called.alert_id, "person": person, "status": called.status, "new": called.is_new})
    else:
        show(called.alert_id)
    if not called.is_new:
        say("a call was open already; this one joined it")
    _say_when_nothing_is_sent(now)


def _say_when_nothing_is_sent(now: datetime) -> None:
    from nightlight.store.heartbeats import last_beat

    beat = last_beat()
    if beat is None or now - beat > SILENT_AFTER:
        say("nothing is sent until `nightlight serve` runs; start it now")


@click.command()
@click.argument("alert", required=False, metavar="[CALL]")
@click.option("--json", "as_json", is_flag=True, help="Print the object, or the list, that programs get.")
@uses_data
def status(alert: str | None, as_json: bool) -> None:
    """Say what happened and what happens next; without CALL, list the calls.

    Times are those of the place where the caller lives.

    Example: nightlight status
    """
    from nightlight.store.queries import alert_views
    from nightlight.store.queries_json import alert_json

    if alert is not None:
        view = _view(alert)
        if as_json:
            show_json(alert_json(view))
        else:
            _tell(view)
        return
    views = alert_views(open_only=False)
    if as_json:
        show_json([alert_json(view) for view in views])
    elif views:
        _list(views)
    else:
        say("there is no call, and there was none")


def _view(alert: str) -> "AlertView":
    from nightlight.store.advance import NoSuchAlert
    from nightlight.store.queries import alert_view

    try:
        return alert_view(alert)
    except NoSuchAlert as error:
        raise Failure(f"there is no call {alert!r}; `nightlight status` lists the calls there are") from error


def _zone(view: "AlertView") -> ZoneInfo:
    from nightlight.store.standing import time_zone_of

    return time_zone_of(view.person.id) or ZoneInfo("UTC")


def _tell(view: "AlertView") -> None:
    from nightlight.cli import words

    zone = _zone(view)
    show(f"{view.person.name}: {words.status_words(view)}")
    show(f"Wished for: {words.NEEDS[view.need]}. Times are those of {zone.key}.")
    show("")
    for line in view.timeline:
        show(f"{clock_time(line.at, zone)}  {words.sentence(line, view)}")
    show("")
    show(f"Next: {words.what_is_next(view, zone)}")


def _list(views: list["AlertView"]) -> None:
    from nightlight.cli import words

    rows = [
        [
            view.id,
            view.person.id,
            clock_time(view.raised_at, _zone(view)),
            words.status_words(view) + (" (held)" if view.waits_for_host else "")
            + (" (set aside)" if view.is_poisoned else ""),
            clock_time(view.next.at, _zone(view)) if view.next else "-",
        ]
        for view in views
    ]  # fmt: skip
    show_table(("CALL", "PERSON", "SINCE", "HOW IT STANDS", "NEXT"), rows)


@click.command()
@click.argument("alert", metavar="CALL")
@click.argument("person")
@click.argument("said", type=click.Choice(["yes", "no"]), metavar="yes|no")
@uses_data
def answer(alert: str, person: str, said: str) -> None:
    """Record an answer that PERSON gave you by voice.

    It counts as if they had tapped it themselves.

    Example: nightlight answer CALL sam yes
    """
    from nightlight.intake.answer import Saying
    from nightlight.intake.answer import say as let_say
    from nightlight.store.dbclock import database_now

    view = _view(alert)
    if view.resolved_at is not None:
        raise Failure("this call is over; nothing was recorded")
    # A call that broke at birth does not know its people yet; whoever is asked plainly may answer.
    if view.alert is not None and person not in view.alert.everyone:
        people = ", ".join(view.alert.everyone)
        raise Failure(f"{person!r} is not in this call; those who are: {people}")
    advanced = let_say(alert, person, Saying(said), database_now()).advanced
    if advanced.refused == "removed":
        raise Failure(f"{person!r} is no longer in this circle, so their answer does not count")
    say(_heard(alert, advanced))


def _heard(alert: str, advanced: "Advanced") -> str:
    from nightlight.cli.words import status_words

    if advanced.waits:
        return "recorded; it counts as soon as this call, which is set aside, can take it"
    if advanced.refused == "time_used_up":
        return "recorded; they had it as long as one person may in a round, so others are asked too"
    return f"recorded; {status_words(_view(alert))}"


@click.command()
@click.argument("alert", metavar="CALL")
@click.option("--reason", default="", metavar="TEXT", help="Why you end it; the person is shown it.")
@uses_data
def resolve(alert: str, reason: str) -> None:
    """End a call. A reason is needed, and is shown to the person who called.

    Everybody who was told of the call hears that it is over.

    Example: nightlight resolve CALL --reason "Ana rang the desk: she is with her sister"
    """
    from nightlight.engine.events import EndedBy
    from nightlight.intake import alert as intake
    from nightlight.store.dbclock import database_now

    if _view(alert).resolved_at is not None:
        say("it was over already; nothing changed")
        return
    if not reason.strip():
        raise Failure("a reason is needed, and is shown to the person who called; add --reason TEXT")
    try:
        ended = intake.resolve(alert, EndedBy.HOST, database_now(), reason=reason)
    except intake.NotPossible as error:
        raise Failure(str(error)) from error
    say(
        "recorded; it ends as soon as this call, which is set aside, can take it"
        if ended.waits
        else "it is over"
    )
