"""What a supporter does in the days after a call: words for later, words that came back, and how they are themselves."""

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.channels.wording_follow_ups import ready_notes
from nightlight.intake import member_notes as intake
from nightlight.intake.channels import kinds_on
from nightlight.intake.supporting import NotUnderstood
from nightlight.store import after_helping, member_notes
from nightlight.store.after_helping import How
from nightlight.store.dbclock import database_now
from nightlight.store.member_notes import TEXT_MAX
from nightlight.store.page_queries import Reader, reader
from nightlight.store.queries import alert_view
from nightlight.store.supporting import agreement
from nightlight.store.words_back import take, words_for
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.today_follow import helping_for
from nightlight.web.views.answer import link_behind
from nightlight.web.views.supporter import NOT_UNDERSTOOD, NUMBER_DIGITS_MAX, Supporter, by_link


def _owner(circle: str) -> Reader:
    """The one who will read it, and in which language."""
    found = reader(circle)
    if found is None:
        raise Http404
    return found


def _do(request: HttpRequest, owner: Reader, member: str, alert: str = "") -> str:
    """Keep or take away words for later; a code word for the notice. Raises `NotUnderstood`."""
    now, do = database_now(), posted(request, "do")
    match do:
        case "choose":
            texts = intake.chosen(request.POST.getlist("ready"), owner.language)
            intake.keep(owner.id, member, texts, now, alert)
        case "write":
            intake.keep(owner.id, member, intake.own_words(posted(request, "text")), now, alert)
        case "remove":
            note = posted(request, "note")
            if not note.isdecimal() or len(note) > NUMBER_DIGITS_MAX:
                raise NotUnderstood(NOT_UNDERSTOOD)
            member_notes.remove_note(owner.id, member, int(note))
        case _:
            raise NotUnderstood(NOT_UNDERSTOOD)
    return do


def _choice(owner: Reader, member: str) -> dict[str, object]:
    """What they have, and what they may choose still."""
    own = member_notes.notes_of(owner.id, member)
    known = {note.text for note in own}
    ready = [(number, text) for number, text in enumerate(ready_notes(owner.language)) if text not in known]
    return {"notes": own, "ready": ready, "text_max": TEXT_MAX, "name": owner.name}


@methods("GET", "HEAD", "POST")
@by_link
def notes(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002  (named as in the address)
    """Words for the days after a call, in their own name: chosen, written, taken away."""
    which = agreement(mine.person.id, id, mine.now)
    if which is None:
        raise Http404
    owner, notice, status = _owner(which.circle), "", 200
    if request.method == "POST":
        try:
            notice = _do(request, owner, mine.person.id)
        except NotUnderstood as error:
            notice, status = str(error), 422
    typed = posted(request, "text") if status != 200 else ""
    context = {**_choice(owner, mine.person.id), "circle": which, "typed": typed}
    return mine.show("member_notes.html", notice=notice, status=status, **context)


@methods("GET", "HEAD", "POST")
@by_link
def how(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """How they are after a call they had. Nobody is told, unless they ask the host to get in touch."""
    question, notice, status = after_helping.question_for(mine.person.id, mine.now), "", 200
    if request.method == "POST":
        notice, status = NOT_UNDERSTOOD, 422
        do = posted(request, "do")
        if question is not None and do in set(How):
            after_helping.say(mine.person.id, question.id, How(do), mine.now)
            notice, status = do, 200
        elif question is not None and do == "ring":
            after_helping.ask_host_to_ring(mine.person.id, question.id, mine.now, kinds_on())
            notice, status = do, 200
    return mine.show(
        "supporter_how.html", notice=notice, status=status, **helping_for(mine.person.id, mine.now)
    )


@methods("GET", "HEAD", "POST")
@by_link
def words(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """What was written back to their notes, until they have it."""
    notice, status = "", 200
    if request.method == "POST":
        notice, status = NOT_UNDERSTOOD, 422
        if posted(request, "do") == "take":
            took = take(mine.person.id, posted(request, "word"), mine.now)
            notice, status = ("took" if took else "taken_already"), 200
    return mine.show("supporter_words.html", notice=notice, status=status, words=words_for(mine.person.id))


@methods("GET", "HEAD", "POST")
def after_call(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who had a call that is over is asked, once, whether notes may go out in their name."""
    now = database_now()
    link = link_behind(token, now)
    member = reader(link.person)
    owner = _owner(alert_view(link.alert).person.id)
    if member is None or not (
        member_notes.may_be_asked(link.alert, link.person) or member_notes.notes_of(owner.id, link.person)
    ):
        raise Http404
    notice, status = "", 200
    if request.method == "POST":
        try:
            notice = "no" if posted(request, "do") == "no" else _do(request, owner, link.person, link.alert)
            member_notes.answered(link.alert, link.person, now)
        except NotUnderstood as error:
            notice, status = str(error), 422
    typed = posted(request, "text") if status != 200 else ""
    context = {**_choice(owner, link.person), "notice": notice, "typed": typed}
    page = Page(template="answer_notes.html", context=context, status=status)
    return render(page, now=now, reader=member)
