"""A lamp, a door or a script gives a sign of life for somebody. Stop 1 of the road.

The key in the address is all there is to show, and opens nothing: it can only say "still there". What else is
sent is not read. Everything here is short, because a machine may do this very often.
"""

from django.http import HttpRequest, HttpResponse

from nightlight.intake.machine import sign_of_life
from nightlight.store.dbclock import DatabaseClock
from nightlight.web.machine_door import answer_body
from nightlight.web.requests import methods
from nightlight.web.views.errors import problem

database_now = DatabaseClock().now
"""Asked of the database once a second, and not for every lamp."""


@methods("POST")
def check_in(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """The machine with this key is there."""
    taken = sign_of_life(token, database_now())
    if taken is None:
        return problem(404, "no check-in has this key; make a new one on the page of the check-in")
    return HttpResponse(answer_body(taken.next_due), content_type="application/json")
