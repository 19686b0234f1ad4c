"""A person's own account: what opens it, where it is open, and how we speak to them."""

from collections.abc import Callable
from functools import wraps
from zoneinfo import available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from nightlight.intake.place import live_by
from nightlight.store import accounts, passkeys
from nightlight.store.page_queries import reader
from nightlight.store.sessions import end_other_sessions
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.ways_in import HOME, is_fresh, see_other

View = Callable[[HttpRequest, Visit], HttpResponse]


def show(visit: Visit, template: str, *, status: int = 200, **context: object) -> HttpResponse:
    """A page of the account, in its owner's language and zone."""
    page = Page(template=template, context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)


def fresh_only(view: View) -> View:
    """Whoever signed in longer ago, or was let in by another phone, signs in once more first."""

    @wraps(view)
    def checked(request: HttpRequest, visit: Visit) -> HttpResponse:
        if not is_fresh(visit):
            status = 403 if request.method == "POST" else 200
            return show(visit, "me_again.html", status=status, next=request.path)
        return view(request, visit)

    return checked


@methods("GET", "HEAD")
@signed_in_only
def me(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001
    """Everything there is to see and change, one row each."""
    account = visit.signed_in.account
    return show(
        visit,
        "me.html",
        account=accounts.account_view(account),
        passkeys=passkeys.passkeys_of(account),
        sessions=accounts.sessions_of(account, visit.signed_in.session, visit.now),
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
def sessions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Where the person is signed in, who tried to; a POST of `do=end_others` signs out everywhere else."""
    account, this = visit.signed_in.account, visit.signed_in.session
    notice = ""
    if request.method == "POST":
        notice = "not_understood"
        if posted(request, "do") == "end_others":
            end_other_sessions(account, this, visit.now)
            notice = "ended"
    return show(
        visit,
        "me_sessions.html",
        status=422 if notice == "not_understood" else 200,
        notice=notice,
        sessions=accounts.sessions_of(account, this, visit.now),
        log=accounts.log_of(account),
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
def language(request: HttpRequest, visit: Visit) -> HttpResponse:
    """In which language we speak, and whose clock we go by."""
    languages, zones = dict(settings.LANGUAGES), sorted(available_timezones())
    notice = ""
    if request.method == "POST":
        tongue, zone = posted(request, "language"), posted(request, "zone")
        notice = "kept" if tongue in languages and zone in zones else "unfit"
        if notice == "kept":
            live_by(visit.person.id, tongue, zone, visit.now)
    person = reader(visit.person.id) or visit.person
    page = Page(
        template="me_language.html",
        context={"notice": notice, "languages": languages.items(), "zones": [z for z in zones if "/" in z]},
        status=422 if notice == "unfit" else 200,
    )
    return render(page, now=visit.now, reader=person)


@methods("GET", "HEAD", "POST")
@signed_in_only
def about_exit(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What quick exit does and does not; a POST says that it was read."""
    if request.method != "POST":
        return show(visit, "me_exit.html")
    accounts.explain_exit(visit.signed_in.account, visit.now)
    return see_other(HOME)
