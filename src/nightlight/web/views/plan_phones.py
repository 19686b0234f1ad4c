"""Opening the plan on another phone: what the phone that has it does, and what the other one does."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from nightlight import config
from nightlight.store import plan_pairing
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import Reader, reader
from nightlight.store.plan_pairing import TICKETS_LAST, Asking, person_of
from nightlight.store.plans import InTheWay, NotThere, Refused
from nightlight.web.plan_door import (
    Body,
    Label,
    Proof,
    Recipient,
    SlotWithId,
    clean,
    done,
    for_scripts,
    wanted,
)
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods
from nightlight.web.session import Visit, set_cookie, signed_in_scripts, visit_of

ASKER_COOKIE = "phone"
"""Tells the phone that asked first from every other that has the ticket, for some minutes."""


class AllowWanted(Body, frozen=True, kw_only=True):
    """The way of opening that was made for the other phone."""

    slot: SlotWithId


class AskingWanted(Body, frozen=True, kw_only=True):
    """What the other phone says of itself."""

    recipient: Recipient
    proof: Proof
    label: Label


@methods("GET", "HEAD", "POST")
@signed_in_scripts
@for_scripts
def phones(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How it stands; a POST makes a ticket."""
    if request.method == "POST":
        return JsonResponse({"ticket": plan_pairing.begin_pairing(visit.person.id, visit.now)}, status=201)
    now = plan_pairing.pairing_of(visit.person.id, visit.now)
    shown = {"state": now.state, "recipient": now.recipient, "proof": now.proof, "label": now.label}
    return JsonResponse(shown)


@methods("POST")
@signed_in_scripts
@for_scripts
def allow(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Yes, that is my other phone."""
    slot = wanted(request, AllowWanted).slot
    if slot.kind != "A":
        raise Refused("a slot for another phone has the kind A")
    plan_pairing.allow(visit.person.id, slot.slot(slot.id), visit.now)
    return done()


@methods("POST")
@signed_in_scripts
@for_scripts
def refuse(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001
    """No, or not now."""
    plan_pairing.refuse(visit.person.id)
    return done()


@methods("GET", "HEAD", "POST")
def other_phone(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the other phone, where nobody is signed in; a POST asks, once."""
    if request.method == "POST":
        return _ask(request, token)
    now = database_now()
    owner = reader(person_of(token, now) or "")
    if owner is None:
        raise Http404
    context = {"owner": owner, "other": _somebody_else(request, owner.id, now)}
    return render(Page(template="phone.html", context=context))


def _somebody_else(request: HttpRequest, owner: str, now: datetime) -> Reader | None:
    """Who is signed in in this browser, if it is not the person whose plan would be opened."""
    visit = visit_of(request, now)
    return visit.person if visit and visit.person.id != owner else None


def _nobody_else(request: HttpRequest, ticket: str, now: datetime) -> None:
    """Nobody is led into the account of another by a link. Raises `NotThere` and `InTheWay`."""
    owner = person_of(ticket, now)
    if owner is None:
        raise NotThere
    if _somebody_else(request, owner, now):
        raise InTheWay("somebody else is signed in in this browser; sign out first, at /sign-out")


@for_scripts
def _ask(request: HttpRequest, token: str) -> HttpResponse:
    _nobody_else(request, token, database_now())
    what = wanted(request, AskingWanted)
    asking = Asking(recipient=what.recipient, proof=what.proof, label=clean(what.label))
    asker = plan_pairing.ask_to_open(token, asking, database_now())
    response = done()
    response.set_cookie(
        ASKER_COOKIE,
        asker,
        max_age=int(TICKETS_LAST.total_seconds()),
        httponly=True,
        secure=config.current().is_https,
        samesite="Strict",
    )
    return response


@methods("POST")
@for_scripts
def other_phone_now(request: HttpRequest, token: str) -> HttpResponse:
    """What the person said; with their yes, once, the plan's slot for this phone and a session."""
    _nobody_else(request, token, database_now())
    got = plan_pairing.collect(token, request.COOKIES.get(ASKER_COOKIE, ""), database_now())
    response = JsonResponse({"state": got.state, **(got.opens or {})})
    if got.session:
        set_cookie(response, got.session)
        response.delete_cookie(ASKER_COOKIE, samesite="Strict")
    return response
