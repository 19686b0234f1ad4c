"""The page behind a link by which one way is proven: of a code, or of practice. Looking proves nothing."""

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.channels.wording import APP_KINDS, PHONE_TEXT_KINDS, SPOKEN_KINDS
from nightlight.store.dbclock import database_now
from nightlight.store.notices import NoticePurpose
from nightlight.store.page_queries import reader
from nightlight.store.ways import look_at_tap, tap
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods


@methods("GET", "HEAD", "POST")
def proof(request: HttpRequest, token: str) -> HttpResponse:
    """One button; a press on it shows that the way the link came by reaches whose it is."""
    now = database_now()
    found = (tap if request.method == "POST" else look_at_tap)(token, now)
    if found is None:
        raise Http404
    context = {
        "tap": found,
        "is_practice": found.purpose == NoticePurpose.PRACTICE,
        "is_app": found.channel in APP_KINDS,
        "rings": found.channel in PHONE_TEXT_KINDS | SPOKEN_KINDS,
    }
    return render(Page(template="proof.html", context=context), now=now, reader=reader(found.person))
