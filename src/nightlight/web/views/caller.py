"""The caller's own page: calling, and all that can be said about an open call.

Stops 1 and 9 of the road. Whoever presses "I need someone" is told the truth whatever breaks here:
that it went out, or that it did not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.engine.events import EndedBy, RaisedBy
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need, is_more_urgent
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake import arranging
from nightlight.intake.channels import kinds_on
from nightlight.store.access import person_of_link
from nightlight.store.concerns import ConcernAnswer, open_concerns
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import CircleView, Reader, ask_messages, circle_view, host_channels, reader
from nightlight.store.queries import AlertView, alert_view, last_alert_of, open_alert_of
from nightlight.store.wishes import TEXT_MAX as WISH_TEXT_MAX
from nightlight.store.wishes import Place, When, Wish, add_wish, wish_of
from nightlight.web import today_night
from nightlight.web.around_call import for_caller
from nightlight.web.caller_page import CallerPage, caller_page
from nightlight.web.middleware import note_failure
from nightlight.web.numbers import remembered
from nightlight.web.own_rooms import rooms_of
from nightlight.web.rendering import ALONE, Page, render, zone_of
from nightlight.web.requests import methods, posted
from nightlight.web.today_check_ins import check_ins_today
from nightlight.web.today_doors import doors_of
from nightlight.web.today_follow import after_for, note_next_for
from nightlight.web.versions import caller_tag
from nightlight.web.views.leaving import away, come_back, has_left

NO_CALL_YET = "none"
"""What a form says it was made after when its reader has never called."""
GO_ON = "go_on"
"""After quick exit: somebody wants to see this page again."""
KEPT = "Press-Kept"
"""The header by which a page that tries again knows that its press is a call now."""
ON_THE_WAY = timedelta(seconds=15)
"""So much later than it was made a press may have got here at first: a page waits ten seconds for an answer."""
ROUNDED = timedelta(seconds=1)
"""Pages tell full seconds."""
LAST_CALL_SHOWN = timedelta(days=7)
"""How an ended call ended is shown this long."""


class Doing(StrEnum):
    """What the page can post (design §8)."""

    RAISE = "raise"
    IN_CONTACT = "in_contact"
    STILL_NEEDED = "still_needed"
    NEED = "need"
    RESOLVE = "resolve"
    KEEP_CIRCLE = "keep_circle"
    UNDO_CIRCLE = "undo_circle"
    WISH = "wish"
    CONCERN = "concern"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What came of a press: a code word for the page's notice, and the HTTP status."""

    notice: str = ""
    status: int = 200


NOT_UNDERSTOOD = Said(notice="not_understood", status=422)


@dataclass(frozen=True, kw_only=True)
class Door:
    """By which way a person came to their own page."""

    find: Callable[[datetime], Reader]
    """Who it is, at a given time; raises `Http404` when it opens nothing."""
    base: str
    """The address of their page."""
    signed_in: bool = False
    """Then the page leads on to everything else that is theirs."""
    quiet_at: str = "/me/quiet"
    """Where everything that comes by itself is switched off, for whoever came by this door."""


