"""Who can see what. Every right that is shown here can be taken back here."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.store.here_notes import here_of
from nightlight.store.members import members_of
from nightlight.store.quiet import quiet_of
from nightlight.store.sharing import Sharing, save_reach, set_sharing, sharing_of
from nightlight.web.check_in_page import stands_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only

REACH_CALL_MAX = 40
REACH_NOTE_MAX = 300


@methods("GET", "HEAD", "POST")
@signed_in_only
def seen(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One page with all of it."""
    if request.method != "POST":
        return _show(visit, notice="kept" if "kept" in request.GET else "")
    match posted(request, "do"):
        case "reach":
            call, note = posted(request, "call"), posted(request, "note")
            if len(call) > REACH_CALL_MAX or len(note) > REACH_NOTE_MAX:
                return _show(visit, notice="too_long", status=422, typed={"call": call, "note": note})
            save_reach(visit.person.id, call, note)
        case "sharing":
            chosen = Sharing(
                know_each_other="know_each_other" in request.POST,
                tell_caller="tell_caller" in request.POST,
                taker_may_end="taker_may_end" in request.POST,
            )
            set_sharing(visit.person.id, chosen)
        case _:
            return _show(visit, notice="not_understood", status=422)
    return HttpResponseRedirect("/seen?kept")


def _show(
    visit: Visit, *, notice: str = "", status: int = 200, typed: dict[str, str] | None = None
) -> HttpResponse:
    sharing, reach = sharing_of(visit.person.id)
    context = {
        "members": members_of(visit.person.id),
        "sharing": sharing,
        "reach": typed or {"call": reach.call if reach else "", "note": reach.note if reach else ""},
        "here": here_of(visit.person.id, visit.now),
        "check_ins": stands_of(visit.person.id, visit.now),
        "quiet": quiet_of(visit.person.id),
        "notice": notice,
    }
    page = Page(template="seen.html", context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)
