"""The person's page about practice: who was asked to tap, which ways are proven, and asking again."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.intake.channels import kinds_on
from nightlight.store.practice import PracticeView, begin_all, begin_drill, practice_of, set_monthly
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What came of a press: a code word for the page's notice, whom it is about, and the HTTP status."""

    notice: str = ""
    name: str = ""
    status: int = 200


@methods("GET", "HEAD", "POST")
@signed_in_only
def practice(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Practice with one or with all, and once a month by itself."""
    said = _take(request, visit) if request.method == "POST" else _Said()
    context = {"practice": _view(visit), "notice": said.notice, "name": said.name}
    page = Page(template="practice.html", context=context, status=said.status)
    return render(page, now=visit.now, reader=visit.person)


def _view(visit: Visit) -> PracticeView:
    return practice_of(visit.person.id, visit.now, kinds_on())


def _take(request: HttpRequest, visit: Visit) -> _Said:
    owner = visit.person.id
    match posted(request, "do"):
        case "all":
            asked = begin_all(owner, visit.now, kinds_on())
            return _Said(notice="asked_all") if asked else _Said(notice="nobody_now", status=422)
        case "one":
            return _ask_one(posted(request, "person"), visit)
        case "monthly_on" | "monthly_off" as switch:
            set_monthly(owner, visit.now, on=switch == "monthly_on")
            return _Said(notice=switch)
        case _:
            return _Said(notice="not_understood", status=422)


def _ask_one(person: str, visit: Visit) -> _Said:
    name = next((each.name for each in _view(visit).members if each.person == person), None)
    if name is None:
        raise Http404
    if begin_drill(visit.person.id, person, visit.now, kinds_on()) is None:
        return _Said(notice="not_now", name=name, status=422)
    return _Said(notice="asked", name=name)
