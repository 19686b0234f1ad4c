"""At the desk: every kind of way out of here, how it fares, a test of it, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from nightlight import config
from nightlight.channels.registry import ChannelSettingError
from nightlight.intake.channels import names_on
from nightlight.intake.host_tests import Why, send_host_test
from nightlight.store import channel_queries, desk_queries, spending
from nightlight.store.channel_queries import COUNTED_WITHIN
from nightlight.store.channel_tests import latest_tests
from nightlight.store.dbclock import database_now
from nightlight.store.hosts import host, host_ways, keep_prices, prices_of
from nightlight.web.channels_page import CHARGED, NotAPrice, Read, cards, read_prices
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.desk import NOT_UNDERSTOOD, is_open
from nightlight.web.views.errors import desk_closed

DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a press."""

    notice: str = ""
    at: str = ""
    """The kind of way it was about, or the field that could not be read."""
    status: int = 200


@methods("GET", "HEAD", "POST")
def channels(request: HttpRequest) -> HttpResponse:
    """The ways out of here; a POST sends the host a test, or keeps the prices."""
    now = database_now()
    if not is_open(request, now):
        return desk_closed()
    done = _take(request, now) if request.method == "POST" else Done()
    typed = request.POST.dict() if done.notice == "price" else None
    return render(
        Page(template="desk_channels.html", context=_context(done, typed, now), status=done.status), now=now
    )


def _take(request: HttpRequest, now: datetime) -> Done:
    match posted(request, "do"):
        case "test":
            return _test(posted(request, "way"), now)
        case "prices":
            return _keep_prices(request)
    return Done(notice=NOT_UNDERSTOOD, status=422)


def _test(kind: str, now: datetime) -> Done:
    try:
        why = send_host_test(kind, translation.get_language() or "en", now)
    except ChannelSettingError:
        why = Why.OFF
    status = {Why.SENT: 200, Why.TOO_SOON: 429}.get(why, 422)
    return Done(notice=why.value, at=kind, status=status)


def _keep_prices(request: HttpRequest) -> Done:
    fields = {name: posted(request, name) for name in request.POST}
    try:
        typed = read_prices(fields, {*CHARGED, *host().prices})
    except NotAPrice as error:
        return Done(notice="price", at=str(error), status=422)
    keep_prices(typed.currency, typed.prices, typed.alarm)
    return Done(notice="kept")


def _context(done: Done, typed: Mapping[str, str] | None, now: datetime) -> dict[str, object]:
    row = host()
    on, setting_error = names_on()
    spent = spending.units(now - DAY, now)
    shown = cards(
        Read(
            on=on,
            use=channel_queries.kind_use(now),
            providers=channel_queries.provider_use(now),
            units_day=spent,
            units_month=spending.units(now - COUNTED_WITHIN, now),
            prices=prices_of(row),
            own_ways=[way["channel"] for way in host_ways(row)],
            tests=latest_tests(),
            has_mailbox=bool(config.current().imap_url),
        )
    )
    day = spending.cost(spent, row.prices)
    return {
        "done": done,
        "setting_error": setting_error,
        "on": [card for card in shown if card.is_on],
        "off": [card for card in shown if not card.is_on],
        "charged": [card for card in shown if card.cost and (card.is_on or card.cost.price is not None)],
        "lines": channel_queries.lines(),
        "currency": row.currency,
        "alarm": row.spending_alarm,
        "typed": typed,
        "cost_day": day,
        "is_over": row.spending_alarm is not None and day > row.spending_alarm,
        "zone": desk_queries.time_zone_of_most_callers(),
    }
