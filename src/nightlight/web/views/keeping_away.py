"""The never-contact list."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.intake import arranging
from nightlight.intake.arranging import AddressError
from nightlight.store.keeping_away import ListFull, kept_away, let_back
from nightlight.store.members import members_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only

SAID = ("added", "there_already", "taken_off")


@methods("GET", "HEAD", "POST")
@signed_in_only
def never(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Whom nothing here ever reaches."""
    if request.method == "POST":
        return _change(request, visit)
    return _show(visit, notice=next((word for word in SAID if word in request.GET), ""))


def _change(request: HttpRequest, visit: Visit) -> HttpResponse:
    person, written = visit.person.id, posted(request, "address")
    try:
        match posted(request, "do"):
            case "address" if written:
                is_new = arranging.keep_away(person, written, visit.now)
            case "address":
                return _show(visit, notice="nothing_typed", status=422)
            case "member":
                is_new = arranging.keep_member_away(person, posted(request, "member"), visit.now)
            case "let_back" if posted(request, "entry").isdecimal():
                let_back(person, int(posted(request, "entry")[:18]))
                return HttpResponseRedirect("/never?taken_off")
            case _:
                return _show(visit, notice="not_understood", status=422)
    except AddressError:
        notice = "no_mail" if "@" in written else "no_country" if not written.startswith("+") else "no_number"
        return _show(visit, notice=notice, status=422, typed=written)
    except ListFull:
        return _show(visit, notice="list_full", status=422, typed=written)
    return HttpResponseRedirect("/never?added" if is_new else "/never?there_already")


def _show(visit: Visit, *, notice: str, status: int = 200, typed: str = "") -> HttpResponse:
    entries = kept_away(visit.person.id)
    named = {entry.name for entry in entries if entry.name}
    people = members_of(visit.person.id, also_ended=True)
    context = {
        "entries": entries,
        "members": [member for member in people if member.name not in named],
        "notice": notice,
        "typed": typed,
    }
    page = Page(template="never.html", context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)
