"""Pages of somebody who is signed in. Whoever is not is led to the sign-in page and back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight import config
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import Reader, reader
from nightlight.store.sessions import SESSION_LASTS, SignedIn, session_of
from nightlight.web.views.errors import problem

COOKIE = "session"
"""A neutral name: it can be read in the settings of a browser."""

Rest = ParamSpec("Rest")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in."""

    person: Reader
    signed_in: SignedIn
    now: datetime


View = Callable[Concatenate[HttpRequest, Visit, Rest], HttpResponse]


def visit_of(request: HttpRequest, now: datetime) -> Visit | None:
    """Who is signed in in this browser, or None."""
    signed_in = session_of(request.COOKIES.get(COOKIE, ""), now)
    person = reader(signed_in.person) if signed_in else None
    if signed_in is None or person is None:
        return None
    return Visit(person=person, signed_in=signed_in, now=now)


def signed_in_only(view: View[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Let only those through who are signed in; others sign in first, and come back to what they looked at."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        visit = visit_of(request, database_now())
        if visit is None:
            return HttpResponseRedirect("/sign-in?" + urlencode({"next": request.path}))
        return view(request, visit, *args, **kwargs)

    return checked


def signed_in_scripts(view: View[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """The same for what a script of ours asks: whoever is not signed in hears 401, and where to sign in."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        visit = visit_of(request, database_now())
        if visit is None:
            return problem(401, "sign in first, at /sign-in")
        return view(request, visit, *args, **kwargs)

    return checked


def set_cookie(response: HttpResponse, token: str) -> None:
    """Give the browser the token of a session. Only our own pages are shown it again."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        secure=config.current().is_https,
        samesite="Lax",
    )


def delete_cookie(response: HttpResponse) -> None:
    """Take the token back from the browser."""
    response.delete_cookie(COOKIE, samesite="Lax")
