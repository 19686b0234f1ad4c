"""What opens an account: passphrase, passkeys, the printed code. Changed only by who signed in just now."""

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.store import accounts
from nightlight.store import passkeys as keys
from nightlight.store.accounts import NotTaken, Secret
from nightlight.store.passkeys import LastWayIn, NotAccepted
from nightlight.store.sessions import end_other_sessions
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.account import fresh_only, show
from nightlight.web.ways_in import KEY_COOKIE, is_fresh, passkeys_possible, see_other


@methods("GET", "HEAD", "POST")
@signed_in_only
@fresh_only
def passphrase(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The sign-in name and a new passphrase; every other browser is signed out."""
    account = accounts.account_view(visit.signed_in.account)
    name = posted(request, "sign_in_name") or account.sign_in_name
    if request.method != "POST":
        return show(visit, "me_passphrase.html", account=account, sign_in_name=name)
    try:
        secret = Secret(name=name, passphrase=posted(request, "passphrase"))
        accounts.set_secret(account.id, accounts.prepare(secret, (visit.person.name,)))
    except NotTaken as error:
        return show(
            visit, "me_passphrase.html", status=422, account=account, sign_in_name=name, unfit=error.why
        )
    end_other_sessions(account.id, visit.signed_in.session, visit.now)
    account = accounts.account_view(account.id)
    return show(
        visit, "me_passphrase.html", account=account, sign_in_name=account.sign_in_name, notice="kept"
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
@fresh_only
def passkeys(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The passkeys there are; a POST adds the one that the browser just made."""
    account = visit.signed_in.account
    if request.method != "POST":
        return _show_keys(visit)
    try:
        token = request.COOKIES.get(KEY_COOKIE, "")
        made = keys.read_new(posted(request, "credential"), token, account, visit.now)
        keys.keep(made, account, posted(request, "key_name"), visit.now)
    except NotAccepted:
        return _show_keys(visit, "not_accepted", 422)
    return _show_keys(visit, "added")


@methods("POST")
@signed_in_only
def passkey(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002, ARG001
    """Remove one passkey: never somebody else's, and never the last way in."""
    account = visit.signed_in.account
    if id not in {each.id for each in keys.passkeys_of(account)}:
        raise Http404
    if not is_fresh(visit):
        return show(visit, "me_again.html", status=403, next="/me/passkeys")
    try:
        keys.remove(id, account)
    except LastWayIn:
        return _show_keys(visit, "last", 422)
    return see_other("/me/passkeys")


def _show_keys(visit: Visit, notice: str = "", status: int = 200) -> HttpResponse:
    return show(
        visit,
        "me_passkeys.html",
        status=status,
        notice=notice,
        keys=keys.passkeys_of(visit.signed_in.account),
        possible=passkeys_possible(),
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
@fresh_only
def code(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A POST makes a new code to print, and the one before is good no more."""
    if request.method != "POST":
        return show(visit, "me_code.html", account=accounts.account_view(visit.signed_in.account))
    made = accounts.new_code(visit.signed_in.account, visit.now)
    return show(visit, "new_code.html", code=made, on="/me", recovered=False)
