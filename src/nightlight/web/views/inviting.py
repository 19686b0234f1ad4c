"""The person invites somebody: who, to what, in which words; then the link that they hand over themselves."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight import config
from nightlight.engine.needs import Offer
from nightlight.intake.invitation import AskedForm, Errors, YesForm, read_asked
from nightlight.store.hosts import host
from nightlight.store.invitations import (
    UNANSWERED,
    InvitationRefused,
    InvitationView,
    MemberToAsk,
    Why,
    invitation_of,
    invite,
    inviter,
    joined_but_not_on_ladder,
    member_numbered,
    member_to_ask,
    renew,
    withdraw,
)
from nightlight.store.ways import ways_of
from nightlight.web.invitation_page import OfferLine, invitation_context, offer_lines
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only

NOT_UNDERSTOOD = "not_understood"
NUMBER_CHARACTERS_MAX = 18
OFFERS_FIRST = (Offer.TALK.value, Offer.TEXT.value)
"""Ticked before anybody chose: what is easiest to say yes to."""


@methods("GET", "HEAD", "POST")
@signed_in_only
def inviting(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Whom the person wants to ask, and for what; with `?member=`, what more a member is asked for."""
    member = _member(request, visit)
    if request.method != "POST":
        first = AskedForm(
            name=member.name if member else "",
            offers=() if member else OFFERS_FIRST,
            language=_language(visit),
        )
        return _ask(visit, first, member, is_fresh=True)
    form = _typed(request, visit, member)
    asked, errors = read_asked(form, frozenset(dict(settings.LANGUAGES)))
    if asked is None:
        return _ask(visit, form, member, errors=errors)
    try:
        made, _ = invite(visit.person.id, asked, visit.now, member.person if member else "")
    except InvitationRefused as refused:
        return _ask(visit, form, member, refused=refused.why)
    return HttpResponseRedirect(f"/circle/invitations/{made}")


@methods("GET", "HEAD", "POST")
@signed_in_only
def invitation(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002
    """One invitation: its link, what became of it, and taking it back."""
    view = _own(visit, id)
    if request.method != "POST":
        return _preview(visit, view) if "look" in request.GET else _show(visit, view)
    notice, status = _do(posted(request, "do"), visit, view)
    return _show(visit, _own(visit, id), notice=notice, status=status)


def _do(do: str, visit: Visit, view: InvitationView) -> tuple[str, int]:
    """What came of a press: a code word for the notice, and the HTTP status."""
    if do == "withdraw":
        return ("withdrawn", 200) if withdraw(view.id, visit.person.id, visit.now) else (Why.OVER, 422)
    if do != "renew":
        return NOT_UNDERSTOOD, 422
    try:
        renew(view.id, visit.person.id, visit.now)
    except InvitationRefused as refused:
        return refused.why, 422
    return "renewed", 200


def _own(visit: Visit, invitation: str) -> InvitationView:
    view = invitation_of(visit.person.id, invitation, visit.now)
    if view is None:
        raise Http404
    return view


def _member(request: HttpRequest, visit: Visit) -> MemberToAsk | None:
    """The member who is to be asked for more; 404 for one who is none of this circle."""
    number = request.GET.get("member", "") or posted(request, "member")
    if not number:
        return None
    is_number = number.isascii() and number.isdecimal() and len(number) < NUMBER_CHARACTERS_MAX
    found = member_numbered(visit.person.id, int(number)) if is_number else None
    if found is None:
        raise Http404
    return found


def _typed(request: HttpRequest, visit: Visit, member: MemberToAsk | None) -> AskedForm:
    is_minor = inviter(visit.person.id, visit.now).is_minor
    return AskedForm(
        name=member.name if member else posted(request, "name"),
        offers=tuple(request.POST.getlist("offers")),
        words=posted(request, "words").replace("\r\n", "\n"),
        language=member.language if member else posted(request, "language") or _language(visit),
        is_adult=not is_minor or "is_adult" in request.POST or "is_parent" in request.POST,
        is_parent=is_minor and "is_parent" in request.POST,
    )


def _language(visit: Visit) -> str:
    return visit.person.language


def _ask(
    visit: Visit,
    form: AskedForm,
    member: MemberToAsk | None,
    *,
    errors: Errors | None = None,
    refused: str = "",
    is_fresh: bool = False,
) -> HttpResponse:
    limits = inviter(visit.person.id, visit.now)
    context: dict[str, object] = {
        "form": form,
        "member": member,
        "offers": _offers_to_ask(form, member),
        "errors": errors or {},
        "first_wrong": next(iter(errors or {}), ""),
        "refused": refused,
        "is_fresh": is_fresh,
        "limits": limits,
        "approver": host().minors_approved_by,
        "languages": settings.LANGUAGES,
    }
    status = 422 if errors or refused else 200
    return _page("invite.html", context, visit, status)


def _offers_to_ask(form: AskedForm, member: MemberToAsk | None) -> tuple[OfferLine, ...]:
    """What can still be asked for, with what is ticked."""
    given = frozenset(member.offers) if member else frozenset()
    return tuple(line for line in offer_lines(form.offers) if Offer(line.offer) not in given)


def _show(visit: Visit, view: InvitationView, *, notice: str = "", status: int = 200) -> HttpResponse:
    link = f"{config.current().base_url}/i/{view.token}" if view.token else ""
    person = view.person or ""
    context = {
        "invitation": view,
        "notice": notice,
        "is_waiting": view.state in UNANSWERED,
        "link": link,
        "message": f"{view.words}\n\n{link}".strip(),
        "is_reached": any(way.proven_at for way in ways_of(person)) if person else False,
        "is_on_ladder": person not in dict(joined_but_not_on_ladder(visit.person.id)),
    }
    return _page("invitation_mine.html", context, visit, status)


def _preview(visit: Visit, view: InvitationView) -> HttpResponse:
    """What they will see, with nothing to press."""
    form = YesForm(offers=tuple(view.offers), time_zone=visit.person.time_zone)
    member = member_to_ask(view.circle, view.person) if view.person else None
    context = invitation_context(view, visit.person, form, visit.now, member=member)
    return _page("invitation.html", context | {"is_preview": True}, visit, 200)


def _page(template: str, context: dict[str, object], visit: Visit, status: int) -> HttpResponse:
    page = Page(template=template, context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)
