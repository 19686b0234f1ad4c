"""At the desk: who may begin, whose circle waits for approval, and who may open the desk themselves."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from nightlight import config
from nightlight.store import accounts, minors, starting
from nightlight.store.access import new_host_session
from nightlight.store.accounts import TRIES_WITHIN, NotTaken
from nightlight.store.dbclock import database_now
from nightlight.store.passkeys import NotAccepted
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.desk import NOT_UNDERSTOOD, is_open, open_in
from nightlight.web.views.errors import desk_closed
from nightlight.web.ways_in import chosen_way_in, passkeys_possible, see_other, who_came_in


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a press."""

    notice: str = ""
    link: str = ""
    """A start link, shown this once."""

    @property
    def status(self) -> int:
        """The HTTP status to show it with."""
        return 200 if self.notice in ("", "link", "approved", "made", "ended") else 422


@methods("GET", "HEAD", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Somebody of the host's opens the desk with an account of their own, for twelve hours."""
    now = database_now()
    context = {"passkeys": passkeys_possible(), "again_at": now + TRIES_WITHIN}
    if request.method != "POST":
        return render(Page(template="desk_sign_in.html", context=context), now=now)
    account = who_came_in(request, now, desk=True)
    if account is None:
        context |= {"refused": True, "name": posted(request, "name")}
        return render(Page(template="desk_sign_in.html", context=context, status=422), now=now)
    return open_in(see_other("/desk"), new_host_session(now, account))


@methods("GET", "HEAD", "POST")
def people(request: HttpRequest) -> HttpResponse:
    """Start links, approvals and accounts for the desk."""
    now = database_now()
    if not is_open(request, now):
        return desk_closed()
    done = _take(request, now) if request.method == "POST" else Done()
    context = {
        "done": done,
        "rule": minors.host_rule(),
        "waiting": minors.waiting(),
        "accounts": accounts.desk_accounts(),
        "passkeys": passkeys_possible(),
        "sign_in_name": posted(request, "sign_in_name") if done.status == 422 else "",
    }
    return render(Page(template="desk_people.html", context=context, status=done.status), now=now)


def _take(request: HttpRequest, now: datetime) -> Done:
    match posted(request, "do"):
        case "start_link":
            link = f"{config.current().base_url}/start/{starting.new_start_link(now)}"
            return Done(notice="link", link=link)
        case "approve":
            return Done(notice="approved" if minors.approve(posted(request, "person"), now) else "gone")
        case "new_account":
            return _new_account(request, now)
        case "end_account":
            return Done(notice="ended" if accounts.end_desk_account(posted(request, "account")) else "gone")
    return Done(notice=NOT_UNDERSTOOD)


def _new_account(request: HttpRequest, now: datetime) -> Done:
    try:
        starting.begin_at_desk(chosen_way_in(request, (), now), posted(request, "sign_in_name"), now)
    except NotTaken as error:
        return Done(notice=error.why)
    except NotAccepted:
        return Done(notice="passkey")
    return Done(notice="made")
