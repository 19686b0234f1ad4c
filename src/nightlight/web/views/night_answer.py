"""What whoever said yes to a call arranges around it: what they will do, the list, and somewhere to stay.

Each has an address of its own behind the answer link. Looking changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.engine.needs import Need
from nightlight.intake import night
from nightlight.intake.channels import kinds_on
from nightlight.intake.supporting import NotUnderstood
from nightlight.store import night_list, promises, stays
from nightlight.store.access import AnswerLink
from nightlight.store.arranged import NotPossible, is_in
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import Reader, reader
from nightlight.store.promise_rows import WORDS_MAX, promises_by
from nightlight.store.queries import AlertView, alert_view
from nightlight.web.answer_page import AnswerState, answer_page
from nightlight.web.around_call import SAY_SO
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.answer import link_behind

NOT_UNDERSTOOD = "not_understood"
NOT_POSSIBLE = "not_possible"
TYPED = ("what", "words")
NUMBER_DIGITS_MAX = 18
"""More than any number of a row has; a database takes no longer ones."""


@dataclass(frozen=True, kw_only=True)
class Helper:
    """One request behind an answer link, of somebody who is still in the circle."""

    person: Reader
    link: AnswerLink
    view: AlertView
    state: AnswerState
    may_say: bool
    """They said yes, in the call as it stands or before it was over."""
    back: str
    now: datetime

    def show(self, template: str, *, notice: str = "", status: int = 200, **context: object) -> HttpResponse:
        """One of their pages; *notice* is what a press came to."""
        values: dict[str, Any] = {
            **context,
            "notice": notice,
            "back": self.back,
            "caller": self.view.person.name,
        }
        page = Page(template=template, context=values, status=status)
        return render(page, now=self.now, reader=self.person)

    def not_now(self, request: HttpRequest) -> HttpResponse:
        """It is not theirs to do, or not any more."""
        return self.show("arranged_not_now.html", status=422 if request.method == "POST" else 404)


View = Callable[[HttpRequest, Helper], HttpResponse]


def by_answer_link(view: View) -> Callable[..., HttpResponse]:
    """Let only those through whose link is good and who are in the circle; 404 for any other."""

    @wraps(view)
    def checked(request: HttpRequest, token: str) -> HttpResponse:
        now = database_now()
        link = link_behind(token, now)
        call, person = alert_view(link.alert), reader(link.person)
        if person is None or not is_in(call.person.id, link.person):
            raise Http404
        page = answer_page(call, link.person, now, is_removed=False, knows_names=False, waiting=None)
        may_say = page.state in SAY_SO or (page.state is AnswerState.OVER and page.said_yes_then)
        helper = Helper(
            person=person,
            link=link,
            view=call,
            state=page.state,
            may_say=may_say,
            back=f"/a/{token}",
            now=now,
        )
        return view(request, helper)

    return checked


@methods("GET", "HEAD", "POST")
@by_answer_link
def promise(request: HttpRequest, mine: Helper) -> HttpResponse:
    """What they will do for the caller, and when."""
    if not mine.may_say:
        return mine.not_now(request)
    if request.method != "POST":
        return _show_promise(mine)
    try:
        if posted(request, "do") != "promise":
            return _show_promise(mine, notice=press_promise(request, mine.person, mine.now))
        due = _moment(request, mine.person, mine.now)
        meant = night.promised(posted(request, "what"), posted(request, "words"), due)
        promises.make(mine.link.alert, mine.person.id, meant, mine.now)
    except NotUnderstood as error:
        typed = {name: posted(request, name) for name in TYPED}
        return _show_promise(mine, notice=str(error), status=422, typed=typed)
    except NotPossible:
        return _show_promise(mine, notice=NOT_POSSIBLE, status=422)
    return _show_promise(mine, notice="promised")


def _show_promise(
    mine: Helper, *, notice: str = "", status: int = 200, typed: dict[str, str] | None = None
) -> HttpResponse:
    return mine.show(
        "answer_promise.html",
        notice=notice,
        status=status,
        typed=typed or {},
        promises=[each for each in promises_by(mine.person.id) if each.circle == mine.view.person.id],
        start=night.next_morning(mine.now, mine.person.time_zone),
        words_max=WORDS_MAX,
    )


def press_promise(request: HttpRequest, person: Reader, now: datetime) -> str:
    """A word of *person* on what they have promised, or are asked to take over; the notice for the page.

    Raises `NotUnderstood` and `NotPossible`.
    """
    which, do = posted(request, "promise"), posted(request, "do")
    match do:
        case "kept":
            done = promises.kept(person.id, which, now)
        case "cannot" | "no_thanks":
            done = promises.cannot(person.id, which, now, kinds_on())
        case "later":
            done = promises.later(person.id, which, _moment(request, person, now), now)
        case "take":
            done = promises.take_over(person.id, which, _moment(request, person, now), now, kinds_on())
        case _:
            raise NotUnderstood(NOT_UNDERSTOOD)
    return {"take": "taken"}.get(do, do) if done else "first"


def _moment(request: HttpRequest, person: Reader, now: datetime) -> datetime:
    return night.moment(posted(request, "day"), posted(request, "hour"), person.time_zone, now)


@methods("GET", "HEAD", "POST")
@by_answer_link
def lines(request: HttpRequest, mine: Helper) -> HttpResponse:
    """Tonight's list, for whoever has the call and nobody else."""
    if mine.state is not AnswerState.TAKEN:
        return mine.not_now(request)
    if request.method != "POST":
        return _show_list(mine)
    done = bool(posted(request, "tick"))
    which = posted(request, "tick") or posted(request, "undo")
    if not which.isdecimal() or len(which) > NUMBER_DIGITS_MAX:
        return _show_list(mine, notice=NOT_UNDERSTOOD, status=422)
    try:
        night_list.tick(mine.person.id, mine.link.alert, int(which), mine.now, done=done)
    except NotPossible:
        return mine.not_now(request)
    return _show_list(mine)


