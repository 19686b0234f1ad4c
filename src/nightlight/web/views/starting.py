"""Beginning: what this is, the house rule, then few questions, one a page. Nothing is kept before the last.

What was said on one page is carried to the next by the form itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.store import desk_queries, starting
from nightlight.store.accounts import NotTaken
from nightlight.store.dbclock import database_now
from nightlight.store.entries import MinorsRule
from nightlight.store.minors import host_rule
from nightlight.store.passkeys import NotAccepted
from nightlight.store.starting import NAME_CHARACTERS_MAX, Beginner, LinkRanOut, Start
from nightlight.web.rendering import LANGUAGE_DEFAULT, Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.leaving import come_back
from nightlight.web.ways_in import chosen_way_in, let_in, passkeys_possible

ADULT, MINOR = "adult", "minor"
PASSKEY_REFUSED = "passkey"


class Question(StrEnum):
    """The pages, in order."""

    WHAT = "what"
    NAME = "name"
    AGE = "age"
    NOT_HERE = "not_here"
    WAY_IN = "way_in"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said so far."""

    name: str
    age: str
    zone: str


@methods("GET", "HEAD", "POST")
def open_start(request: HttpRequest) -> HttpResponse:
    """The open door, where the host lets anyone begin."""
    if not starting.anyone_may_begin():
        raise Http404
    return _page(request, "", Start(person="", name=""))


@methods("GET", "HEAD", "POST")
def start(request: HttpRequest, token: str) -> HttpResponse:
    """A link of the host's; looking does not use it up."""
    link = starting.start_of(token, database_now())
    if link is None:
        raise Http404
    return _page(request, token, link)


def _page(request: HttpRequest, token: str, link: Start) -> HttpResponse:
    said = _said(request, link)
    if request.method != "POST":
        return _ask(Question.WHAT, said)
    answered, question = posted(request, "step"), _next(said, link)
    if answered == question == Question.WAY_IN:
        return _begin(request, token, said)
    # A page that comes again was not answered in a way that can be taken.
    return _ask(question, said, "unfit" if answered == question else "")


def _said(request: HttpRequest, link: Start) -> Said:
    name = link.name or " ".join(posted(request, "person_name").split())
    is_fit = 0 < len(name) <= NAME_CHARACTERS_MAX and name.isprintable()
    age = posted(request, "age")
    return Said(
        name=name if is_fit else "",
        age=age if age in (ADULT, MINOR) else "",
        zone=zone_or(posted(request, "zone"), desk_queries.time_zone_of_most_callers()),
    )


def zone_or(zone: str, otherwise: str) -> str:
    """*zone* when it is the name of a time zone."""
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def _next(said: Said, link: Start) -> Question:
    house = host_rule()
    if not said.name and not link.name:
        return Question.NAME
    if house.adult_age and not said.age:
        return Question.AGE
    if house.adult_age and said.age == MINOR and house.rule is MinorsRule.NOT_HERE:
        return Question.NOT_HERE
    return Question.WAY_IN


def _ask(question: Question, said: Said, unfit: str = "", typed: str = "") -> HttpResponse:
    context = {
        "said": said,
        "unfit": unfit,
        "sign_in_name": typed,
        "house": host_rule(),
        "passkeys": passkeys_possible(),
    }
    status = 422 if unfit else 200
    return render(Page(template=f"start_{question}.html", context=context, status=status))


def _begin(request: HttpRequest, token: str, said: Said) -> HttpResponse:
    now = database_now()
    try:
        begun = _begun(request, token, said, now)
    except NotTaken as error:
        return _ask(Question.WAY_IN, said, error.why, posted(request, "sign_in_name"))
    except NotAccepted:
        return _ask(Question.WAY_IN, said, PASSKEY_REFUSED, posted(request, "sign_in_name"))
    except LinkRanOut:
        raise Http404 from None
    context = {"code": begun.code, "on": "/me/exit", "recovered": False}
    page = render(Page(template="new_code.html", context=context), now=now)
    return come_back(let_in(page, begun.account, now))


def _begun(request: HttpRequest, token: str, said: Said, now: datetime) -> starting.Begun:
    way_in = chosen_way_in(request, (said.name,), now)
    is_minor = bool(host_rule().adult_age) and said.age == MINOR
    beginner = Beginner(name=said.name, zone=said.zone, language=LANGUAGE_DEFAULT, is_minor=is_minor)
    return starting.begin(token, beginner, way_in, now)
