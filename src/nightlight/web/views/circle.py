"""The circle, and each person in it, for the one whose circle it is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.channels.registry import page_word
from nightlight.channels.wording import LOCK_WORDS
from nightlight.engine.needs import Offer
from nightlight.intake import arranging
from nightlight.intake.channels import kinds_on
from nightlight.intake.minors import why_not_ready
from nightlight.intake.readiness import gaps
from nightlight.store.invitations import InvitationState, InvitationView, invitations_of
from nightlight.store.keeping import (
    CannotBeAsked,
    ask_to_keep,
    end_keeping,
    keepings_of,
    look_again_later,
)
from nightlight.store.keeping_away import ListFull
from nightlight.store.members import (
    OWN,
    OWN_WORDS_MAX,
    PRETEXT_MAX,
    MemberView,
    NoSuchMember,
    choose_words,
    member_of,
    members_of,
)
from nightlight.store.proofs import proven_lately
from nightlight.store.thoughts import WORD_MAX, own_word, set_own_word
from nightlight.web.previews import previews
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only

SHOWN = (InvitationState.OPEN, InvitationState.OPENED, InvitationState.NO, InvitationState.RAN_OUT)
SHOWN_FOR = timedelta(days=14)
"""A no, and a link that ran out, are mentioned this long."""


@methods("GET", "HEAD")
@signed_in_only
def circle(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everybody in the circle, what is missing, and how to ask one more."""
    context = {
        "members": [_line(member, visit.now) for member in members_of(visit.person.id)],
        "invitations": _waiting_for(visit),
        "gaps": gaps(visit.person.id, visit.person.time_zone, visit.now),
        "not_ready": sorted(why_not_ready(visit.person.id)),
        "notice": next((word for word in ("removed", "kept_away") if word in request.GET), ""),
    }
    return render(Page(template="circle.html", context=context), now=visit.now, reader=visit.person)


def _waiting_for(visit: Visit) -> list[InvitationView]:
    """Who was asked and is not in the circle (yet): no answer, a no, or a link that ran out lately."""
    return [
        each
        for each in invitations_of(visit.person.id, visit.now)
        if each.state in SHOWN and visit.now - (each.answered_at or each.expires_at) < SHOWN_FOR
    ]


def _line(member: MemberView, now: datetime) -> dict[str, object]:
    """One member in a list: how it stands with them in a word, in the order in which it matters."""
    today = now.astimezone(ZoneInfo(member.time_zone)).date()
    paused = member.paused_until is not None and now < member.paused_until
    if member.agreed_on is None:
        standing = "not_asked_yet"
    elif member.is_over(today):
        standing = "over"
    elif not any(way.proven_at for way in member.ways):
        standing = "not_proven"
    elif paused:
        standing = "paused"
    elif not member.on_ladder:
        standing = "not_on_ladder"
    else:
        standing = "there"
    return {"member": member, "standing": standing}


@methods("GET", "HEAD", "POST")
@signed_in_only
def member(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """One person of the circle: what they agreed to, what they see, and the way out."""
    try:
        found = member_of(visit.person.id, number)
        if request.method == "POST":
            return _decide(request, visit, found)
    except NoSuchMember:
        raise Http404 from None
    notice = "words_kept" if "words" in request.GET else "kept" if "kept" in request.GET else ""
    return _show(visit, found, notice=notice, asking="remove" in request.GET)


def _decide(request: HttpRequest, visit: Visit, found: MemberView) -> HttpResponse:
    match posted(request, "do"):
        case "remove":
            arranging.remove(visit.person.id, found.person, visit.now, tell="tell" in request.POST)
            return HttpResponseRedirect("/circle?removed")
        case "keep_away":
            try:
                arranging.keep_member_away(visit.person.id, found.person, visit.now)
            except ListFull:
                return _show(visit, found, notice="list_full", status=422)
            return HttpResponseRedirect("/circle?kept_away")
        case "words":
            return _choose_words(request, visit, found)
        case "own_word":
            return _choose_own_word(request, visit, found)
        case "keep" | "keep_end" | "keep_on" as do:
            return _keep(do, visit, found)
        case _:
            return _show(visit, found, notice="not_understood", status=422)


def _keep(do: str, visit: Visit, found: MemberView) -> HttpResponse:
    """Ask them to look after something, say that it is over, or that it goes on."""
    own, now = visit.person.id, visit.now
    if do == "keep":
        try:
            ask_to_keep(own, found.id, now, kinds_on())
        except CannotBeAsked:
            return _show(visit, found, notice="cannot_keep", status=422)
        return HttpResponseRedirect(f"/circle/members/{found.id}?kept")
    for each in keepings_of(own):
        if each.membership == found.id:
            (end_keeping if do == "keep_end" else look_again_later)(own, each.id, now)
    return HttpResponseRedirect(f"/circle/members/{found.id}?kept")


def _choose_words(request: HttpRequest, visit: Visit, found: MemberView) -> HttpResponse:
    chosen, own, pretext = (posted(request, name) for name in ("lock_words", "own", "pretext"))
    typed = {"lock_words": chosen, "own": own, "pretext": pretext}
    if chosen not in {"", OWN, *LOCK_WORDS} or (chosen == OWN and not own):
        return _show(visit, found, notice="words_missing", status=422, typed=typed)
    if len(own) > OWN_WORDS_MAX or len(pretext) > PRETEXT_MAX:
        return _show(visit, found, notice="words_too_long", status=422, typed=typed)
    choose_words(visit.person.id, found.person, lock_words=chosen, own=own, pretext=pretext)
    return HttpResponseRedirect(f"/circle/members/{found.id}?words")


def _choose_own_word(request: HttpRequest, visit: Visit, found: MemberView) -> HttpResponse:
    """The two people's own word for "thinking of you"."""
    word = posted(request, "own_word")
    if len(word) > WORD_MAX:
        return _show(visit, found, notice="words_too_long", status=422)
    set_own_word(visit.person.id, found.person, word)
    return HttpResponseRedirect(f"/circle/members/{found.id}?words")


def _show(
    visit: Visit,
    found: MemberView,
    *,
    notice: str = "",
    status: int = 200,
    asking: bool = False,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    words = typed or {
        "lock_words": found.lock_words,
        "own": found.lock_words_own,
        "pretext": found.pretext,
    }
    context = {
        **_line(found, visit.now),
        "ways": [(page_word(way.channel), way) for way in found.ways],
        "proven": proven_lately(found.ways, visit.now),
        "notice": notice,
        "asking": asking,
        "typed": words,
        "lock_choices": [(key, text.format(caller=visit.person.name)) for key, text in LOCK_WORDS.items()],
        "own_max": OWN_WORDS_MAX,
        "pretext_max": PRETEXT_MAX,
        "own_word": own_word(found.id),
        "own_word_max": WORD_MAX,
        "previews": previews(visit.person, found),
        "keeping": next((each for each in keepings_of(visit.person.id) if each.membership == found.id), None),
        "may_keep": Offer.KEEP in found.offers,
    }
    page = Page(template="member.html", context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)
