"""A person's sealed plan, for the page of it and its scripts. What is sent here was sealed in a browser."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response

from nightlight.store import plan_notes, plan_shares, plans
from nightlight.store.page_queries import Reader
from nightlight.store.plan_read import everything_for
from nightlight.store.plan_shares import Share
from nightlight.store.plans import NewPlan, Refused
from nightlight.web.kept import may_be_kept
from nightlight.web.plan_door import (
    Body,
    Bytes32,
    HalfFile,
    OwnIdIn,
    PartFile,
    Recipient,
    Revision,
    SlotWanted,
    SlotWithId,
    Version,
    done,
    file,
    for_scripts,
    wanted,
)
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods
from nightlight.web.session import Visit, signed_in_only, signed_in_scripts
from nightlight.web.views.supporter import NUMBER_DIGITS_MAX

KEY_ID_CHARACTERS_MAX = 64


class PlanWanted(Body, frozen=True, kw_only=True):
    """What a plan begins with."""

    recipient: Recipient
    verify_key: Bytes32
    slot: SlotWithId


class PartWanted(Body, frozen=True, kw_only=True):
    """One part, as it is to be kept."""

    body: PartFile
    revision: Revision


class ShareWanted(Body, frozen=True, kw_only=True):
    """One part for one browser of a member."""

    part: OwnIdIn
    key: str
    version: Version
    body: PartFile
    half: HalfFile
    kept: Bytes32


@methods("GET", "HEAD")
@signed_in_only
def plan(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001
    """The page that holds the plan. Nothing in it is about its reader, so that a phone may keep it."""
    anybody = Reader(id="", name="", time_zone="UTC", language=visit.person.language)
    return may_be_kept(render(Page(template="plan.html", context={}), reader=anybody))


@methods("GET", "HEAD")
@signed_in_scripts
def everything(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All of the plan, as JSON with an `ETag`; what is sealed stays so."""
    body = json.dumps(everything_for(visit.person.id, visit.now), ensure_ascii=False)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    known = get_conditional_response(request, etag=tag)
    response = known or HttpResponse(body, content_type="application/json")
    response["ETag"] = tag
    return response


@methods("POST")
@signed_in_scripts
@for_scripts
def vault(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Begin a plan."""
    what = wanted(request, PlanWanted)
    new = NewPlan(recipient=what.recipient, verify_key=what.verify_key, slot=what.slot.slot(what.slot.id))
    is_new = plans.begin(visit.person.id, new, visit.now)
    return JsonResponse({"done": True}, status=201 if is_new else 200)


@methods("PUT", "DELETE")
@signed_in_scripts
@for_scripts
def part(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002  (named as in the address)
    """Keep one part, or take it away."""
    if request.method == "DELETE":
        plans.remove_part(visit.person.id, id)
        return done()
    what = wanted(request, PartWanted)
    body = file(what.body, "body")
    return JsonResponse({"revision": plans.put_part(visit.person.id, id, body, what.revision, visit.now)})


@methods("PUT", "DELETE")
@signed_in_scripts
@for_scripts
def slot(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002  (named as in the address)
    """Keep one way of opening the plan, or take it away."""
    if request.method == "DELETE":
        also_the_last = request.GET.get("last") == "yes"
        plans.remove_slot(visit.person.id, id, visit.now, also_the_last=also_the_last)
    else:
        plans.put_slot(visit.person.id, wanted(request, SlotWanted).slot(id), visit.now)
    return done()


@methods("POST")
@signed_in_scripts
@for_scripts
def later(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001
    """The seven words can wait."""
    return JsonResponse({"words_later": plans.put_words_off(visit.person.id)})


@methods("POST")
@signed_in_scripts
@for_scripts
def looked(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001
    """The plan was looked at again, or it is "not now"."""
    plans.looked(visit.person.id, visit.now)
    return done()


@methods("PUT", "DELETE")
@signed_in_scripts
@for_scripts
def share(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002  (named as in the address)
    """Share one part with one browser of a member, or take it back."""
    if request.method == "DELETE":
        plan_shares.take_back(visit.person.id, id)
        return done()
    what = wanted(request, ShareWanted)
    made = Share(
        id=id,
        part=what.part,
        key=what.key[:KEY_ID_CHARACTERS_MAX].replace("\0", ""),
        version=what.version,
        body=file(what.body, "body"),
        half=file(what.half, "half"),
        kept=what.kept,
    )
    plan_shares.put_share(visit.person.id, made, visit.now)
    return done()


@methods("DELETE")
@signed_in_scripts
@for_scripts
def shares(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take back everything from one member."""
    number = request.GET.get("supporter", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS_MAX):
        raise Refused("say from whom: ?supporter= and the id of one of the supporters")
    plan_shares.take_everything_back(visit.person.id, int(number))
    return done()


@methods("DELETE")
@signed_in_scripts
@for_scripts
def reading_key(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002, ARG001  (named as in the address)
    """A browser of a member reads no more."""
    plan_shares.take_reading_key(visit.person.id, id)
    return done()


@methods("DELETE")
@signed_in_scripts
@for_scripts
def note(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002, ARG001  (named as in the address)
    """Take away a note that a member left."""
    plan_notes.remove_note(visit.person.id, id)
    return done()
