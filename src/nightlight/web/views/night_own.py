"""What the caller arranges around their own call, and what was arranged for them."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from nightlight.intake import night
from nightlight.intake.supporting import NotUnderstood
from nightlight.store import promises
from nightlight.store.arranged import NotPossible
from nightlight.store.dbclock import database_now
from nightlight.store.night_list import list_of, write_list
from nightlight.store.promise_rows import promises_of
from nightlight.store.queries import open_alert_of
from nightlight.store.stays import stays_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.caller import Door, person_behind
from nightlight.web.views.check_in import person_behind_check_in
from nightlight.web.views.leaving import away, has_left
from nightlight.web.views.night_answer import NOT_POSSIBLE, NOT_UNDERSTOOD, press_stay

Look = Callable[[HttpRequest, Door], HttpResponse]

READY = ("school", "work", "charger", "told")
"""Lines that one press puts on the list."""


def _line(code: str) -> str:
    lines = {
        "school": _("School: say that I am not coming"),
        "work": _("Work: say that I am not coming"),
        "charger": _("A charger for my phone"),
        "told": _("Who must be told:"),
    }
    return lines[code]


def _by_link(look: Look, request: HttpRequest, token: str) -> HttpResponse:
    return _by(look, request, Door(find=partial(person_behind, token), base=f"/m/{token}"))


def _by_check_in(look: Look, request: HttpRequest, token: str) -> HttpResponse:
    return _by(look, request, Door(find=partial(person_behind_check_in, token), base=f"/c/{token}/call"))


def _by(look: Look, request: HttpRequest, door: Door) -> HttpResponse:
    if request.method != "POST" and has_left(request):
        return away()
    return look(request, door)


@methods("GET", "HEAD", "POST")
def list_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same list, for whoever came by their link."""
    return _by_link(_list, request, token)


@methods("GET", "HEAD", "POST")
def list_by_check_in(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever came by the link in a reminder."""
    return _by_check_in(_list, request, token)


@methods("GET", "HEAD", "POST")
@signed_in_only
def list_signed_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Tonight's list of the open call: the person writes it."""
    return _list(request, Door(find=lambda _: visit.person, base="/home", signed_in=True))


@methods("GET", "HEAD", "POST")
def arranged_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever came by their link."""
    return _by_link(_arranged, request, token)


@methods("GET", "HEAD", "POST")
def arranged_by_check_in(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever came by the link in a reminder."""
    return _by_check_in(_arranged, request, token)


@methods("GET", "HEAD", "POST")
@signed_in_only
def arranged_signed_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What others said they will do, and somewhere to stay: it happened, or it is not needed."""
    return _arranged(request, Door(find=lambda _: visit.person, base="/home", signed_in=True))


def _list(request: HttpRequest, door: Door) -> HttpResponse:
    now = database_now()
    person = door.find(now)
    alert = open_alert_of(person.id)
    if alert is None:
        status = 422 if request.method == "POST" else 200
        page = Page(template="own_list_over.html", context={"back": door.base}, status=status)
        return render(page, now=now, reader=person)
    notice, status, text = "", 200, None
    if request.method == "POST":
        text = request.POST.get("lines", "").replace("\0", "")
        with translation.override(person.language):
            ready = _line(code) if (code := posted(request, "add")) in READY else ""
        text = "\n".join(part for part in (text.strip(), ready) if part)
        notice, status = _write(person.id, alert, text)
    shown = list_of(alert)
    with translation.override(person.language):
        context = {
            "back": door.base,
            "notice": notice,
            "text": "\n".join(line.text for line in shown) if status == 200 or text is None else text,
            "ready": [(code, _line(code)) for code in READY],
            "ticked": [line for line in shown if line.ticked_at],
        }
    return render(Page(template="own_list.html", context=context, status=status), now=now, reader=person)


def _write(person: str, alert: str, text: str) -> tuple[str, int]:
    try:
        write_list(person, alert, night.lines(text))
    except NotUnderstood as error:
        return str(error), 422
    except NotPossible:
        return NOT_POSSIBLE, 422
    return "saved", 200


def _arranged(request: HttpRequest, door: Door) -> HttpResponse:
    now = database_now()
    person = door.find(now)
    notice, status = "", 200
    if request.method == "POST":
        which, do = posted(request, "promise"), posted(request, "do")
        if do == "happened":
            notice = do if promises.was_kept(person.id, which, now) else "first"
        elif do == "let_go":
            notice = do if promises.let_go(person.id, which, now) else "first"
        else:
            try:
                notice = press_stay(request, person.id, now)
            except NotUnderstood:
                notice, status = NOT_UNDERSTOOD, 422
    context = {
        "back": door.base,
        "notice": notice,
        "stays": stays_of(person.id),
        "promises": promises_of(person.id, now),
    }
    page = Page(template="own_arranged.html", context=context, status=status)
    return render(page, now=now, reader=person)
