"""The page that a reminder leads to: one press says how it is. Looking at it says nothing."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.engine.checkin import By, How
from nightlight.intake import check_in_wishes, checkin
from nightlight.intake.checkin import Taken
from nightlight.intake.supporting import NotUnderstood
from nightlight.store import check_in_queries
from nightlight.store.check_in_queries import CheckInView
from nightlight.store.dbclock import database_now
from nightlight.store.local_time import local_date
from nightlight.store.page_queries import Reader, circle_view, reader
from nightlight.web.check_in_page import stand_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.caller import GO_ON, Door, own_page
from nightlight.web.views.leaving import away, come_back, has_left

OK, LOW = "ok", "low"


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What a link opens."""

    person: Reader
    view: CheckInView
    token: str
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a press came to."""

    answer: str = ""
    """`ok` or `low`, when that was said."""
    taken: Taken | None = None
    before: CheckInView | None = None
    """How it stood until then."""
    notice: str = ""
    told: tuple[str, ...] = ()
    status: int = 200


def _behind(token: str, now: datetime) -> Behind:
    found = check_in_queries.behind(token)
    person = reader(found[0]) if found else None
    view = check_in_queries.check_in_of(found[0], found[1], now) if found else None
    if person is None or view is None:
        raise Http404
    return Behind(person=person, view=view, token=token, now=now)


@methods("GET", "HEAD", "POST")
def check_in(request: HttpRequest, token: str) -> HttpResponse:
    """How it stands; a press on it is a word of the person's."""
    its = _behind(token, database_now())
    if request.method == "POST" and posted(request, "do") == GO_ON:
        return come_back(_show(its, Said()))
    if request.method != "POST" and has_left(request):
        return away()
    return _show(its, _take(request, its) if request.method == "POST" else Said())


def person_behind_check_in(token: str, now: datetime) -> Reader:
    """Whose check-in's page *token* opens; 404 when it opens nothing."""
    return _behind(token, now).person


@methods("GET", "HEAD", "POST")
def call(request: HttpRequest, token: str) -> HttpResponse:
    """The person's own page, for whoever needs more than to say how it is: the reminder is theirs, on their phone."""
    base = f"/c/{token}/call"
    door = Door(find=partial(person_behind_check_in, token), base=base, quiet_at=f"{base}/quiet")
    return own_page(request, door)


def _take(request: HttpRequest, its: Behind) -> Said:
    match posted(request, "answer"):
        case "ok" | "low" as answer:
            how = How.OK if answer == OK else How.NOT_OK
            taken = checkin.take(its.view.id, how, By.PAGE, its.now)
            return Said(answer=answer, taken=taken, before=its.view)
        case "tell":
            return _tell(request, its)
        case "pause":
            return _pause(request, its)
        case "back":
            checkin.end_pause(its.view.id, its.now)
            return Said(notice="back")
        case _:
            return Said(notice="not_understood", status=422)


def _tell(request: HttpRequest, its: Behind) -> Said:
    chosen = request.POST.getlist("told")
    told = check_in_wishes.tell_quietly(its.view, chosen, its.person.id, its.now)
    if not told:
        return Said(notice="nobody_told", status=422)
    return Said(notice="told", told=told)


def _pause(request: HttpRequest, its: Behind) -> Said:
    until = posted(request, "day"), posted(request, "hour")
    zone = its.person.time_zone
    try:
        check_in_wishes.pause(its.view.id, posted(request, "why"), until, zone, its.now)
    except NotUnderstood as error:
        return Said(notice=str(error), status=422)
    return Said(notice="paused")


def _show(its: Behind, said: Said) -> HttpResponse:
    view = check_in_queries.check_in_of(its.person.id, its.view.id, its.now) or its.view
    context = {
        "stand": stand_of(view, its.person.id, its.now),
        "said": said,
        "here": f"/c/{its.token}",
        "members": [
            each
            for each in check_in_queries.choosable(its.person.id)
            if view.latest is None or each.name not in view.latest.told
        ],
        "has_ladder": circle_view(its.person.id).has_ladder,
        "today": local_date(its.now, its.person.time_zone),
    }
    page = Page(template="check_in.html", context=context, status=said.status)
    return render(page, now=its.now, reader=its.person)
