"""A supporter's own page: how things stand, and one tap for each change. No account, no other members, no calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.channels.registry import AddressError
from nightlight.engine.needs import Offer
from nightlight.intake import supporting as intake
from nightlight.intake.channels import kinds_on
from nightlight.intake.supporting import NotUnderstood
from nightlight.store.dbclock import database_now
from nightlight.store.here_notes import here_for
from nightlight.store.keeping import (
    Kept,
    answer_keeping,
    end_keeping,
    keepings_for,
    look_again_later,
)
from nightlight.store.page_queries import Reader, reader
from nightlight.store.stepping_back import THOUGHT_EVERY, Mine, NotAgreed, Thought, renew
from nightlight.store.supporting import Agreed, agreement, agreements, supporter_of_link
from nightlight.web import today_night
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.today_check_ins import check_in_news
from nightlight.web.today_follow import helping_for

NOT_UNDERSTOOD = "not_understood"
NUMBER_DIGITS_MAX = 18
"""More than any number of a row has; a database takes no longer ones."""
TYPED = ("from", "until", "day", "hour")
"""What stays typed when it was not understood."""

KEEPING = frozenset({"keep_yes", "keep_no", "keep_on", "keep_end"})


@dataclass(frozen=True, kw_only=True)
class Supporter:
    """One request of a supporter, by their own link."""

    person: Reader
    token: str = field(repr=False)
    now: datetime

    @property
    def home(self) -> str:
        """The address of their page."""
        return f"/s/{self.token}"

    def show(self, template: str, *, notice: str = "", status: int = 200, **context: object) -> HttpResponse:
        """One of their pages; *notice* is what a press came to."""
        values: dict[str, Any] = {**context, "home": self.home, "notice": notice}
        page = Page(template=template, context=values, status=status)
        return render(page, now=self.now, reader=self.person)


View = Callable[..., HttpResponse]
"""Told the request, the `Supporter`, and what else its address says."""


def by_link(view: View) -> View:
    """Let only those through whose link is good; 404 for any other, whatever the reason."""

    @wraps(view)
    def checked(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
        now = database_now()
        found = supporter_of_link(token, now)
        person = reader(found) if found else None
        if person is None:
            raise Http404
        return view(request, Supporter(person=person, token=token, now=now), **more)

    return checked


@methods("GET", "HEAD", "POST")
def ask(request: HttpRequest) -> HttpResponse:
    """Somebody wants their own link. The answer is the same whether or not they are known."""
    now = database_now()
    if request.method != "POST":
        return render(Page(template="supporter_ask.html", context={}), now=now)
    typed = posted(request, "to")
    try:
        intake.send_own_link(typed, now)
    except AddressError:
        context = {"typed": typed, "notice": "no_address"}
        return render(Page(template="supporter_ask.html", context=context, status=422), now=now)
    return render(Page(template="supporter_asked.html", context={}), now=now)


@methods("GET", "HEAD", "POST")
@by_link
def page(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """Every circle they are in, how it stands, and what one tap changes."""
    if request.method != "POST":
        return _show(mine)
    which = _which(mine, posted(request, "circle"))
    notice, status = _press(posted(request, "do"), which, mine)
    return _show(mine, notice=notice, status=status, about=which.name)


def _show(mine: Supporter, *, notice: str = "", status: int = 200, about: str = "") -> HttpResponse:
    circles = agreements(mine.person.id, mine.now)
    return mine.show(
        "supporter.html",
        notice=notice,
        status=status,
        about=about,
        circles=circles,
        check_in_news=check_in_news(mine.person.id, circles, mine.now),
        notes=here_for(mine.person.id, mine.now),
        keepings=keepings_for(mine.person.id),
        night=today_night.for_supporter(mine.person, mine.now),
        morning=intake.next_morning(mine.now, mine.person.time_zone),
        **helping_for(mine.person.id, mine.now),
    )


def _which(mine: Supporter, number: str) -> Agreed:
    found = None
    if number.isdecimal() and len(number) <= NUMBER_DIGITS_MAX:
        found = agreement(mine.person.id, int(number), mine.now)
    if found is None:
        raise Http404
    return found


def _press(do: str, which: Agreed, mine: Supporter) -> tuple[str, int]:
    """Do what a button says; the notice for the page, and its status."""
    row, now = Mine(person=mine.person.id, membership=which.id), mine.now
    if do in KEEPING:
        return _keep(do, which, mine)
    try:
        match do:
            case "not_tonight":
                intake.not_tonight(row, mine.person.time_zone, now)
            case "back":
                intake.come_back(row, now)
            case "renew":
                if not renew(row, now):
                    return "too_late", 422
            case "leave":
                intake.leave(row, now)
            case _:
                return NOT_UNDERSTOOD, 422
    except NotAgreed:
        # It ended between the look-up and the press.
        raise Http404 from None
    return do, 200


def _keep(do: str, which: Agreed, mine: Supporter) -> tuple[str, int]:
    """Their word about looking after something; nothing was asked, nothing has changed."""
    who, now = mine.person.id, mine.now
    each = next((one for one in keepings_for(who) if one.membership == which.id), None)
    if each is None:
        return NOT_UNDERSTOOD, 422
    match do:
        case "keep_yes" | "keep_no":
            answer = Kept.YES if do == "keep_yes" else Kept.NO
            done = answer_keeping(who, each.id, answer, now, kinds_on())
        case "keep_on":
            done = look_again_later(who, each.id, now)
        case _:
            done = end_keeping(who, each.id, now)
    return ("saved", 200) if done else (NOT_UNDERSTOOD, 422)


@methods("GET", "HEAD", "POST")
@by_link
def circle(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002  (named as in the address)
    """One circle: hours, what they offer, a longer pause."""
    which = _which(mine, str(id))
    if request.method != "POST":
        return _show_circle(mine, which)
    do = posted(request, "do")
    try:
        _set(request, do, Mine(person=mine.person.id, membership=which.id), mine)
    except NotUnderstood as error:
        typed = {name: posted(request, name) for name in TYPED if name in request.POST}
        return _show_circle(mine, which, notice=str(error), status=422, typed=typed)
    except NotAgreed:
        raise Http404 from None
    return _show_circle(mine, _which(mine, str(id)), notice=do)


def _show_circle(
    mine: Supporter,
    which: Agreed,
    *,
    notice: str = "",
    status: int = 200,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> HttpResponse:
    return mine.show(
        "supporter_circle.html",
        notice=notice,
        status=status,
        circle=which,
        typed={**_hours_of(which), **typed},
        offers=[(offer.value, offer.value in which.offers) for offer in Offer],
        today=mine.now.astimezone(ZoneInfo(mine.person.time_zone)).date(),
    )


def _hours_of(which: Agreed) -> dict[str, str]:
    if which.any_hour or which.hours_from is None or which.hours_until is None:
        return {}
    return {"from": f"{which.hours_from:%H:%M}", "until": f"{which.hours_until:%H:%M}"}


def _set(request: HttpRequest, do: str, row: Mine, mine: Supporter) -> None:
    match do:
        case "hours":
            wake_me = posted(request, "wake_me") == "yes"
            intake.set_hours(
                row, posted(request, "from"), posted(request, "until"), mine.now, wake_me=wake_me
            )
        case "any_hour":
            intake.set_hours(row, "", "", mine.now, wake_me=posted(request, "wake_me") == "yes")
        case "offers":
            intake.set_offers(row, request.POST.getlist("offer"), mine.now)
        case "pause":
            day, hour = posted(request, "day"), posted(request, "hour")
            intake.pause_until(row, day, hour, mine.person.time_zone, mine.now)
        case _:
            raise NotUnderstood(NOT_UNDERSTOOD)


@methods("GET", "HEAD", "POST")
@by_link
def thinking(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002  (named as in the address)
    """Worried, or only thinking of them: the person hears it, nobody else, and no call begins."""
    which = _which(mine, str(id))
    said = None
    if request.method == "POST":
        try:
            said = intake.think_of(Mine(person=mine.person.id, membership=which.id), mine.now)
        except NotAgreed:
            raise Http404 from None
    again = which.thought_of_at + THOUGHT_EVERY if which.thought_of_at else None
    rests_until = again if again and again > mine.now else None
    status = 422 if said is Thought.TOO_SOON else 200
    return mine.show(
        "supporter_thinking.html", circle=which, said=said, rests_until=rests_until, status=status
    )
