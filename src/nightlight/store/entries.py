"""What a circle file says, as plain values: read by the import, written by the export."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from nightlight.engine.checkin import GRACE_DEFAULT, OnMiss
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need, Offer
from nightlight.engine.policy import HOLD_DEFAULT, REPEAT_DEFAULT, EndPolicy, EscalationStep

DAILY = "FREQ=DAILY"


@dataclass(frozen=True, kw_only=True)
class WayEntry:
    """One way to reach somebody; `to` is written as its channel writes it."""

    channel: str
    to: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class LineEntry:
    """A line where a human answers, shown and never counted as answered."""

    name: str
    number: str
    hours: str = ""
    checked_on: date | None = None


class MinorsRule(StrEnum):
    """What is asked of somebody below the host's age."""

    WELCOME = "welcome"
    APPROVE = "approve"
    """Whoever the host names says yes first."""
    NOT_HERE = "not_here"


@dataclass(frozen=True, kw_only=True)
class HostEntry:
    """Whoever runs the service."""

    name: str = ""
    country: str = ""
    emergency_number: str = ""
    ways: tuple[WayEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    anyone_may_begin: bool = False
    adult_age: int | None = None
    minors: str = ""
    """A `MinorsRule`, or empty where nobody is a minor."""
    minors_approved_by: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonEntry:
    """Anyone the file speaks of."""

    id: PersonId
    name: str
    time_zone: str = "UTC"
    language: str = "en"
    ways: tuple[WayEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MemberEntry:
    """What one person agreed to; without `agreed_on` they were not asked yet."""

    person: PersonId
    agreed_on: date | None = None
    agreed_until: date | None = None
    offers: tuple[Offer, ...] = (Offer.TALK,)
    wake_me: bool = False
    hours: tuple[time, time] | None = None


@dataclass(frozen=True, kw_only=True)
class ReachEntry:
    """How to reach the caller; shown to the taker after a yes."""

    call: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckInEntry:
    """One agreed sign of life; without `agreed_on` it is off until the person switches it on."""

    id: str
    at: time
    name: str = ""
    rule: str = DAILY
    starts_on: date | None = None
    """Where a rule that counts begins to count; None for the day of the import."""
    grace: timedelta = GRACE_DEFAULT
    remind: tuple[str, ...] = ()
    on_miss: OnMiss = OnMiss.REMIND
    need: Need = Need.TALK
    tell: tuple[PersonId, ...] = ()
    note_to: tuple[PersonId, ...] = ()
    agreed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class CircleEntry:
    """One person's circle. Only an export of a circle that everybody left has no ladder."""

    person: PersonId
    reach: ReachEntry | None = None
    never_contact: tuple[str, ...] = ()
    know_each_other: bool = False
    end: EndPolicy = EndPolicy.CALLER
    members: tuple[MemberEntry, ...] = ()
    ladder: tuple[EscalationStep, ...] = ()
    repeat_after: timedelta = REPEAT_DEFAULT
    acknowledgement_expires: timedelta = HOLD_DEFAULT
    check_ins: tuple[CheckInEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole file."""

    host: HostEntry | None = None
    people: tuple[PersonEntry, ...] = ()
    circles: tuple[CircleEntry, ...] = ()
