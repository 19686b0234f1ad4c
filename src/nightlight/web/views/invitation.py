"""The page behind an invitation's link: what is asked, and a yes with its limits or a no.

Nobody who opens it has an account. Looking changes nothing; only a POST answers. After a yes each way is
proven here by the browser that said it, and by no other: the link itself was in other hands too.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse

from nightlight import config
from nightlight.intake.channels import kinds_on
from nightlight.intake.invitation import (
    Errors,
    WayForm,
    YesForm,
    place_of_way,
    read_more,
    read_word,
    read_yes,
)
from nightlight.store.dbclock import database_now
from nightlight.store.invitations import (
    UNANSWERED,
    Answer,
    InvitationState,
    InvitationView,
    MemberToAsk,
    find,
    member_to_ask,
)
from nightlight.store.joining import accept, decline, note_opened, offer_more
from nightlight.store.page_queries import Reader, reader
from nightlight.store.supporting import supporter_of_link
from nightlight.store.ways import Proof, TooSoon, prove, send_proof, ways_of
from nightlight.web.invitation_page import blank_ways, invitation_context
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted

NOT_UNDERSTOOD = "not_understood"
FULL = "full"
GONE = 410


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An invitation whose link somebody holds."""

    token: str
    view: InvitationView
    caller: Reader
    now: datetime

    @property
    def reader(self) -> Reader:
        """Whoever holds the link; until they say where they live, the clock of whoever invites."""
        return Reader(
            id="", name=self.view.name, time_zone=self.caller.time_zone, language=self.view.language
        )

    @property
    def member(self) -> MemberToAsk | None:
        """The member who is asked for more, if it is one."""
        return member_to_ask(self.view.circle, self.view.person) if self.view.person else None


@methods("GET", "HEAD", "POST")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The question: will you."""
    opened = _opened(token, database_now())
    member = opened.member
    if opened.view.state not in UNANSWERED or (opened.view.person and member is None):
        return _over(opened)
    if request.method != "POST":
        return _ask(opened, _first(opened))
    form = _typed(request, opened)
    answer = posted(request, "answer")
    if answer in (Answer.NO, Answer.NOT_ME):
        decline(token, Answer(answer), read_word(form.word), opened.now, kinds_on())
        return _over(_opened(token, opened.now))
    if answer != Answer.YES:
        return _ask(opened, form, notice=NOT_UNDERSTOOD)
    return _more(opened, form) if member else _yes(opened, form)


@methods("GET", "HEAD", "POST")
def ways(request: HttpRequest, token: str) -> HttpResponse:
    """After a yes each way shows that it reaches them. Only the browser that said yes has the key to this."""
    opened = _opened(token, database_now())
    key = posted(request, "key")
    person = supporter_of_link(key, opened.now) if key else None
    if opened.view.state is not InvitationState.YES or person is None or person != opened.view.person:
        return _over(opened)
    do, way = posted(request, "do"), posted(request, "way")
    if do == "done":
        return _own_page(opened, key, person)
    notice, status = _prove(do, person, way, posted(request, "code"), opened.now)
    return _ways(opened, key, person, notice=notice, way=way, status=status)


def _prove(do: str, person: str, way: str, code: str, now: datetime) -> tuple[str, int]:
    """What came of a code that was typed, or asked for again: a word for the notice, and the HTTP status."""
    if do == "look":
        return "", 200
    found = next((each for each in ways_of(person) if each.id == way), None)
    if found is None or do not in ("prove", "again"):
        return NOT_UNDERSTOOD, 422
    if found.proven_at is not None:
        return Proof.PROVEN, 200
    if do == "prove":
        proof = prove(way, "".join(code.split()), now)
        return proof, 200 if proof is Proof.PROVEN else 422
    try:
        send_proof(way, now)
    except TooSoon:
        return "too_soon", 422
    return "sent_again", 200


def _yes(opened: Opened, form: YesForm) -> HttpResponse:
    yes, errors = read_yes(form, opened.now)
    if yes is None:
        return _ask(opened, form, errors=errors)
    joined = accept(opened.token, yes, opened.now, kinds_on())
    if joined.is_over:
        return _over(_opened(opened.token, opened.now))
    if joined.is_full:
        return _ask(opened, form, notice=FULL)
    again = _opened(opened.token, opened.now)
    if joined.refused:
        wrong = {place_of_way(form, place): why.value for place, why in joined.refused.items()}
        return _ask(again, form, errors=wrong) if again.view.state in UNANSWERED else _over(again)
    assert again.view.person is not None
    return _ways(again, joined.own_link, again.view.person)


def _more(opened: Opened, form: YesForm) -> HttpResponse:
    offers, errors = read_more(form)
    if errors:
        return _ask(opened, form, errors=errors)
    offer_more(opened.token, offers, opened.now, kinds_on())
    return _over(_opened(opened.token, opened.now))


def _opened(token: str, now: datetime) -> Opened:
    """What the link with *token* opens; 404 when it opens nothing."""
    view = find(token, now)
    caller = reader(view.circle) if view else None
    if view is None or caller is None:
        raise Http404
    return Opened(token=token, view=view, caller=caller, now=now)


def _first(opened: Opened) -> YesForm:
    """The form as it is met: what is asked for is ticked, and the clock is the caller's."""
    return YesForm(offers=tuple(opened.view.offers), ways=blank_ways(), time_zone=opened.caller.time_zone)


