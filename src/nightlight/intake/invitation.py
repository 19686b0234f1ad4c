"""What is typed into an invitation, on both sides, becomes values, or says field by field what would be right.

Stop 2 of the road to a circle: from the pages to `store.invitations` and `store.joining`.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from nightlight.channels.addresses import country_prefix, suggested_number
from nightlight.channels.registry import AddressError, CountryError
from nightlight.channels.wording import APP_KINDS
from nightlight.engine.needs import Offer
from nightlight.intake.channels import check_way, kinds_on
from nightlight.store.agreed_time import AGREED_MONTHS, months_after
from nightlight.store.hosts import host
from nightlight.store.invitations import Asked
from nightlight.store.joining import NewWay, Yes

NAME_CHARACTERS_MAX = 100
WORDS_CHARACTERS_MAX = 1000
KIND_WORD_CHARACTERS_MAX = 500
DELAYS_MINUTES: Final = (0, 1, 2, 5, 10, 15, 30)
WAYS_PER_KIND = 2
MONTHS_DEFAULT = AGREED_MONTHS
MONTHS: Final = (1, MONTHS_DEFAULT)
AGREED_DAYS_MAX = 365
HOURS_DEFAULT: Final = ("08:00", "23:00")
MAIL: Final = "smtp"
NUMBERS: Final = ("sms", "voice", "sample-text")
"""Kinds whose addresses are telephone numbers."""

_ZONES = re.compile(
    r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+|UTC\Z"
)


class Wrong:
    """What can be wrong with a field; the pages have a sentence for each."""

    EMPTY: Final = "empty"
    TOO_LONG: Final = "too_long"
    NONE_CHOSEN: Final = "none_chosen"
    NO_COUNTRY: Final = "no_country"
    COUNTRY: Final = "country"
    NO_NUMBER: Final = "no_number"
    NO_MAIL: Final = "no_mail"
    TWICE: Final = "twice"
    OWN: Final = "own"
    NOT_HERE: Final = "not_here"
    NO_TIME: Final = "no_time"
    NO_ZONE: Final = "no_zone"
    NO_DATE: Final = "no_date"
    TOO_EARLY: Final = "too_early"
    TOO_LATE: Final = "too_late"


Errors = dict[str, str]
"""What is wrong, by the name of the field."""


@dataclass(frozen=True, kw_only=True)
class AskedForm:
    """What the person typed about whom they invite."""

    name: str = ""
    offers: tuple[str, ...] = ()
    words: str = ""
    language: str = ""
    is_adult: bool = True
    is_parent: bool = False


@dataclass(frozen=True, kw_only=True)
class WayForm:
    """One way as it was typed."""

    channel: str
    address: str = ""
    after: str = "0"
    """Minutes."""


@dataclass(frozen=True, kw_only=True)
class YesForm:
    """What somebody typed who was invited."""

    offers: tuple[str, ...] = ()
    ways: tuple[WayForm, ...] = ()
    hours_from: str = HOURS_DEFAULT[0]
    hours_until: str = HOURS_DEFAULT[1]
    time_zone: str = "UTC"
    wake_me: bool = False
    lasts: str = str(MONTHS_DEFAULT)
    """Months, or `until` for the date in the next field."""
    until: str = ""
    word: str = ""


@dataclass
class _Reading:
    """A form that is being read, and what was wrong so far."""

    errors: Errors = field(default_factory=dict)

    def wrong(self, name: str, what: str) -> None:
        self.errors.setdefault(name, what)

    def offers(self, chosen: tuple[str, ...]) -> tuple[Offer, ...]:
        offers = tuple(offer for offer in Offer if offer.value in chosen)
        if not offers:
            self.wrong("offers", Wrong.NONE_CHOSEN)
        return offers

    def text(self, name: str, text: str, characters_max: int) -> str:
        if len(text) > characters_max:
            self.wrong(name, Wrong.TOO_LONG)
        return text


def read_asked(form: AskedForm, languages: frozenset[str]) -> tuple[Asked | None, Errors]:
    """Whom a person invites to what; None and what is wrong, by field, when that cannot be."""
    reading = _Reading()
    name = " ".join(reading.text("name", form.name, NAME_CHARACTERS_MAX).split())
    if not name:
        reading.wrong("name", Wrong.EMPTY)
    asked = Asked(
        name=name,
        offers=reading.offers(form.offers),
        words=reading.text("words", form.words, WORDS_CHARACTERS_MAX),
        language=form.language if form.language in languages else "en",
        is_adult=form.is_adult,
        is_parent=form.is_parent and form.is_adult,
    )
    return (None if reading.errors else asked), reading.errors


def read_more(form: YesForm) -> tuple[tuple[Offer, ...], Errors]:
    """What a member offers who was asked for more, and what is wrong with it."""
    reading = _Reading()
    return reading.offers(form.offers), reading.errors


def read_yes(form: YesForm, now: datetime) -> tuple[Yes | None, Errors]:
    """A yes with its limits; None and what is wrong, by field, when it cannot be taken."""
    reading = _Reading()
    zone = form.time_zone
    if zone not in zones():
        reading.wrong("time_zone", Wrong.NO_ZONE)
        zone = "UTC"
    yes = Yes(
        offers=reading.offers(form.offers),
        ways=_ways(reading, form.ways),
        time_zone=zone,
        agreed_until=_agreed_until(reading, form, now.astimezone(ZoneInfo(zone)).date()),
        hours=_hours(reading, form),
        wake_me=form.wake_me,
        word=read_word(form.word),
    )
    return (None if reading.errors else yes), reading.errors


def read_word(word: str) -> str:
    """A kind word, which is never refused: one that is too long is cut."""
    return word[:KIND_WORD_CHARACTERS_MAX]


def place_of_way(form: YesForm, place: int) -> str:
    """The name of the field of the way that came at *place* among those that were filled in."""
    filled = [index for index, way in enumerate(form.ways) if way.address]
    return f"way-{filled[place]}"


def kinds_offered() -> tuple[str, ...]:
    """The kinds of way somebody can type here: those that are on, texts first; mail when none is."""
    on = sorted(kinds_on() - APP_KINDS, key=lambda kind: (kind not in NUMBERS, kind))
    return tuple(on) or (MAIL,)


def number_like(written: str) -> str:
    """What *written* would be with the host's own country before it; empty when that is no number."""
    return suggested_number(written, host().country)


