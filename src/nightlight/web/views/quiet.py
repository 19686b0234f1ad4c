"""The one switch: on a person's pages by whichever way they came, and at the host's desk.

Looking never switches anything. A call of theirs, and calls of others, are not touched by it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from nightlight.intake import quiet as intake
from nightlight.store import quiet
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import Reader
from nightlight.store.people_list import is_person, people
from nightlight.store.quiet import REASON_MAX, QuietBy
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.caller import person_behind
from nightlight.web.views.check_in import person_behind_check_in
from nightlight.web.views.desk import is_open
from nightlight.web.views.errors import desk_closed
from nightlight.web.views.leaving import away, has_left
from nightlight.web.views.supporter import Supporter, by_link

NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, kw_only=True)
class Own:
    """Whose switch it is, and from which page they came."""

    person: Reader
    back: str
    now: datetime
    layout: str = "person.html"


@methods("GET", "HEAD", "POST")
@signed_in_only
def mine(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Of somebody who is signed in."""
    return _own(request, Own(person=visit.person, back="/home", now=visit.now))


@methods("GET", "HEAD", "POST")
def by_own_link(request: HttpRequest, token: str) -> HttpResponse:
    """Of somebody whose own page is behind a link."""
    now = database_now()
    return _by_link(request, Own(person=person_behind(token, now), back=f"/m/{token}", now=now))


@methods("GET", "HEAD", "POST")
def by_check_in(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever came by the link in a reminder."""
    now = database_now()
    own = Own(person=person_behind_check_in(token, now), back=f"/c/{token}/call", now=now)
    return _by_link(request, own)


def _by_link(request: HttpRequest, own: Own) -> HttpResponse:
    if request.method != "POST" and has_left(request):
        return away()
    return _own(request, own)


@methods("GET", "HEAD", "POST")
@by_link
def by_supporter_link(request: HttpRequest, supporter: Supporter) -> HttpResponse:
    """Of a supporter, and of whoever switched it by a text and follows the link in the word back."""
    own = Own(person=supporter.person, back=supporter.home, now=supporter.now, layout="base.html")
    return _own(request, own)


def _own(request: HttpRequest, own: Own) -> HttpResponse:
    notice = ""
    if request.method == "POST":
        match posted(request, "do"):
            case "stop":
                intake.switch_off(own.person.id, QuietBy.PERSON, own.now)
                notice = "stopped"
            case "go_on":
                intake.take_back(own.person.id, QuietBy.PERSON, own.now)
                notice = "goes_on"
            case _:
                notice = NOT_UNDERSTOOD
    context = {
        "notice": notice,
        "back": own.back,
        "quiet": quiet.quiet_of(own.person.id),
        "record": quiet.record_of(own.person.id),
    }
    status = 422 if notice == NOT_UNDERSTOOD else 200
    page = Page(template="quiet.html", context=context, status=status, layout=own.layout)
    return render(page, now=own.now, reader=own.person)


@methods("GET", "HEAD", "POST")
def desk(request: HttpRequest) -> HttpResponse:
    """For one person, by the host: after a death, or when somebody cannot do it themselves."""
    now = database_now()
    if not is_open(request, now):
        return desk_closed()
    notice = _take(request, now) if request.method == "POST" else ""
    is_refused = notice not in ("", "stopped", "goes_on")
    context = {
        "notice": notice,
        "quiet_ones": quiet.all_quiet(),
        "people": people(),
        "reason_max": REASON_MAX,
        "typed": {"person": posted(request, "person"), "reason": posted(request, "reason")}
        if is_refused
        else {},
    }
    return render(
        Page(template="desk_quiet.html", context=context, status=422 if is_refused else 200), now=now
    )


def _take(request: HttpRequest, now: datetime) -> str:
    """What the host did: a code word for the page's notice."""
    do, person, reason = (posted(request, name) for name in ("do", "person", "reason"))
    if do not in ("stop", "go_on") or not is_person(person):
        return "nobody" if do == "stop" else NOT_UNDERSTOOD
    if do == "go_on":
        intake.take_back(person, QuietBy.HOST, now)
        return "goes_on"
    if not reason:
        return "no_reason"
    if len(reason) > REASON_MAX:
        return "too_long"
    intake.switch_off(person, QuietBy.HOST, now, reason=reason)
    return "stopped"
