"""The home of somebody who is signed in. The same page as behind their link, and the way to everything else of theirs."""

from django.http import HttpRequest, HttpResponse

from nightlight.web.requests import methods
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.caller import Door, own_page
from nightlight.web.views.now import person_now


@methods("GET", "HEAD", "POST")
@signed_in_only
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Calling, the open call, and the rooms of the house."""
    return own_page(request, Door(find=lambda _: visit.person, signed_in=True, base="/home"))


@methods("GET", "HEAD")
@signed_in_only
def home_now(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What the open page asks for every two seconds."""
    return person_now(request, visit.person, visit.now, "/home")
