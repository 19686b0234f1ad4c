"""Where I am: a note for chosen people that ends by itself."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.store.here_notes import TEXT_MAX, end_here, here_of, write_here
from nightlight.store.members import members_of
from nightlight.web.rendering import Page, render, zone_of
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only

MORNING = time(9)
LENGTHS = ("2", "6", "12", "morning")
"""How long a note may hold: hours, or until the next morning."""


@methods("GET", "HEAD", "POST")
@signed_in_only
def here(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Write, look at, and take back."""
    if request.method != "POST":
        return _show(visit, notice=next((word for word in ("left", "taken_back") if word in request.GET), ""))
    if posted(request, "do") == "end":
        end_here(visit.person.id, posted(request, "note"))
        return HttpResponseRedirect("/here?taken_back")
    return _write(request, visit)


def _write(request: HttpRequest, visit: Visit) -> HttpResponse:
    text, readers, length = posted(request, "text"), request.POST.getlist("reader"), posted(request, "until")
    typed = {"text": text, "readers": readers, "until": length}
    if not text or length not in LENGTHS:
        return _show(visit, notice="nothing_typed", status=422, typed=typed)
    if len(text) > TEXT_MAX:
        return _show(visit, notice="too_long", status=422, typed=typed)
    if not readers or not write_here(visit.person.id, text, readers, _until(length, visit), visit.now):
        return _show(visit, notice="nobody_chosen", status=422, typed=typed)
    return HttpResponseRedirect("/here?left")


def _until(length: str, visit: Visit) -> datetime:
    if length != "morning":
        return visit.now + timedelta(hours=int(length))
    local = visit.now.astimezone(zone_of(visit.person))
    today = datetime.combine(local.date(), MORNING, tzinfo=local.tzinfo)
    return today if today > local else today + timedelta(days=1)


def _show(
    visit: Visit, *, notice: str = "", status: int = 200, typed: Mapping[str, object] | None = None
) -> HttpResponse:
    context = {
        "notes": here_of(visit.person.id, visit.now),
        "members": members_of(visit.person.id),
        "notice": notice,
        "typed": typed or {"text": "", "readers": [], "until": "6"},
        "lengths": LENGTHS,
        "text_max": TEXT_MAX,
    }
    page = Page(template="here.html", context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)
