"""The ways of whoever is on their own page: what they typed, made into what the store knows. Stop 2 of the road."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from nightlight.channels.registry import AddressError, CountryError
from nightlight.intake.channels import check_way, kinds_on
from nightlight.store import ways
from nightlight.store.withdrawals import Moment

DELAYS = (0, 2, 5, 10, 15, 30)
"""Minutes from which the owner of a way chooses how long it waits."""


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
        )
        for place, row in enumerate(rows)
    )


def masked(address: str) -> str:
    """Enough of *address* for its owner to know it by."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}" if at else f"•••{address[-3:]}"


def add(person: str, typed: str, now: datetime) -> None:
    """A way at the number or mail that was typed; a code goes there.

    Raises `NotUnderstood`: `no_address`, `country`, `same_way`, `too_many_ways`.
    """
    why = "no_address"
    for kind in sorted(kinds_on()):
        try:
            address = check_way(kind, typed)
        except CountryError:
            why = "country"
            continue
        except AddressError:
            continue
        try:
            ways.add_way(person, kind, address, now)
        except ways.SameWay:
            raise NotUnderstood("same_way") from None
        except ways.TooManyWays:
            raise NotUnderstood("too_many_ways") from None
        return
    raise NotUnderstood(why)


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
