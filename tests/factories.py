"""One maker per thing, everything defaulted: what a test sets is what that test is about."""

from datetime import date, datetime, time, timedelta
from itertools import count

from nightlight.engine.checkin import OnMiss
from nightlight.engine.effects import Purpose, TimerKind
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import checkin
from nightlight.store.models import (
    Alert,
    CheckIn,
    Circle,
    ContactMethod,
    LadderPlace,
    LadderStep,
    Membership,
    NeverContact,
    Notification,
    NotificationStatus,
    Person,
)
from nightlight.store.sealing import ADDRESS, look_up_hash, seal
from tests.people import ANA, BO, KIT, MAILS, NAMES, NOON, NUMBERS, SAM

_numbers = count(1)


def a_person(person: PersonId = SAM) -> Person:
    """The person, made the first time they are asked for."""
    made, _ = Person.objects.get_or_create(
        id=person,
        defaults={
            "name": NAMES.get(person, person.title()),
            "time_zone": "Europe/Lisbon",
            "language": "en",
            "created_at": NOON,
        },
    )
    return made


def a_way(
    person: PersonId = SAM,
    channel: str = "smtp",
    address: str = "",
    *,
    after: timedelta = timedelta(0),
    ended_at: datetime | None = None,
) -> ContactMethod:
    """A proven way to reach *person*, behind those they have."""
    owner = a_person(person)
    address = address or (MAILS if channel == "smtp" else NUMBERS).get(person, f"{person}@example.org")
    return ContactMethod.objects.create(
        id=f"way{next(_numbers)}",
        person=owner,
        channel=channel,
        address_sealed=seal(address),
        address_hash=look_up_hash(address, ADDRESS),
        after=after,
        position=owner.ways.count(),
        proven_at=NOON,
        ended_at=ended_at,
    )


def a_circle(person: PersonId = ANA) -> Circle:
    """An empty circle of *person*, made the first time it is asked for."""
    made, _ = Circle.objects.get_or_create(person=a_person(person))
    return made


def a_member(
    person: PersonId = SAM,
    *,
    of: PersonId = ANA,
    agreed_on: date | None = date(2026, 11, 1),
    agreed_until: date | None = date(2027, 2, 1),
    offers: tuple[str, ...] = ("talk",),
    wake_me: bool = False,
    ended_at: datetime | None = None,
) -> Membership:
    """Somebody who agreed to be there for *of*, reachable by mail."""
    if not a_person(person).ways.exists():
        a_way(person)
    circle = a_circle(of)
    return Membership.objects.create(
        circle=circle,
        person=a_person(person),
        position=circle.memberships.count(),
        agreed_on=agreed_on,
        agreed_until=agreed_until,
        offers=list(offers),
        wake_me=wake_me,
        ended_at=ended_at,
    )


def a_step(
    *people: PersonId, of: PersonId = ANA, wait: timedelta = timedelta(minutes=5), fair: bool = False
) -> LadderStep:
    """One more step of the ladder of *of*."""
    circle = a_circle(of)
    step = LadderStep.objects.create(circle=circle, position=circle.ladder.count(), wait=wait, fair=fair)
    for position, person in enumerate(people or (SAM,)):
        LadderPlace.objects.create(step=step, person=a_person(person), position=position)
    return step


def a_ladder(*steps: tuple[PersonId, ...], of: PersonId = ANA) -> Circle:
    """A circle whose ladder asks *steps* (Sam, then Bo and Kit, by default), all of whom agreed."""
    for people in steps or ((SAM,), (BO, KIT)):
        for person in people:
            a_member(person, of=of)
        a_step(*people, of=of)
    return a_circle(of)


def a_never_contact(address: str, *, of: PersonId = ANA, by_import: bool = False) -> NeverContact:
    """An address that the circle of *of* never reaches."""
    return NeverContact.objects.create(
        circle=a_circle(of),
        address_sealed=seal(address),
        address_hash=look_up_hash(address, ADDRESS),
        by_import=by_import,
        added_at=NOON,
    )


def an_alert(
    person: PersonId = ANA,
    *,
    status: AlertStatus = AlertStatus.TRIGGERED,
    timer_due: datetime | None = NOON + timedelta(minutes=5),
) -> Alert:
    """A row of a call that was raised at noon, without the engine's state."""
    return Alert.objects.create(
        id=f"alert{next(_numbers)}",
        person=a_person(person),
        status=status,
        need=Need.TALK,
        raised_at=NOON,
        timer_kind=TimerKind.STEP if timer_due else None,
        timer_due=timer_due,
    )


def a_notification(
    way: ContactMethod | None = None,
    *,
    alert: Alert | None = None,
    purpose: Purpose = Purpose.ASK,
    message: int = 1,
    status: NotificationStatus = NotificationStatus.PLANNED,
    due: datetime | None = NOON,
) -> Notification:
    """A message to one way of one person, due at noon."""
    way = way or a_way()
    return Notification.objects.create(
        id=f"notification{next(_numbers)}",
        alert=alert or an_alert(),
        person=way.person,
        contact_method=way,
        channel=way.channel,
        purpose=purpose,
        message=message,
        status=status,
        due=due,
        created_at=NOON,
    )


def a_check_in(
    person: PersonId = ANA,
    *,
    at: time = time(21),
    grace: timedelta = timedelta(minutes=45),
    on_miss: OnMiss = OnMiss.CALL,
    now: datetime = NOON,
    rule: str = "FREQ=DAILY",
    told: tuple[PersonId, ...] = (),
    noted: tuple[PersonId, ...] = (),
) -> CheckIn:
    """A check-in of *person* that they switched on at *now*."""
    made = CheckIn.objects.create(
        id=f"checkin{next(_numbers)}",
        circle=a_circle(person),
        key=f"evening{next(_numbers)}",
        rule=rule,
        at=at,
        starts_on=now.date(),
        grace=grace,
        on_miss=on_miss,
        created_at=now,
    )
    made.told.set([a_person(each) for each in told])
    made.noted.set([a_person(each) for each in noted])
    checkin.switch_on(made.pk, now)
    return made
