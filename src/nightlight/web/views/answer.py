"""The page behind an answer link. Looking changes nothing, ever; only a POST answers.

Stops 1 and 9 of the road: from a tap, to `intake.answer`; then the page shows what is true now.
"""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.engine.rules_circle import ALREADY
from nightlight.intake.answer import Saying, say
from nightlight.store.access import AnswerLink, find_notification
from nightlight.store.dbclock import database_now
from nightlight.store.here_notes import here_for
from nightlight.store.member_notes import may_be_asked
from nightlight.store.members import pretext_for
from nightlight.store.page_queries import (
    circle_view,
    kept_words,
    reach_of_caller,
    reader,
    waiting_answer,
)
from nightlight.store.plan_shares import card_in
from nightlight.store.queries import alert_view
from nightlight.store.wishes import wish_of
from nightlight.web.answer_page import TOLD_HOW_TO_REACH, AnswerState, answer_page
from nightlight.web.around_call import for_answer
from nightlight.web.rendering import ALONE, Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.versions import answer_tag

NOT_UNDERSTOOD = "not_understood"
ONCE_ONLY = frozenset({Saying.RENEW, Saying.UNDO})
"""Pressed twice, these would do twice what was meant once; so a form says which page it stands on."""


@methods("GET", "HEAD", "POST")
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """One person's page about one call: the question, and what became of their answer."""
    now = database_now()
    link, base = link_behind(token, now), f"/a/{token}"
    if request.method != "POST":
        return _show(link, now, base)
    try:
        saying = Saying(posted(request, "answer"))
    except ValueError:
        return _show(link, now, base, notice=NOT_UNDERSTOOD, status=422)
    if saying in ONCE_ONLY and _is_older_page(link, posted(request, "seen"), now):
        return _show(link, now, base, notice=ALREADY)
    used = posted(request, "used")
    renewals = int(used) if used.isdecimal() and len(used) == 1 else None
    advanced = say(link.alert, link.person, saying, now, used=renewals).advanced
    return _show(link, now, base, notice=advanced.refused)


def link_behind(token: str, now: datetime) -> AnswerLink:
    """What the answer link *token* opens; 404 when it opens nothing."""
    link = find_notification(token, now)
    if link is None:
        raise Http404
    return link


def _is_older_page(link: AnswerLink, seen: str, now: datetime) -> bool:
    return bool(seen) and seen != _page(link, now, "").context["page"].stamp


def _show(link: AnswerLink, now: datetime, base: str, *, notice: str = "", status: int = 200) -> HttpResponse:
    person = reader(link.person)
    # The tag comes first: a change in between is then seen by the next look.
    tag = answer_tag(link, person, now)
    page = _page(link, now, base)
    context = {**page.context, "notice": notice, "tag": tag}
    return render(replace(page, context=context, status=status), now=now, reader=person)


def answer_now(link: AnswerLink, now: datetime, base: str) -> Page:
    """What an open page behind *link*, which is at *base*, shows now, without its frame."""
    return replace(_page(link, now, base), layout=ALONE)


def _page(link: AnswerLink, now: datetime, base: str) -> Page:
    view = alert_view(link.alert)
    circle = circle_view(view.person.id)
    page = answer_page(
        view,
        link.person,
        now,
        is_removed=link.person not in circle.present,
        knows_names=circle.know_each_other,
        waiting=waiting_answer(link.alert, link.person) if view.is_poisoned else None,
    )
    context: dict[str, object] = {"page": page, "added": wish_of(link.alert)}
    if page.state in TOLD_HOW_TO_REACH or (page.state is AnswerState.KEPT and page.said_yes):
        context["reach"] = reach_of_caller(view.person.id)
        context["card"] = card_in(link.alert, link.person)
    if page.state is AnswerState.TAKEN:
        words = kept_words(link.alert, besides=link.person)
        context["words"] = [each for each in words if each.person != view.person.id]
        context["caller_words"] = [each for each in words if each.person == view.person.id]
        context["knows_names"] = circle.know_each_other
        context["pretext"] = pretext_for(view.person.id, link.person)
        context["here"] = here_for(link.person, now, of=view.person.id)
    if page.state is AnswerState.OVER:
        may = may_be_asked(link.alert, link.person)
        context["may_lend_name"] = f"/a/{link.token}/notes" if may else ""
    around = for_answer(view, link, page, base, knows_names=circle.know_each_other)
    return Page(template=f"answer_{page.state}.html", context={**context, "around": around})
