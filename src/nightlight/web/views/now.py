"""What an open page asks for every two seconds: itself as it would be now, without its frame.

Stop 9 of the road. Looking changes nothing. While nothing happened, the answer is 304 and nothing is
rendered; the header `True-At` then says what the page may call the time at which it is true.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import Reader, reader
from nightlight.web.rendering import render, zone_of
from nightlight.web.requests import methods
from nightlight.web.versions import answer_tag, caller_tag
from nightlight.web.views.answer import answer_now, link_behind
from nightlight.web.views.caller import call_now, person_behind
from nightlight.web.views.check_in import person_behind_check_in


@methods("GET", "HEAD")
def caller(request: HttpRequest, token: str) -> HttpResponse:
    """The parts of the caller's own page that say how their call stands."""
    now = database_now()
    return person_now(request, person_behind(token, now), now, f"/m/{token}")


@methods("GET", "HEAD")
def check_in_caller(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever came by the link in a reminder."""
    now = database_now()
    return person_now(request, person_behind_check_in(token, now), now, f"/c/{token}/call")


def person_now(request: HttpRequest, person: Reader, now: datetime, base: str) -> HttpResponse:
    """The same for *person*, whose page is at *base*, however they came in."""
    tag = caller_tag(person, now)
    known = get_conditional_response(request, etag=tag)
    return _tagged(known or render(call_now(person, now, base), now=now, reader=person), tag, person, now)


@methods("GET", "HEAD")
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The parts of the page behind an answer link."""
    now = database_now()
    link = link_behind(token, now)
    person = reader(link.person)
    tag = answer_tag(link, person, now)
    known = get_conditional_response(request, etag=tag)
    return _tagged(
        known or render(answer_now(link, now, f"/a/{token}"), now=now, reader=person), tag, person, now
    )


def _tagged(response: HttpResponse, tag: str, person: Reader | None, now: datetime) -> HttpResponse:
    response["ETag"] = tag
    response["True-At"] = timezone.localtime(now, zone_of(person)).isoformat(timespec="seconds")
    return response