@methods("GET", "HEAD", "POST")
def caller(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the person whose link it is."""
    door = Door(find=partial(person_behind, token), base=f"/m/{token}", quiet_at=f"/m/{token}/quiet")
    return own_page(request, door)


def own_page(request: HttpRequest, door: Door) -> HttpResponse:
    """The page of whoever came by *door*: calling, and all that can be said about an open call."""
    if request.method == "POST" and posted(request, "do") == Doing.RAISE:
        return _raise(request, door)
    now = database_now()
    person = door.find(now)
    if request.method == "POST" and posted(request, "do") == GO_ON:
        return come_back(_show(door, person, now))
    if request.method != "POST" and has_left(request):
        return away()
    if request.method != "POST":
        return _show(door, person, now, choosing="choose" in request.GET)
    return _show(door, person, now, said=_take(request, person, now))


def person_behind(token: str, now: datetime) -> Reader:
    """Whose own page *token* opens; 404 when it opens nothing."""
    person = person_of_link(token, now)
    found = reader(person) if person else None
    if found is None:
        raise Http404
    return found


def _raise(request: HttpRequest, door: Door) -> HttpResponse:
    """Call, and say whether it went out: a failure of ours must never look like a call."""
    need = posted(request, "need")
    try:
        now = database_now()
        person = door.find(now)
        if need not in set(Need):
            return _show(door, person, now, choosing=True, said=NOT_UNDERSTOOD)
        if _was_taken_already(request, person, need) or _got_through(request, person, need, now):
            return _kept(_show(door, person, now, said=Said(notice="asked_already")))
        said = _call(person, Need(need), now)
    except Http404:
        raise
    except Exception as error:  # noqa: BLE001  (whatever broke, the caller must hear that nobody was asked)
        note_failure(request, error)
        again = need if need in set(Need) else Need.TALK
        page = Page(template="not_sent.html", context={"need": again}, status=503)
        return render(page, shown=remembered())
    try:
        shown = _show(door, person, now, said=said)
        return shown if said.notice else _kept(shown)
    except Exception as error:  # noqa: BLE001  (the call is kept; only showing it failed)
        note_failure(request, error)
        return _kept(render(Page(template="sent_unseen.html", context={}), shown=remembered()))


def _kept(response: HttpResponse) -> HttpResponse:
    response[KEPT] = "yes"
    return response


def _was_taken_already(request: HttpRequest, person: Reader, need: str) -> bool:
    """Whether this very press brought about the call that somebody has by now.

    A page that is sent again, an hour later, must not wake others; whoever means it can say on the
    page that they still need someone. While nobody has it, a repeated press changes nothing anyway.
    """
    made_after, alert = posted(request, "after"), open_alert_of(person.id)
    if not made_after or alert is None or alert == made_after:
        return False
    view = alert_view(alert)
    return view.need == need and view.status in (AlertStatus.ACKNOWLEDGED, AlertStatus.IN_CONTACT)


def _got_through(request: HttpRequest, person: Reader, need: str, now: datetime) -> bool:
    """Whether a press that a page sends again, because it heard nothing, brought about a call before.

    Such a page says how many seconds ago the press was. A call the person raised since is that call, or
    a newer one; also when it is over by now, nobody is asked twice for one press. A more urgent one counts.
    Where it is not sure that a call which is over came of this press, it is raised: twice is better than never.
    """
    ago, alert = posted(request, "pressed_ago"), last_alert_of(person.id)
    if alert is None or re.fullmatch(r"[0-9]{1,6}", ago, re.ASCII) is None:
        return False
    view = alert_view(alert)
    unsure = ON_THE_WAY if view.resolved_at is None else ROUNDED
    if view.raised_at < now - timedelta(seconds=int(ago)) - unsure:
        return False
    if is_more_urgent(Need(need), Need(view.need)):
        return False
    return view.alert is None or RaisedBy.CALLER in view.alert.causes


def _call(person: Reader, need: Need, now: datetime) -> Said:
    try:
        intake.call(person.id, need, now)
    except intake.NotPossible:
        return Said(notice="nobody_to_ask")
    return Said()


def _take(request: HttpRequest, person: Reader, now: datetime) -> Said:
    alert = open_alert_of(person.id)
    doing = posted(request, "do")
    if doing not in set(Doing):
        return NOT_UNDERSTOOD
    match Doing(doing):
        case Doing.KEEP_CIRCLE:
            intake.accept_circle(person.id, now)
            return Said()
        case Doing.UNDO_CIRCLE:
            intake.take_circle_back(person.id, now)
            return Said(notice="circle_undone")
        case Doing.CONCERN:
            return _answer_concern(request, person, now)
    if alert is None:
        return Said(notice="over_already")
    return _take_for(alert, Doing(doing), request, person, now)


def _take_for(alert: str, doing: Doing, request: HttpRequest, person: Reader, now: datetime) -> Said:
    """What can be said of an open call."""
    match doing:
        case Doing.STILL_NEEDED:
            intake.still_needed(alert, now)
        case Doing.RESOLVE:
            intake.resolve(alert, EndedBy.CALLER, now)
            return Said(notice="ended")
        case Doing.NEED:
            need = posted(request, "need")
            if need not in set(Need):
                return NOT_UNDERSTOOD
            intake.change_need(alert, Need(need), now)
        case Doing.IN_CONTACT:
            return _in_contact(request, alert, person, now)
        case Doing.WISH:
            return _add_wish(request, alert)
        case _:
            raise AssertionError("these have roads of their own")
    return Said()


def _in_contact(request: HttpRequest, alert: str, person: Reader, now: datetime) -> Said:
    who, wish = posted(request, "person"), posted(request, "ask_again")
    ask_again = _morning(wish, person, now)
    if (wish and ask_again is None) or (who and who not in circle_view(person.id).present):
        return NOT_UNDERSTOOD
    intake.in_touch(alert, now, person=who or None, ask_again_at=ask_again)
    return Said()


def _morning(wish: str, person: Reader, now: datetime) -> datetime | None:
    """The next time the caller's clock shows *wish*, like 08:00; None when it is no time."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", wish, re.ASCII)
    if found is None:
        return None
    zone = zone_of(person)
    today = now.astimezone(zone).date()
    hour = time(int(found[1]), int(found[2]))
    moments = (datetime.combine(today + timedelta(days=day), hour, tzinfo=zone) for day in (0, 1))
    return next(moment for moment in moments if moment > now)


def _add_wish(request: HttpRequest, alert: str) -> Said:
    place, moment, text = (posted(request, name) for name in ("place", "moment", "text"))
    if place not in {"", *Place} or moment not in {"", *When} or len(text) > WISH_TEXT_MAX:
        return NOT_UNDERSTOOD
    add_wish(alert, Wish(place=place, moment=moment, text=text))
    return Said(notice="wish_added")


def _answer_concern(request: HttpRequest, person: Reader, now: datetime) -> Said:
    answer = posted(request, "answer")
    if answer not in set(ConcernAnswer):
        return NOT_UNDERSTOOD
    if not arranging.answer_concern(person.id, posted(request, "concern"), ConcernAnswer(answer), now):
        return Said(notice="answered_already")
    return Said(notice="thanked" if answer == ConcernAnswer.THANKS else "let_be")


def _show(
    door: Door, person: Reader, now: datetime, *, said: Said | None = None, choosing: bool = False
) -> HttpResponse:
    said = said or Said()
    circle = circle_view(person.id)
    # The tag comes first: a change in between is then seen by the next look.
    tag, alert = caller_tag(person, now), open_alert_of(person.id)
    context: dict[str, object] = {
        "notice": said.notice,
        "is_open": alert is not None,
        "signed_in": door.signed_in,
    }
    if choosing and circle.has_ladder:
        template = "caller_choose.html"
        context["do"] = Doing.NEED if alert else Doing.RAISE
        context["after"] = last_alert_of(person.id) or NO_CALL_YET
    elif alert is not None:
        template = "caller_open.html"
        context |= {
            "tag": tag,
            "added": wish_of(alert),
            **check_ins_today(person.id, now),
            **_open_context(alert, circle, now, door.base),
        }
    else:
        template = "caller_home.html"
        context |= {
            "has_ladder": circle.has_ladder,
            "is_news": circle.is_news,
            "names": circle.names,
            "last": _last_call(person.id, now),
            "concerns": open_concerns(person.id, now),
            **check_ins_today(person.id, now),
            **after_for(person.id, now, door.base),
            "night": today_night.for_person(person, now, door.base),
            **doors_of(person, now),
            "quiet_at": door.quiet_at,
        }
        if door.signed_in:
            context |= rooms_of(person, now)
    page = Page(template=template, context=context, status=said.status, layout="person.html")
    return render(page, now=now, reader=person)


def call_now(person: Reader, now: datetime, base: str) -> Page:
    """What an open page of *person*, which is at *base*, shows now, without its frame."""
    alert = open_alert_of(person.id)
    if alert is None:
        last = last_alert_of(person.id)
        context: dict[str, object] = {
            "last": _last_call(person.id, now),
            **note_next_for(person.id),
            "around": for_caller(alert_view(last), base) if last else {},
        }
        return Page(template="caller_over.html", context=context, layout=ALONE)
    shown = _open_context(alert, circle_view(person.id), now, base)
    return Page(template="caller_open.html", context={**shown, "added": wish_of(alert)}, layout=ALONE)


def _open_context(alert: str, circle: CircleView, now: datetime, base: str) -> dict[str, object]:
    view = alert_view(alert)
    return {"page": _open_page(view, circle, now), "around": for_caller(view, base)}


def _open_page(view: AlertView, circle: CircleView, now: datetime) -> CallerPage:
    host_hears = bool(host_channels() & kinds_on())
    return caller_page(view, ask_messages(view), circle.present, now, host_hears=host_hears)


def _last_call(person: str, now: datetime) -> dict[str, object] | None:
    """How the latest call ended, if somebody else ended it lately: the caller is told by whom, and why."""
    alert = last_alert_of(person)
    view = alert_view(alert) if alert else None
    end = view.alert.end if view and view.alert else None
    if view is None or end is None or view.status is not AlertStatus.RESOLVED:
        return None
    if end.by is EndedBy.CALLER or now - end.at > LAST_CALL_SHOWN:
        return None
    return {
        "at": end.at,
        "by_host": end.by is EndedBy.HOST,
        "name": view.names.get(PersonId(end.person or ""), ""),
        "reason": end.reason,
    }
