"""Quick exit: blank at once, a page of somebody else's, and nobody signed in here. A call goes on.

The answer is a page that leads on, not a redirect: a form may only lead to our own pages (form-action),
and browsers hold redirects against that, too. With scripts exit.js is faster and shows nothing at all.

No storage of the browser is cleared: the sealed plan lies there, and leaving in a hurry must not cost
it. What lies there cannot be read, and the program that a browser keeps shows nothing of it until
somebody goes on.
"""

from django.http import HttpRequest, HttpResponse

from nightlight import config
from nightlight.store.dbclock import database_now
from nightlight.store.sessions import end_session
from nightlight.web.middleware import note_failure
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods
from nightlight.web.session import delete_cookie, visit_of

LEFT = "left"
"""Set by quick exit: until somebody goes on by a press, own pages that need no signing in say nothing."""
LEFT_SECONDS = 12 * 60 * 60


@methods("POST")
def leave(request: HttpRequest) -> HttpResponse:
    """End the session of this browser and lead away. Whatever breaks, it leads away."""
    response = render(Page(template="left.html", context={"to": config.current().exit_url}))
    try:
        now = database_now()
        visit = visit_of(request, now)
        if visit is not None:
            end_session(visit.signed_in.session, now)
    except Exception as error:  # noqa: BLE001  (leaving must not wait for anything of ours)
        note_failure(request, error)
    delete_cookie(response)
    response.set_cookie(
        LEFT, "1", max_age=LEFT_SECONDS, httponly=True, secure=config.current().is_https, samesite="Lax"
    )
    return response


def has_left(request: HttpRequest) -> bool:
    """Whether quick exit was used here and nobody went on since."""
    return bool(request.COOKIES.get(LEFT))


def away() -> HttpResponse:
    """A page that says nothing, with one button to go on."""
    return render(Page(template="away.html", context={}))


def come_back(response: HttpResponse) -> HttpResponse:
    """*response* to somebody who went on."""
    response.delete_cookie(LEFT, samesite="Lax")
    return response
