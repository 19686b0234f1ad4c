"""The rest of a supporter's page: what is kept, ringing at night, language, and a circle of their own."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from nightlight.intake import supporting as intake
from nightlight.intake.channels import kinds_on
from nightlight.intake.own_ways import own_ways
from nightlight.intake.supporting import NotUnderstood
from nightlight.store.erasure import CallOpen
from nightlight.store.own_data import HasOwnPages, kept_about, own_data
from nightlight.store.page_queries import reader
from nightlight.store.practice import begin_drill
from nightlight.store.sessions import has_account
from nightlight.store.supporting import agreements, begin_own_circle, has_pages_of_their_own
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.supporter import NOT_UNDERSTOOD, Supporter, by_link


@methods("GET", "HEAD", "POST")
@by_link
def kept(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """What is kept about them, and the way to have it erased."""
    if request.method != "POST":
        return _show_kept(mine)
    if posted(request, "do") != "erase":
        return _show_kept(mine, notice=NOT_UNDERSTOOD, status=422)
    if posted(request, "sure") != "yes":
        return _show_kept(mine, notice="not_sure", status=422)
    try:
        intake.erase(mine.person.id, mine.now)
    except (HasOwnPages, CallOpen):
        return _show_kept(mine, notice="own_pages", status=422)
    return render(Page(template="supporter_erased.html", context={}), now=mine.now, reader=mine.person)


def _show_kept(mine: Supporter, *, notice: str = "", status: int = 200) -> HttpResponse:
    return mine.show(
        "supporter_kept.html",
        notice=notice,
        status=status,
        kept=kept_about(mine.person.id, mine.now),
        ways=own_ways(mine.person.id),
        has_more=has_pages_of_their_own(mine.person.id),
    )


@methods("GET", "HEAD")
@by_link
def kept_data(_request: HttpRequest, mine: Supporter) -> HttpResponse:
    """The same for a program, as a file."""
    response = JsonResponse(own_data(mine.person.id), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="kept.json"'
    return response


@methods("GET", "HEAD", "POST")
@by_link
def night(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """How to let this ring at night, and practice that shows whether it does."""
    circles = agreements(mine.person.id, mine.now)
    notice, status = "", 200
    if request.method == "POST":
        on = kinds_on()
        began = any(begin_drill(each.circle, mine.person.id, mine.now, on) for each in circles)
        notice, status = ("practice", 200) if began else ("no_practice", 422)
    return mine.show(
        "supporter_night.html",
        notice=notice,
        status=status,
        senders=intake.sender_numbers(),
        mail=intake.mail_sender(),
        may_practise=bool(circles),
    )


@methods("GET", "HEAD", "POST")
@by_link
def own_circle(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """The same for themselves, in one step."""
    if request.method != "POST":
        return mine.show("supporter_own_circle.html")
    token = begin_own_circle(mine.person.id, mine.now)
    if token is not None:
        return HttpResponseRedirect(f"/start/{token}", status=303)
    if has_account(mine.person.id):
        return HttpResponseRedirect("/home", status=303)
    return mine.show("supporter_own_circle.html", notice="has_circle", status=422)


@methods("GET", "HEAD", "POST")
@by_link
def about_me(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """The language they read, and the clock they live by."""
    if request.method != "POST":
        return _show_about(mine)
    language, zone = posted(request, "language"), posted(request, "zone")
    try:
        intake.set_reader(mine.person.id, language, zone, dict(settings.LANGUAGES), mine.now)
    except NotUnderstood as error:
        return _show_about(mine, notice=str(error), status=422, zone=zone)
    person = reader(mine.person.id)
    assert person is not None
    return _show_about(Supporter(person=person, token=mine.token, now=mine.now), notice="saved")


def _show_about(mine: Supporter, *, notice: str = "", status: int = 200, zone: str = "") -> HttpResponse:
    return mine.show(
        "supporter_about.html",
        notice=notice,
        status=status,
        languages=settings.LANGUAGES,
        zone=zone or mine.person.time_zone,
        zones=intake.zones(),
    )
