"""The ways of whoever is on their own page: what they typed, made into what the store knows. Stop 2 of the road."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from nightlight import config
from nightlight.chance import new_token
from nightlight.channels.ntfy import read_ntfy_url
from nightlight.channels.registry import AddressError, CountryError
from nightlight.channels.web_push import application_key
from nightlight.channels.wording import APP_KINDS, SPOKEN_KINDS
from nightlight.intake.channels import check_way, kinds_on
from nightlight.store import ways
from nightlight.store.push_key import push_key
from nightlight.store.withdrawals import Moment

DELAYS = (0, 2, 5, 10, 15, 30)
"""Minutes from which the owner of a way chooses how long it waits."""
TOPIC_BYTES = 15
"""Of chance in a topic we suggest: 20 characters that nobody guesses."""


class NotUnderstood(ValueError):
    """It cannot be done so. The argument is a code word for the page."""


@dataclass(frozen=True, kw_only=True)
class OwnWay:
    """One way, as its owner sees it on a page that others may glance at."""

    id: str
    channel: str
    masked: str
    minutes: int
    is_proven: bool
    is_on: bool
    """Its channel is switched on at this host."""
    is_only_one: bool
    """No other proven way of theirs is left."""
    is_first: bool
    is_app: bool
    """It is proven by a tap on the message itself: there is no code to type."""


def own_ways(person: str) -> tuple[OwnWay, ...]:
    """The ways of *person*, in their order."""
    rows, on = ways.ways_of(person), kinds_on()
    good = [row.id for row in rows if row.proven_at is not None and row.channel in on]
    return tuple(
        OwnWay(
            id=row.id,
            channel=row.channel,
            masked=masked(row.address),
            minutes=int(row.after / timedelta(minutes=1)),
            is_proven=row.proven_at is not None,
            is_on=row.channel in on,
            is_only_one=good == [row.id],
            is_first=place == 0,
            is_app=row.channel in APP_KINDS,
        )
        for place, row in enumerate(rows)
    )


def masked(address: str) -> str:
    """Enough of *address* for its owner to know it by."""
    where = urlsplit(address.split(" ", maxsplit=1)[0])
    if where.hostname:
        return f"{where.hostname} •••{address.split(' ', maxsplit=1)[0][-3:]}"
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}" if at else f"•••{address[-3:]}"


def can_ring() -> bool:
    """Whether phones can be rung here, and texted as well, so that there is something to choose."""
    return kinds_on() >= {"sms", "voice"}


def app_kinds() -> tuple[str, ...]:
    """The kinds of app that are on, in the order in which they are offered."""
    return tuple(kind for kind in ("push", "ntfy", "unifiedpush") if kind in kinds_on())


def device_key() -> str:
    """What a browser is told when somebody lets it show our messages. Raises `NotUnderstood`: `no_device`."""
    if "push" not in kinds_on():
        raise NotUnderstood("no_device")
    return application_key(push_key())


def ntfy_server() -> str:
    """Where topics without a server of their own are listened to, as people write it; empty when ntfy is off."""
    if "ntfy" not in kinds_on():
        return ""
    server, _ = read_ntfy_url(config.current().ntfy_url, "NIGHTLIGHT_NTFY_URL")
    return server.origin.removeprefix("https://")


def suggested_topic() -> str:
    """A topic of ntfy that nobody guesses."""
    return new_token(TOPIC_BYTES)


def add(person: str, typed: str, now: datetime, *, kind: str = "", rings: bool = False) -> None:
    """A way at what was typed, which is a number or a mail unless *kind* says which app; a message goes there.

    With *rings* the phone is to ring. Raises `NotUnderstood`: `no_address`, `country`, `no_app_address`,
    `no_topic`, `no_device`, `same_way`, `too_many_ways`.
    """
    if kind and kind not in app_kinds():
        raise NotUnderstood("no_device")
    why = {"": "no_address", "ntfy": "no_topic"}.get(kind, "no_app_address")
    for each in _kinds_to_try(kind, rings=rings):
        try:
            address = check_way(each, typed)
        except CountryError:
            why = "country"
            continue
        except AddressError:
            continue
        try:
            ways.add_way(person, each, address, now)
        except ways.SameWay:
            raise NotUnderstood("same_way") from None
        except ways.TooManyWays:
            raise NotUnderstood("too_many_ways") from None
        return
    raise NotUnderstood(why)


def _kinds_to_try(kind: str, *, rings: bool) -> list[str]:
    if kind:
        return [kind]
    return sorted(kinds_on() & SPOKEN_KINDS if rings else kinds_on() - APP_KINDS)


def prove(way: str, code: str, now: datetime) -> None:
    """The code came from that way. Raises `NotUnderstood`: `wrong`, `too_many`, `ran_out`."""
    proof = ways.prove(way, code, now)
    if proof is not ways.Proof.PROVEN:
        raise NotUnderstood(proof)


def send_again(way: str, now: datetime) -> None:
    """A new code. Raises `NotUnderstood`: `too_soon`."""
    try:
        ways.send_proof(way, now)
    except ways.TooSoon:
        raise NotUnderstood("too_soon") from None


def set_delay(person: str, way: str, minutes: str) -> None:
    """How long after the others it goes out. Raises `NotUnderstood`: `no_delay`."""
    if minutes not in {str(each) for each in DELAYS}:
        raise NotUnderstood("no_delay")
    place = next(row.position for row in ways.ways_of(person) if row.id == way)
    ways.set_way(way, timedelta(minutes=int(minutes)), place)


def move_up(person: str, way: str) -> None:
    """One place nearer the front."""
    rows = ways.ways_of(person)
    place = next(number for number, row in enumerate(rows) if row.id == way)
    ways.set_way(way, rows[place].after, max(place - 1, 0))


def take_away(way: str, now: datetime) -> None:
    """Nothing more goes there, from now on."""
    ways.end_way(way, Moment(now=now, channels_on=kinds_on()))
