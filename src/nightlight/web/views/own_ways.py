"""How somebody is reached: their own ways, behind a supporter's link or for a person who is signed in."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.intake import own_ways as intake
from nightlight.intake.channels import countries_here
from nightlight.intake.own_ways import NotUnderstood
from nightlight.store.page_queries import Reader
from nightlight.store.sessions import has_account
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.supporter import NOT_UNDERSTOOD, Supporter, by_link

_ADD = ("add", "add_phone")


@dataclass(frozen=True, kw_only=True)
class _Owner:
    """Whose ways they are, and where their page is."""

    person: Reader
    now: datetime
    home: str
    layout: str


@methods("GET", "HEAD", "POST")
@by_link
def ways(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """The ways of a supporter. Whoever can sign in does so first: news of their own calls goes there too."""
    if has_account(mine.person.id):
        return HttpResponseRedirect("/me/ways", status=303)
    return _ways(request, _Owner(person=mine.person, now=mine.now, home=mine.home, layout="base.html"))


@methods("GET", "HEAD", "POST")
@signed_in_only
def my_ways(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The ways by which a person hears of their own calls and circle."""
    return _ways(request, _Owner(person=visit.person, now=visit.now, home="/me", layout="person.html"))


def _ways(request: HttpRequest, owner: _Owner) -> HttpResponse:
    if request.method != "POST":
        return _show(owner)
    do, way, kind = posted(request, "do"), posted(request, "way"), posted(request, "kind")
    if do == "device_key":
        return _device_key()
    if do not in _ADD and way not in {each.id for each in intake.own_ways(owner.person.id)}:
        raise Http404
    try:
        _press(request, do, way, owner)
    except NotUnderstood as error:
        typed = posted(request, "to") if do in _ADD else ""
        return _show(owner, notice=str(error), status=422, typed=typed, at=way or kind)
    return _show(owner, notice="add_app" if do == "add" and kind else do, at=way)


def _device_key() -> HttpResponse:
    """What the browser that asks must be told before it takes our messages, as plain text."""
    try:
        return HttpResponse(intake.device_key(), content_type="text/plain")
    except NotUnderstood:
        raise Http404 from None


def _press(request: HttpRequest, do: str, way: str, owner: _Owner) -> None:
    match do:
        case "add" | "add_phone":
            kind = posted(request, "kind")
            rings = do == "add_phone"
            intake.add(owner.person.id, posted(request, "to"), owner.now, kind=kind, rings=rings)
        case "prove":
            intake.prove(way, posted(request, "code"), owner.now)
        case "send_again":
            intake.send_again(way, owner.now)
        case "delay":
            intake.set_delay(owner.person.id, way, posted(request, "minutes"))
        case "up":
            intake.move_up(owner.person.id, way)
        case "take_away":
            intake.take_away(way, owner.now)
        case _:
            raise NotUnderstood(NOT_UNDERSTOOD)


def _show(
    owner: _Owner, *, notice: str = "", status: int = 200, typed: str = "", at: str = ""
) -> HttpResponse:
    context = {
        "home": owner.home,
        "countries": countries_here(),
        "is_signed_in": owner.layout == "person.html",
        "notice": notice,
        "typed": typed,
        "at": at,
        "ways": intake.own_ways(owner.person.id),
        "delays": intake.DELAYS,
        "can_ring": intake.can_ring(),
        "apps": intake.app_kinds(),
        "ntfy_server": intake.ntfy_server(),
        "topic": typed if at == "ntfy" else intake.suggested_topic(),
    }
    page = Page(template="own_ways.html", context=context, status=status, layout=owner.layout)
    return render(page, now=owner.now, reader=owner.person)
