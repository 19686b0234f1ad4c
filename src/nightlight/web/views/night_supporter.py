"""What was arranged, on a supporter's own pages: what they will do or could take over, a stay, and talks."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.intake import night
from nightlight.intake.supporting import NotUnderstood
from nightlight.store import promise_rows, stays, talks
from nightlight.store.arranged import NotPossible
from nightlight.store.local_time import local_date
from nightlight.store.members import NoSuchMember, member_of, members_of
from nightlight.store.page_queries import Reader
from nightlight.store.supporting import agreement
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.night_answer import (
    NOT_POSSIBLE,
    NOT_UNDERSTOOD,
    NUMBER_DIGITS_MAX,
    press_promise,
    press_stay,
)
from nightlight.web.views.supporter import Supporter, by_link

STAYS = frozenset({"arrived", "stays", "home", "off"})


@methods("GET", "HEAD", "POST")
@by_link
def promises(request: HttpRequest, mine: Supporter) -> HttpResponse:
    """What they said they will do, what they could take over, and who stays with them."""
    notice, status = "", 200
    if request.method == "POST":
        try:
            if posted(request, "do") in STAYS:
                notice = press_stay(request, mine.person.id, mine.now)
            else:
                notice = press_promise(request, mine.person, mine.now)
        except NotUnderstood as error:
            notice, status = str(error), 422
        except NotPossible:
            notice, status = NOT_POSSIBLE, 422
    zone = mine.person.time_zone
    return mine.show(
        "supporter_promises.html",
        notice=notice,
        status=status,
        asked=[
            (each, night.soon(each.due, zone, mine.now)) for each in promise_rows.asked_of(mine.person.id)
        ],
        promises=promise_rows.promises_by(mine.person.id),
        stays=stays.stays_with(mine.person.id),
    )


@methods("GET", "HEAD", "POST")
@by_link
def talk(request: HttpRequest, mine: Supporter, id: int) -> HttpResponse:  # noqa: A002  (named as in the address)
    """A talk with the one whose circle it is, that was put off."""
    which = agreement(mine.person.id, id, mine.now) if id < 10**NUMBER_DIGITS_MAX else None
    if which is None:
        raise Http404
    notice, status = "", 200
    if request.method == "POST":
        if posted(request, "do") == "plan":
            notice, status = _plan(request, which.circle, mine.person.id, mine, by_member=True)
        else:
            notice, status = _press(request, mine.person, mine)
    held = [each for each in talks.talks_with(mine.person.id, mine.now) if each.membership == which.id]
    return mine.show(
        "supporter_talk.html",
        notice=notice,
        status=status,
        circle=which,
        talk=held[0] if held else None,
        tomorrow=local_date(mine.now, mine.person.time_zone) + timedelta(days=1),
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
def own_talks(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The talks a person wants to have with people of their circle."""
    notice, status = "", 200
    if request.method == "POST":
        if posted(request, "do") == "plan":
            member = _member(visit.person.id, posted(request, "member"))
            notice, status = _plan(request, visit.person.id, member, visit, by_member=False)
        else:
            notice, status = _press(request, visit.person, visit)
    context = {
        "notice": notice,
        "talks": talks.talks_of(visit.person.id, visit.now),
        "members": [each for each in members_of(visit.person.id) if each.agreed_on],
        "tomorrow": local_date(visit.now, visit.person.time_zone) + timedelta(days=1),
    }
    page = Page(template="talks.html", context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)


def _member(owner: str, number: str) -> str:
    """The person behind the number of a membership, as a form has it; 404 when there is none."""
    try:
        return member_of(owner, int(number) if number.isdecimal() else -1).person
    except NoSuchMember:
        raise Http404 from None


def _plan(
    request: HttpRequest, circle: str, member: str, visit: Supporter | Visit, *, by_member: bool
) -> tuple[str, int]:
    try:
        talks.plan(circle, member, night.day(posted(request, "day")), visit.now, by_member=by_member)
    except NotUnderstood as error:
        return str(error), 422
    except NotPossible:
        return NOT_POSSIBLE, 422
    return "planned", 200


def _press(request: HttpRequest, person: Reader, visit: Supporter | Visit) -> tuple[str, int]:
    which, do = posted(request, "talk"), posted(request, "do")
    try:
        match do:
            case "talked":
                done = talks.talked(person.id, which, visit.now)
            case "let_go":
                done = talks.let_go(person.id, which, visit.now)
            case "another_day":
                done = talks.another_day(person.id, which, night.day(posted(request, "day")), visit.now)
            case _:
                return NOT_UNDERSTOOD, 422
    except NotUnderstood as error:
        return str(error), 422
    except NotPossible:
        return NOT_POSSIBLE, 422
    return {"talked": "happened", "another_day": "planned"}.get(do, do) if done else "first", 200