def _typed(request: HttpRequest, opened: Opened) -> YesForm:
    blank = blank_ways()
    return YesForm(
        offers=tuple(request.POST.getlist("offers")),
        ways=tuple(
            WayForm(
                channel=way.channel,
                address=posted(request, f"way-{place}"),
                after=posted(request, f"way-{place}-after") or "0",
            )
            for place, way in enumerate(blank)
        ),
        hours_from=posted(request, "hours_from"),
        hours_until=posted(request, "hours_until"),
        time_zone=posted(request, "time_zone") or opened.caller.time_zone,
        wake_me="wake_me" in request.POST,
        lasts=posted(request, "lasts"),
        until=posted(request, "until"),
        word=posted(request, "word").replace("\r\n", "\n"),
    )


def _ask(opened: Opened, form: YesForm, *, errors: Errors | None = None, notice: str = "") -> HttpResponse:
    if errors or notice:
        note_opened(opened.token, opened.now)
    context = invitation_context(
        opened.view, opened.caller, form, opened.now, errors=errors, member=opened.member
    )
    status = 422 if errors or notice else 200
    return _page(opened, "invitation.html", context | {"notice": notice}, status)


def _over(opened: Opened) -> HttpResponse:
    """What became of it. After it ran out, or was taken back, nobody is named."""
    view = opened.view
    is_told = view.state in (InvitationState.YES, InvitationState.NO) and opened.now < view.expires_at
    context: dict[str, object] = {"caller": opened.caller.name if is_told else "", "invitation": view}
    return _page(opened, "invitation_over.html", context, 200 if is_told else GONE)


def _ways(
    opened: Opened, key: str, person: str, *, notice: str = "", way: str = "", status: int = 200
) -> HttpResponse:
    found = ways_of(person)
    context = {
        "caller": opened.caller.name,
        "action": f"/i/{opened.token}/ways",
        "key": key,
        "ways": found,
        "is_proven": any(each.proven_at for each in found),
        "is_all_proven": all(each.proven_at for each in found),
        "notice": notice,
        "way": way,
    }
    return _page(opened, "invitation_ways.html", context, status)


def _own_page(opened: Opened, key: str, person: str) -> HttpResponse:
    context = {
        "caller": opened.caller.name,
        "link": f"{config.current().base_url}/s/{key}",
        "is_proven": any(way.proven_at for way in ways_of(person)),
    }
    return _page(opened, "invitation_done.html", context)


def _page(opened: Opened, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    page = Page(template=template, context=context, status=status)
    return render(page, now=opened.now, reader=opened.reader)
