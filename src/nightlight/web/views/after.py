"""The days after a call, as the person wants them: what comes, from whom, when; and who has what they wrote back."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.http import HttpRequest, HttpResponse

from nightlight.engine.followup import DENSER, FEWER, USUAL
from nightlight.intake.supporting import read_time
from nightlight.intake.word_back import TOO_MANY, take_page_word
from nightlight.store import follow_ups
from nightlight.store.dbclock import database_now
from nightlight.store.follow_ups import MOMENTS_MAX, NoSuchNote, NoteAhead
from nightlight.store.follow_ups_due import NoteView, notes_that_came
from nightlight.store.page_queries import Reader
from nightlight.store.words_back import TEXT_MAX, words_of
from nightlight.store.words_found import Answered
from nightlight.web.rendering import Page, render, zone_of
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.today_follow import after_at
from nightlight.web.views.caller import person_behind
from nightlight.web.views.check_in import person_behind_check_in

NOT_UNDERSTOOD = "not_understood"
SERIES = {"usual": USUAL, "denser": DENSER, "fewer": FEWER}
CHOICES = tuple(dict.fromkeys((*FEWER, "7d", "14d", *(f"{month}m" for month in range(1, 13)))))
"""Which moments somebody may choose one by one, in the order in which they come."""
QUESTIONS = ("wakes", "often", "own")
"""Each has a screen of its own."""


@dataclass(frozen=True, kw_only=True)
class Mine:
    """One request of the person whose days they are."""

    person: Reader
    now: datetime
    home: str
    """The address of their first page."""


@methods("GET", "HEAD", "POST")
@signed_in_only
def after(request: HttpRequest, visit: Visit) -> HttpResponse:
    """For somebody who is signed in."""
    return _answer(request, Mine(person=visit.person, now=visit.now, home="/home"))


@methods("GET", "HEAD", "POST")
def after_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the person's own link."""
    now = database_now()
    return _answer(request, Mine(person=person_behind(token, now), now=now, home=f"/m/{token}"))


@methods("GET", "HEAD", "POST")
def after_by_check_in(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever came by the link in a reminder."""
    now = database_now()
    return _answer(request, Mine(person=person_behind_check_in(token, now), now=now, home=f"/c/{token}/call"))


def _answer(request: HttpRequest, mine: Mine) -> HttpResponse:
    if request.method != "POST":
        return _look(request, mine)
    try:
        return _show(mine, notice=_take(request, mine))
    except NoSuchNote:
        return _show(mine, notice="gone_already")
    except ValueError as error:
        return _show(mine, notice=str(error), status=422)


def _look(request: HttpRequest, mine: Mine) -> HttpResponse:
    asked = next((each for each in QUESTIONS if each in request.GET), "")
    note = _ahead(mine, request.GET.get("note", ""))
    came = next(
        (each for each in notes_that_came(mine.person.id, mine.now) if each.id == request.GET.get("write")),
        None,
    )
    if not (asked or note or came):
        return _show(mine)
    return _ask(mine, asked, note, came)


def _ahead(mine: Mine, note: str) -> NoteAhead | None:
    return next((each for each in follow_ups.notes_ahead(mine.person.id) if each.id == note), None)


def _take(request: HttpRequest, mine: Mine) -> str:
    """Do what a button says; a code word for the notice. Raises ValueError with one, and `NoSuchNote`."""
    who, now, do = mine.person.id, mine.now, posted(request, "do")
    match do:
        case "wakes_at":
            follow_ups.set_wakes_at(who, _hour(posted(request, "at")), now)
        case "often":
            follow_ups.set_moments(who, _moments(request), now)
        case "move":
            follow_ups.move_note(who, posted(request, "note"), _day(posted(request, "day")), now)
        case "remove":
            follow_ups.remove_note(who, posted(request, "note"), now)
        case "not_this":
            follow_ups.not_after_latest(who, now)
        case "stop":
            follow_ups.stop_notes(who, now)
        case "start":
            follow_ups.start_notes(who, now)
        case "write":
            return _write(request, mine)
        case _:
            raise ValueError(NOT_UNDERSTOOD)
    return do


def _hour(typed: str) -> time:
    try:
        return read_time(typed)
    except ValueError:
        raise ValueError("no_hour") from None


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise ValueError("past") from None


def _moments(request: HttpRequest) -> tuple[str, ...]:
    series = posted(request, "series")
    if series in SERIES:
        return SERIES[series]
    chosen = tuple(each for each in CHOICES if each in request.POST.getlist("moment"))
    if not chosen or len(chosen) > MOMENTS_MAX:
        raise ValueError("no_moments")
    return chosen


def _write(request: HttpRequest, mine: Mine) -> str:
    note = posted(request, "note")
    came = next((each for each in notes_that_came(mine.person.id, mine.now) if each.id == note), None)
    if came is None:
        raise NoSuchNote(note)
    return written(came, posted(request, "text"), mine.now)


def written(note: NoteView, text: str, now: datetime) -> str:
    """What came of words that were written on a page in answer to *note*. Raises ValueError with a code word."""
    if len(text) > TEXT_MAX:
        raise ValueError("too_long")
    answered = Answered(circle=note.person, writer=note.person, owner=note.author, channel="", is_note=True)
    taken = take_page_word(answered, text, now)
    if not taken or taken == TOO_MANY:
        raise ValueError(taken or "nothing_typed")
    return taken


def _show(mine: Mine, *, notice: str = "", status: int = 200) -> HttpResponse:
    wishes = follow_ups.wishes_of(mine.person.id)
    context = {
        "notice": notice,
        "home": mine.home,
        "at": after_at(mine.home),
        "wishes": wishes,
        "ahead": follow_ups.notes_ahead(mine.person.id),
        "came": notes_that_came(mine.person.id, mine.now),
        "words_sent": words_of(mine.person.id, mine.now),
        "text_max": TEXT_MAX,
    }
    page = Page(template="after.html", context=context, status=status)
    return render(page, now=mine.now, reader=mine.person)


def _ask(mine: Mine, asked: str, note: NoteAhead | None, came: NoteView | None) -> HttpResponse:
    wishes = follow_ups.wishes_of(mine.person.id)
    context = {
        "at": after_at(mine.home),
        "asked": asked,
        "note": note,
        "came": came,
        "wishes": wishes,
        "series": next((name for name, moments in SERIES.items() if moments == wishes.moments), "own"),
        "choices": [(each, each[:-1], each[-1:], each in wishes.moments) for each in CHOICES],
        "today": mine.now.astimezone(zone_of(mine.person)).date(),
        "day": note.at.astimezone(zone_of(mine.person)).date() if note else None,
        "text_max": TEXT_MAX,
    }
    return render(Page(template="after_question.html", context=context), now=mine.now, reader=mine.person)
