"""The host's desk: which calls are open, how they stand, and the little a host may do about them.

Stops 1 and 9 of the road. It opens by a link with one button, because whatever follows links in
mails must not use it up.
"""

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse

from nightlight import config
from nightlight.channels.registry import ChannelSettingError
from nightlight.engine.events import EndedBy
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying, say
from nightlight.intake.channels import kinds_on
from nightlight.store import desk_queries, health
from nightlight.store.access import (
    HOST_SESSION_LASTS,
    end_host_session,
    is_host_link,
    is_host_session,
    open_host_session,
)
from nightlight.store.advance import NoSuchAlert
from nightlight.store.dbclock import database_now
from nightlight.store.heartbeats import last_beat
from nightlight.store.page_queries import reader, time_zones
from nightlight.store.queries import AlertView, alert_view, alert_views
from nightlight.store.words_back import words_for_host
from nightlight.web.desk_notes import Reading, channel_lines, notes
from nightlight.web.desk_page import desk_call, desk_rows
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.errors import desk_closed

COOKIE = "nightlight_desk"
NOT_UNDERSTOOD = "not_understood"
LATELY = timedelta(days=7)
"""Ways that ended are told of for this long."""


@methods("GET", "HEAD", "POST")
def open_desk(request: HttpRequest, token: str) -> HttpResponse:
    """The host's link: looking shows one button, pressing it opens the desk in this browser."""
    now = database_now()
    if is_open(request, now):
        return _list(now)
    if not is_host_link(token, now):
        raise Http404
    if request.method != "POST":
        return render(Page(template="desk_door.html", context={}))
    session = open_host_session(token, now)
    if session is None:
        raise Http404
    return open_in(_list(now), session)


def open_in(response: HttpResponse, session: str) -> HttpResponse:
    """*response* to a browser in which the desk is open from now on."""
    response.set_cookie(
        COOKIE,
        session,
        max_age=HOST_SESSION_LASTS,
        path="/desk",
        secure=config.current().is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


@methods("GET", "HEAD", "POST")
def desk(request: HttpRequest) -> HttpResponse:
    """The open calls; a POST of `do=close` ends the session."""
    now = database_now()
    if not is_open(request, now):
        return desk_closed()
    if request.method == "POST" and posted(request, "do") == "close":
        end_host_session(request.COOKIES[COOKIE], now)
        response = desk_closed()
        response.status_code = 200
        response.delete_cookie(COOKIE, path="/desk", samesite="Lax")
        return response
    if request.method == "POST":
        return _list(now, notice=NOT_UNDERSTOOD, status=422)
    return _list(now)


@methods("GET", "HEAD", "POST")
def call(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (as documented)
    """One call with what happened; the host may note an answer given by voice, or end it with a reason."""
    now = database_now()
    if not is_open(request, now):
        return desk_closed()
    try:
        view = alert_view(id)
    except NoSuchAlert:
        raise Http404 from None
    if request.method != "POST":
        return _show(view, now)
    notice, status = _take(request, view, now)
    return _show(alert_view(id), now, notice=notice, status=status)


def is_open(request: HttpRequest, now: datetime) -> bool:
    """Whether the desk is open in this browser."""
    token = request.COOKIES.get(COOKIE, "")
    return bool(token) and is_host_session(token, now)


def _take(request: HttpRequest, view: AlertView, now: datetime) -> tuple[str, int]:
    """What the host did: a code word for the page's notice, and the HTTP status."""
    match posted(request, "do"):
        case "resolve":
            return _resolve(view, posted(request, "reason"), now)
        case "answer":
            return _answer(view, posted(request, "person"), posted(request, "answer"), now)
    return NOT_UNDERSTOOD, 422


def _resolve(view: AlertView, reason: str, now: datetime) -> tuple[str, int]:
    if view.status is AlertStatus.RESOLVED:
        return "over_already", 200
    try:
        refused = intake.resolve(view.id, EndedBy.HOST, now, reason=reason).refused
    except intake.NotPossible:
        return "reason_too_long", 422
    return (refused, 422) if refused else ("ended", 200)


def _answer(view: AlertView, person: str, answer: str, now: datetime) -> tuple[str, int]:
    known = set(view.alert.everyone) if view.alert else set()
    if person not in known or answer not in (Saying.YES, Saying.NO):
        return NOT_UNDERSTOOD, 422
    if view.status is AlertStatus.RESOLVED:
        return "over_already", 200
    advanced = say(view.id, person, Saying(answer), now).advanced
    return advanced.refused or "noted", 200


def _list(now: datetime, *, notice: str = "", status: int = 200) -> HttpResponse:
    views = alert_views(open_only=True)
    zones = time_zones({view.person.id for view in views})
    rows = desk_rows(views, zones, desk_queries.kept_words_of([view.id for view in views]))
    reading = _read(now)
    context = {
        "rows": rows,
        "needing": sum(row.needs_host for row in rows),
        "notes": notes(reading),
        "channels": channel_lines(reading),
        "beat": reading.beat,
        "is_late": reading.is_late,
        "host_can_be_told": reading.host_can_be_told,
        "words": words_for_host(now),
        "zone": desk_queries.time_zone_of_most_callers(),
        "notice": notice,
    }
    return render(Page(template="desk.html", context=context, status=status), now=now)


def _read(now: datetime) -> Reading:
    """Everything the notes are worked out from."""
    on, setting_error = _channels_on()
    return Reading(
        now=now,
        beat=last_beat(),
        held=len(health.held()),
        set_aside=len(health.set_aside()),
        overdue=len(health.overdue_messages(now, on)),
        waiting_for=health.messages_for_channels_off(now, on),
        channels_on=on,
        setting_error=setting_error,
        links_open_here_only=config.is_loopback(config.current().base_host),
        use=desk_queries.channel_use(now),
        withdrawn=tuple(desk_queries.ways_withdrawn(now - LATELY)),
        nobody_to_ask_for=tuple(desk_queries.callers_nobody_can_be_asked_for(now, on)),
        anybody_to_reach=health.anybody_to_reach(),
        host_can_be_told=health.host_can_be_told(),
    )


def _channels_on() -> tuple[frozenset[str], str]:
    """The kinds of channel that are on; and what is wrong with a setting, if that keeps all of them off."""
    try:
        return kinds_on(), ""
    except ChannelSettingError as error:
        return frozenset(), str(error)


def _show(view: AlertView, now: datetime, *, notice: str = "", status: int = 200) -> HttpResponse:
    caller = reader(view.person.id)
    context = {
        "call": desk_call(view, caller.time_zone if caller else "UTC"),
        "host_can_be_told": health.host_can_be_told(),
        "notice": notice,
    }
    page = Page(template="desk_call.html", context=context, status=status)
    return render(page, now=now, reader=caller)
