"""Two plain pages beside the sealed plan, which need no script: the call card, and erasing."""

from django.http import HttpRequest, HttpResponse

from nightlight.store import plan_notes, plans
from nightlight.store.plan_files import CARD_CHARACTERS_MAX
from nightlight.store.plan_read import has_plan
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.account import fresh_only, show
from nightlight.web.ways_in import see_other


@methods("GET", "HEAD", "POST")
@signed_in_only
def card(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The few sentences that whoever takes a call reads, sealed or not; a POST keeps them."""
    if request.method != "POST":
        notice = "kept" if "kept" in request.GET else ""
        return _show_card(visit, plan_notes.card_of(visit.person.id), notice)
    text = posted(request, "text").replace("\r\n", "\n")
    if len(text) > CARD_CHARACTERS_MAX:
        return _show_card(visit, text, "too_long", status=422)
    if not plan_notes.save_card(visit.person.id, text, visit.now):
        return _show_card(visit, text, "no_circle", status=422)
    return see_other("/plan/card?kept")


def _show_card(visit: Visit, text: str, notice: str, *, status: int = 200) -> HttpResponse:
    return show(
        visit, "plan_card.html", status=status, text=text, notice=notice, text_max=CARD_CHARACTERS_MAX
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
@fresh_only
def erase(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Erase the plan, with one tick that says so: for who has just signed in, not for who found this phone open."""
    if request.method != "POST":
        return _show_erase(visit)
    if posted(request, "sure") != "yes":
        return _show_erase(visit, "not_sure", status=422)
    plans.erase_plan(visit.person.id)
    return _show_erase(visit, "erased")


def _show_erase(visit: Visit, notice: str = "", *, status: int = 200) -> HttpResponse:
    there = has_plan(visit.person.id)
    return show(visit, "plan_erase.html", status=status, notice=notice, has_plan=there)
