"""What the pages that let somebody in share: passkeys on a page, safe ways back, who came in."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from nightlight import config
from nightlight.store import accounts, passkeys
from nightlight.store.accounts import Prepared, Secret, signed_in_since
from nightlight.store.passkeys import CHALLENGE_LASTS, NewKey, NotAccepted
from nightlight.store.sessions import new_session
from nightlight.web.requests import posted
from nightlight.web.session import Visit, set_cookie

KEY_COOKIE = "key"
"""Holds what a passkey's signature belongs to, for some minutes."""
HOME = "/home"
FRESH = timedelta(minutes=5)
"""Whoever changes how an account opens has signed in within this time: a phone left open is not enough."""


def see_other(address: str) -> HttpResponse:
    """Look at *address* next (303)."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def safe_next(address: str) -> str:
    """*address* when it is a path of ours, else the first page."""
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else HOME


def passkeys_possible() -> bool:
    """Whether browsers would make passkeys for our address: not where it is only a number."""
    host = config.current().base_host
    secure = config.current().is_https or host == "localhost"
    return secure and not host.replace(".", "").isdigit() and ":" not in host


def who_came_in(request: HttpRequest, now: datetime, *, desk: bool = False) -> str | None:
    """The account that what was posted opens, or None: a passkey's signature, or name and passphrase."""
    credential = posted(request, "credential")
    if not credential:
        secret = Secret(name=posted(request, "name"), passphrase=posted(request, "passphrase"))
        return accounts.by_passphrase(secret, now, desk=desk)
    try:
        return passkeys.by_passkey(credential, request.COOKIES.get(KEY_COOKIE, ""), now, desk=desk)
    except NotAccepted:
        return None


def chosen_way_in(request: HttpRequest, own_names: tuple[str, ...], now: datetime) -> Prepared | NewKey:
    """What somebody chose for a new account. Raises `NotTaken`, `NotAccepted`."""
    credential = posted(request, "credential")
    if credential:
        return passkeys.read_new(credential, request.COOKIES.get(KEY_COOKIE, ""), None, now)
    secret = Secret(name=posted(request, "sign_in_name"), passphrase=posted(request, "passphrase"))
    return accounts.prepare(secret, own_names)


def set_key_cookie(response: HttpResponse, token: str) -> None:
    """Let this browser, and no other, bring back what its passkey signs."""
    response.set_cookie(
        KEY_COOKIE,
        token,
        max_age=int(CHALLENGE_LASTS.total_seconds()),
        httponly=True,
        secure=config.current().is_https,
        samesite="Strict",
    )


def let_in(response: HttpResponse, account: str, now: datetime) -> HttpResponse:
    """*response* to somebody who is signed in from now on, with a token nobody had before."""
    set_cookie(response, new_session(account, now))
    return response


def is_fresh(visit: Visit) -> bool:
    """Whether this person signed in only just now, in this browser."""
    since = signed_in_since(visit.signed_in.session)
    return since is not None and timedelta(0) <= visit.now - since < FRESH
