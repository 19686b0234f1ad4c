"""What a supporter typed or pressed on their own page, made into what the store knows. Stop 2 of the road."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from nightlight import config
from nightlight.channels.registry import AddressError, check_address
from nightlight.channels.sms_kannel import read_kannel_url
from nightlight.channels.wording import APP_KINDS
from nightlight.engine.needs import Offer
from nightlight.intake.channels import kinds_on
from nightlight.intake.place import live_by
from nightlight.store import own_data, stepping_back, supporting
from nightlight.store.stepping_back import Mine, Thought
from nightlight.store.withdrawals import Moment

MORNING = time(8)
"""When a night off ends, by the supporter's own clock."""
PAUSE_MAX = timedelta(days=366)
DELAY_MAX = timedelta(minutes=30)
"""Longest wait before a way of one's own: then the next person has long been asked."""


class NotUnderstood(ValueError):
    """What was typed cannot be meant so. The argument is a code word for the page."""


def moment_of(now: datetime) -> Moment:
    """*now*, with the channels that are on."""
    return Moment(now=now, channels_on=kinds_on())


def send_own_link(typed: str, now: datetime) -> None:
    """Send the link of whoever proved *typed*, to that number or mail. Raises `AddressError` when it is neither.

    What is said of it never depends on whether anybody was found.
    """
    kinds = sorted(kinds_on() - APP_KINDS)
    kept = {kind: address for kind in kinds if (address := _address(kind, typed))}
    if not kept:
        raise AddressError("neither a number with its country code nor an email")
    for kind, address in kept.items():
        supporting.send_own_links(kind, address, now)


def _address(kind: str, typed: str) -> str:
    try:
        return check_address(kind, typed)
    except AddressError:
        return ""


def next_morning(now: datetime, zone: str) -> datetime:
    """The next eight o'clock by the clock in *zone*; after midnight that is today's."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(now.tzinfo)


def not_tonight(mine: Mine, zone: str, now: datetime) -> datetime:
    """Pause until the next morning; the moment at which it ends. Raises `NotAgreed`."""
    until = next_morning(now, zone)
    stepping_back.pause(mine, until, moment_of(now))
    return until


def pause_until(mine: Mine, day: str, hour: str, zone: str, now: datetime) -> datetime:
    """Pause until a day and an hour as a form writes them; without an hour, until that morning.

    Raises `NotUnderstood`: `no_day`, `past`, `too_long`; and `NotAgreed`.
    """
    try:
        meant = datetime.combine(
            date.fromisoformat(day), read_time(hour) if hour else MORNING, ZoneInfo(zone)
        )
        until = meant.astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        raise NotUnderstood("no_day") from None
    if until <= now:
        raise NotUnderstood("past")
    if until - now > PAUSE_MAX:
        raise NotUnderstood("too_long")
    stepping_back.pause(mine, until, moment_of(now))
    return until


def come_back(mine: Mine, now: datetime) -> None:
    """End the pause. Raises `NotAgreed`."""
    stepping_back.come_back(mine, moment_of(now))


def set_hours(mine: Mine, start: str, end: str, now: datetime, *, wake_me: bool) -> None:
    """From one hour to another, which may be across midnight; both empty or the same: any hour.

    Raises `NotUnderstood`: `no_hours`; and `NotAgreed`.
    """
    if not start and not end:
        start = end = "00:00"
    try:
        stepping_back.set_hours(mine, read_time(start), read_time(end), now, wake_me=wake_me)
    except ValueError:
        raise NotUnderstood("no_hours") from None


def read_time(typed: str) -> time:
    """An hour and minute as a form writes them. Raises ValueError."""
    return datetime.strptime(typed, "%H:%M").time()  # noqa: DTZ007  (a time of the day, of no day)


def set_offers(mine: Mine, offers: Iterable[str], now: datetime) -> None:
    """What they offer. Raises `NotUnderstood`: `no_offer`; and `NotAgreed`."""
    try:
        chosen = {Offer(offer) for offer in offers}
    except ValueError:
        raise NotUnderstood("no_offer") from None
    if not chosen:
        raise NotUnderstood("no_offer")
    stepping_back.set_offers(mine, chosen, now)


def leave(mine: Mine, now: datetime) -> None:
    """Out of the circle, at once. Raises `NotAgreed`."""
    stepping_back.leave(mine, moment_of(now))


def think_of(mine: Mine, now: datetime) -> Thought:
    """Tell the person, and nobody else, that they are being thought of. Raises `NotAgreed`."""
    return stepping_back.think_of(mine, moment_of(now))


def erase(person: str, now: datetime) -> None:
    """Forget a supporter. Raises `NoSuchPerson`, `CallOpen` and `HasOwnPages`."""
    own_data.erase_supporter(person, moment_of(now))


def set_reader(person: str, language: str, zone: str, languages: Iterable[str], now: datetime) -> None:
    """The language and time zone of a person. Raises `NotUnderstood`: `no_language`, `no_zone`."""
    if language not in set(languages):
        raise NotUnderstood("no_language")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotUnderstood("no_zone") from None
    live_by(person, language, zone, now)


def zones() -> list[str]:
    """The time zones there are, by the names people know them by."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


def sender_numbers() -> tuple[str, ...]:
    """The numbers that texts of this host come from, as far as its settings say."""
    found: dict[str, None] = {}
    for url in config.current().sms_urls:
        sender = dict(read_kannel_url(url, "NIGHTLIGHT_SMS_URL").query).get("from", "")
        if sender:
            found[sender] = None
    return tuple(found)


def mail_sender() -> str:
    """The address that mail of this host comes from; empty when mail is off."""
    settings = config.current()
    return settings.mail_from if settings.smtp_urls else ""
