"""The sealed plan as a member of the circle meets it: a key of theirs, notes they leave, and what opens in a call."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from nightlight.store import plan_notes, plan_shares
from nightlight.store.dbclock import database_now
from nightlight.store.plan_read import for_member
from nightlight.store.supporting import Agreed, agreement
from nightlight.web.plan_door import Body, NoteFile, OwnIdIn, Recipient, file, for_scripts, wanted
from nightlight.web.requests import methods
from nightlight.web.views.answer import link_behind
from nightlight.web.views.errors import problem
from nightlight.web.views.supporter import Supporter, by_link


class KeyWanted(Body, frozen=True, kw_only=True):
    """What is sealed to this browser of theirs."""

    recipient: Recipient


class NoteWanted(Body, frozen=True, kw_only=True):
    """A sealed letter or note."""

    id: OwnIdIn
    body: NoteFile


def _which(mine: Supporter, number: int) -> Agreed:
    found = agreement(mine.person.id, number, mine.now)
    if found is None:
        raise Http404
    return found


@methods("GET", "HEAD")
@by_link
def page(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002, ARG001  (named as in the address)
    """Where their browser gets a key, and where they leave notes."""
    return mine.show("supporter_plan.html", circle=_which(mine, id))


@methods("GET", "HEAD")
@by_link
def everything(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002, ARG001  (named as in the address)
    """What its scripts need."""
    which = _which(mine, id)
    return JsonResponse(for_member(which.circle, which.id, mine.person.id))


@methods("POST")
@by_link
@for_scripts
def key(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002  (named as in the address)
    """One browser more in which they can read."""
    which = _which(mine, id)
    recipient = wanted(request, KeyWanted).recipient
    made = plan_shares.keep_reading_key(which.circle, mine.person.id, recipient, mine.now)
    return JsonResponse({"id": made}, status=201)


@methods("POST")
@by_link
@for_scripts
def notes(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002  (named as in the address)
    """A note for the person, which nobody else can read."""
    which, what = _which(mine, id), wanted(request, NoteWanted)
    body = file(what.body, "body")
    plan_notes.leave_note(which.circle, mine.person.id, what.id, body, mine.now)
    return JsonResponse({"done": True}, status=201)


@methods("POST")
def given_out(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """What the person shows whoever has their call, or is second in it; 404 for anybody else, and later.

    A POST, because that it was given out is kept: looking alone changes nothing.
    """
    now = database_now()
    link = link_behind(token, now)
    shown = plan_shares.give_out(link.alert, link.person, now)
    if shown is None:
        return problem(404, "there is nothing to read here, or not now")
    return JsonResponse(shown)
