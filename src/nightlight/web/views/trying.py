"""The wall of sample phones that `nightlight try` opens on. In every other house nothing is here.

Each press takes the road it takes in a real house; only switching phones and letting time pass are
of the sample alone. It answers to this machine and to nobody else.
"""

import hashlib
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse

from nightlight import config
from nightlight.engine.effects import TimerKind
from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as calls
from nightlight.intake import sampling
from nightlight.intake.answer import Saying, say
from nightlight.intake.sampling import CALLER, SPEEDS, SamplePerson, Switch
from nightlight.store.access import new_host_link
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import ask_messages, circle_view, reader, time_zones
from nightlight.store.queries import AlertView, alert_view, last_alert_of
from nightlight.web.caller_page import caller_page
from nightlight.web.desk_page import desk_call
from nightlight.web.rendering import Page, render
from nightlight.web.requests import is_at_this_machine, methods, posted
from nightlight.web.try_page import Seen, hint, phone

NOT_UNDERSTOOD = "not_understood"
BUSY = "busy"


@methods("GET", "HEAD", "POST")
def wall(request: HttpRequest) -> HttpResponse:
    """The caller's phone and those of her circle, side by side."""
    _for_this_machine_only(request)
    if request.method != "POST":
        return _show("try.html")
    if posted(request, "do") == "desk":
        link = f"/desk/{new_host_link(database_now())}"
        return render(Page(template="desk_door.html", context={"action": link}))
    notice = _take(request)
    sampling.settle()
    return _show("try.html", notice=notice)


@methods("GET", "HEAD")
def wall_now(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes, for the script that swaps it. 304 when nothing did."""
    _for_this_machine_only(request)
    response = _show("try_wall.html")
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:24]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    response["ETag"] = tag
    return response


def _for_this_machine_only(request: HttpRequest) -> None:
    """Whoever is here may do everything, so nobody from elsewhere is, whatever `try` listens on."""
    if not (is_at_this_machine(request) and sampling.is_sample()):
        raise Http404


def _take(request: HttpRequest) -> str:
    """Do what was pressed; a code word for the page's notice, or nothing."""
    now = database_now()
    doing = posted(request, "do")
    match doing:
        case "raise":
            return _raise(posted(request, "need"), now)
        case "next":
            return _next(posted(request, "until"), now)
        case "speed":
            return _speed(posted(request, "speed"))
        case "start_over":
            sampling.start_over(now)
            return ""
        case "switch":
            return _switch(_person(request), posted(request, "phone"))
        case "in_contact" | "still_needed" | "resolve" | "yes" | "no" | "quiet":
            return _about_the_call(doing, _person(request), now)
    return NOT_UNDERSTOOD


def _person(request: HttpRequest) -> SamplePerson | None:
    wanted = posted(request, "person")
    return next((person for person in sampling.circle() if person.id == wanted), None)


def _raise(need: str, now: datetime) -> str:
    if need not in set(Need):
        return NOT_UNDERSTOOD
    calls.call(CALLER, Need(need), now)
    return ""


def _about_the_call(doing: str, person: SamplePerson | None, now: datetime) -> str:
    view = _latest_call()
    if view is None or view.alert is None or not _is_open(view):
        return ""
    match doing:
        case "in_contact":
            calls.in_touch(view.id, now, person=view.alert.taker)
        case "still_needed":
            calls.still_needed(view.id, now)
        case "resolve":
            calls.resolve(view.id, EndedBy.CALLER, now)
        case _ if person is None:
            return NOT_UNDERSTOOD
        case "quiet":
            return _go_quiet(view, person)
        case _:
            say(view.id, person.id, Saying(doing), now)
    return ""


def _go_quiet(view: AlertView, person: SamplePerson) -> str:
    """Let time pass without a word of *person*, until somebody else is asked."""
    timer = view.alert.timer if view.alert else None
    if timer is None or timer.kind is not TimerKind.ACKNOWLEDGEMENT or view.acknowledged_by is None:
        return ""
    if view.acknowledged_by.id != person.id:
        return ""
    return "" if sampling.let_pass(timer.due) else BUSY


def _next(until: str, now: datetime) -> str:
    """Let time pass to the next thing; a second tap on the same button, whose time has come, does nothing."""
    due = sampling.next_due()
    try:
        meant = datetime.fromisoformat(until) if until else due
        if due is None or meant is None or meant <= now:
            return ""
    except (ValueError, TypeError):
        return NOT_UNDERSTOOD
    return "" if sampling.let_pass(due) else BUSY


def _speed(times: str) -> str:
    if times not in {str(each) for each in SPEEDS}:
        return NOT_UNDERSTOOD
    sampling.set_speed(int(times))
    return ""


def _switch(person: SamplePerson | None, how: str) -> str:
    if person is None or how not in set(Switch):
        return NOT_UNDERSTOOD
    sampling.switch(person, Switch(how))
    return ""


def _latest_call() -> AlertView | None:
    """The latest call, unless everything was started over since it ended."""
    alert = last_alert_of(CALLER)
    view = alert_view(alert) if alert else None
    return view if view and (_is_open(view) or sampling.phones().sent()) else None


def _is_open(view: AlertView) -> bool:
    return view.status is not AlertStatus.RESOLVED


def _show(template: str, *, notice: str = "") -> HttpResponse:
    now = database_now()
    view = _latest_call()
    page = None
    if view is not None and _is_open(view):
        page = caller_page(view, ask_messages(view), circle_view(CALLER).present, now)
    seen = Seen(view=view, page=page, base_url=config.current().base_url)
    due = sampling.next_due()
    zone = time_zones({CALLER}).get(CALLER, "UTC")
    context = {
        "page": page,
        "view": view,
        "record": desk_call(view, zone).lines if view else (),
        "hint": hint(seen),
        "phones": [
            phone(person, sampling.sent_to(person), sampling.switched(person), seen)
            for person in sampling.circle()
        ],
        "next_due": due if due is not None and due > now else None,
        "speed": sampling.speed(),
        "speeds": SPEEDS,
        "needs": list(Need),
        "own_page": sampling.own_page(),
        "notice": notice,
    }
    status = 422 if notice == NOT_UNDERSTOOD else 200
    return render(Page(template=template, context=context, status=status), now=now, reader=reader(CALLER))