def prefix_here() -> str:
    """How numbers of the host's country begin, like "+351"; empty when the host named none."""
    return country_prefix(host().country)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Every time zone that somebody can choose, by name."""
    return tuple(sorted(zone for zone in available_timezones() if _ZONES.match(zone)))


def _ways(reading: _Reading, forms: tuple[WayForm, ...]) -> tuple[NewWay, ...]:
    found: list[NewWay] = []
    for place, form in enumerate(forms):
        if not form.address:
            continue
        name = f"way-{place}"
        way = _way(reading, name, form)
        if way is None:
            continue
        if any((way.channel, way.address) == (other.channel, other.address) for other in found):
            reading.wrong(name, Wrong.TWICE)
        found.append(way)
    if not any(form.address for form in forms):
        reading.wrong("way-0", Wrong.EMPTY)
    return tuple(found)


def _way(reading: _Reading, name: str, form: WayForm) -> NewWay | None:
    if form.channel not in kinds_offered() or form.after not in map(str, DELAYS_MINUTES):
        reading.wrong(name, Wrong.EMPTY)
        return None
    try:
        address = check_way(form.channel, form.address)
    except CountryError:
        reading.wrong(name, Wrong.COUNTRY)
        return None
    except AddressError:
        reading.wrong(name, _wrong_address(form))
        return None
    return NewWay(channel=form.channel, address=address, after=timedelta(minutes=int(form.after)))


def _wrong_address(form: WayForm) -> str:
    if form.channel not in NUMBERS:
        return Wrong.NO_MAIL
    digits = re.sub(r"[\s()./-]", "", form.address)
    return Wrong.NO_COUNTRY if re.fullmatch(r"\d{3,}", digits) else Wrong.NO_NUMBER


def _hours(reading: _Reading, form: YesForm) -> tuple[time, time] | None:
    """From when until when; None for all day, which is also what two equal times mean."""
    start, end = (_time(reading, name, getattr(form, name)) for name in ("hours_from", "hours_until"))
    if start is None or end is None or start == end:
        return None
    return start, end


def _time(reading: _Reading, name: str, written: str) -> time | None:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", written, re.ASCII)
    if found is None:
        reading.wrong(name, Wrong.NO_TIME)
        return None
    return time(int(found[1]), int(found[2]))


def _agreed_until(reading: _Reading, form: YesForm, today: date) -> date:
    if form.lasts in map(str, MONTHS):
        return months_after(today, int(form.lasts))
    try:
        until = date.fromisoformat(form.until)
    except ValueError:
        reading.wrong("until", Wrong.NO_DATE)
        return today
    if until <= today:
        reading.wrong("until", Wrong.TOO_EARLY)
    elif until > today + timedelta(days=AGREED_DAYS_MAX):
        reading.wrong("until", Wrong.TOO_LATE)
    return until
