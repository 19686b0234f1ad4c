"""Where the person is: by whose clock their check-ins go."""

from django.http import HttpRequest, HttpResponse

from nightlight.intake.place import live_by
from nightlight.intake.supporting import zones
from nightlight.store.page_queries import reader
from nightlight.web.check_in_page import stands_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only


@methods("GET", "HEAD", "POST")
@signed_in_only
def place(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Choose a time zone; nothing looks up by itself where anybody is."""
    known, notice = ["UTC", *zones()], ""
    if request.method == "POST":
        zone = posted(request, "zone")
        notice = "kept" if zone in known else "unfit"
        if notice == "kept":
            live_by(visit.person.id, visit.person.language, zone, visit.now)
    person = reader(visit.person.id) or visit.person
    context = {
        "notice": notice,
        "zones": known if person.time_zone in known else [person.time_zone, *known],
        "stands": [each for each in stands_of(person.id, visit.now) if each.it.is_on],
    }
    page = Page(template="place.html", context=context, status=422 if notice == "unfit" else 200)
    return render(page, now=visit.now, reader=person)
