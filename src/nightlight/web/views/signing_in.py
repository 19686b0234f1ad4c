"""Signing in: by a passkey, by a name and a passphrase, or by the printed code. Never by mail."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.store import accounts, passkeys
from nightlight.store.accounts import TRIES_WITHIN, NotTaken, Secret
from nightlight.store.dbclock import database_now
from nightlight.store.sessions import end_session
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import delete_cookie, visit_of
from nightlight.web.views.leaving import come_back
from nightlight.web.ways_in import (
    let_in,
    passkeys_possible,
    safe_next,
    see_other,
    set_key_cookie,
    who_came_in,
)


@methods("GET", "HEAD", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Come in, and go on to where one wanted to be. A refusal never says what was wrong."""
    now = database_now()
    if request.method != "POST":
        return _show(request.GET.get("next", ""), now)
    going_to = posted(request, "next")
    account = who_came_in(request, now)
    if account is None:
        return _show(going_to, now, name=posted(request, "name"), by_key=bool(posted(request, "credential")))
    _end_this(request, now)
    return come_back(let_in(see_other(safe_next(going_to)), account, now))


def _show(going_to: str, now: datetime, *, name: str = "", by_key: bool | None = None) -> HttpResponse:
    context = {
        "next": safe_next(going_to),
        "name": name,
        "refused": "" if by_key is None else "passkey" if by_key else "passphrase",
        # The same for every name, so that it tells nothing of any.
        "again_at": now + TRIES_WITHIN,
        "passkeys": passkeys_possible(),
    }
    status = 200 if by_key is None else 422
    return render(Page(template="sign_in.html", context=context, status=status), now=now)


def _end_this(request: HttpRequest, now: datetime) -> None:
    before = visit_of(request, now)
    if before is not None:
        end_session(before.signed_in.session, now)


@methods("POST")
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser hands to its passkeys, as JSON: to sign in, to begin, or to add one."""
    if not passkeys_possible():
        raise Http404
    now = database_now()
    match posted(request, "do"):
        case "sign_in":
            asked = passkeys.ask_for_one(now)
        case "begin":
            asked = passkeys.ask_for_new(posted(request, "name")[:64] or "-", None, now)
        case "add":
            visit = visit_of(request, now)
            if visit is None:
                raise Http404
            asked = passkeys.ask_for_new(visit.person.name, visit.signed_in.account, now)
        case _:
            raise Http404
    response = HttpResponse(asked.options, content_type="application/json")
    set_key_cookie(response, asked.token)
    return response


@methods("GET", "HEAD", "POST")
def code(request: HttpRequest) -> HttpResponse:
    """The printed code: a new passphrase, everybody else signed out, and the next code."""
    if request.method != "POST":
        return _ask_for_code("", "", "")
    now = database_now()
    name, written = posted(request, "sign_in_name"), posted(request, "code")
    secret = Secret(name=name, passphrase=posted(request, "passphrase"))
    try:
        recovered = accounts.recover(written, secret, now)
    except NotTaken as error:
        return _ask_for_code(error.why, name, written, status=422)
    if recovered is None:
        return _ask_for_code("code", name, "", status=422)
    account, next_code = recovered
    context = {
        "code": next_code,
        "on": "/home",
        "sign_in_name": accounts.account_view(account).sign_in_name,
        "recovered": True,
    }
    return come_back(let_in(render(Page(template="new_code.html", context=context), now=now), account, now))


def _ask_for_code(unfit: str, name: str, written: str, *, status: int = 200) -> HttpResponse:
    context = {"unfit": unfit, "sign_in_name": name, "written": written}
    return render(Page(template="sign_in_code.html", context=context, status=status))


@methods("GET", "HEAD")
def way_on(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What to do when neither passkey nor passphrase works."""
    return render(Page(template="sign_in_help.html", context={}))


@methods("GET", "HEAD", "POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask about the plan that lies in this browser; a POST ends its session."""
    if request.method != "POST":
        now = database_now()
        visit = visit_of(request, now)
        reader = visit.person if visit else None
        return render(Page(template="sign_out.html", context={}), now=now, reader=reader)
    _end_this(request, database_now())
    response = see_other("/sign-in")
    delete_cookie(response)
    return response