def _show_list(mine: Helper, *, notice: str = "", status: int = 200) -> HttpResponse:
    shown = night_list.list_of(mine.link.alert)
    return mine.show("answer_list.html", notice=notice, status=status, lines=shown)


@methods("GET", "HEAD", "POST")
@by_answer_link
def stay(request: HttpRequest, mine: Helper) -> HttpResponse:
    """Whoever has a call for somewhere to stay opens their door, and sees the caller home."""
    may_open = mine.state is AnswerState.TAKEN and mine.view.need == Need.STAY
    held = stays.stay_of(mine.link.alert)
    if not may_open and (held is None or held.person != mine.person.id):
        return mine.not_now(request)
    if request.method != "POST":
        return _show_stay(mine, may_open=may_open)
    words = posted(request, "words")
    try:
        if posted(request, "do") == "open":
            stays.confirm(mine.person.id, mine.link.alert, words, mine.now)
            return _show_stay(mine, may_open=may_open, notice="open_door")
        notice = press_stay(request, mine.person.id, mine.now)
    except NotUnderstood as error:
        return _show_stay(mine, may_open=may_open, notice=str(error), status=422)
    except NotPossible:
        notice = NOT_POSSIBLE if words else "no_words"
        return _show_stay(mine, may_open=may_open, notice=notice, status=422, typed=words)
    return _show_stay(mine, may_open=may_open, notice=notice)


def _show_stay(
    mine: Helper, *, may_open: bool, notice: str = "", status: int = 200, typed: str = ""
) -> HttpResponse:
    held = stays.stay_of(mine.link.alert)
    theirs = held if held is not None and held.person == mine.person.id else None
    return mine.show(
        "answer_stay.html",
        notice=notice,
        status=status,
        stay=theirs,
        may_open_door=may_open,
        typed=typed or (theirs.words if theirs else ""),
        words_max=stays.WORDS_MAX,
    )


def press_stay(request: HttpRequest, who: str, now: datetime) -> str:
    """A word of either of the two on a stay; the notice for the page. Raises `NotUnderstood`."""
    alert, do = posted(request, "stay"), posted(request, "do")
    match do:
        case "arrived":
            done = stays.arrived(who, alert, now)
        case "stays":
            done = stays.stays_on(who, alert, now)
        case "home":
            done = stays.is_home(who, alert, now)
        case "off":
            done = stays.is_off(who, alert, now)
        case _:
            raise NotUnderstood(NOT_UNDERSTOOD)
    return do if done else "first"
