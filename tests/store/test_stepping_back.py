"""A supporter rests, leaves or goes on; a call that is open hears of it in the same moment."""

from datetime import date, time, timedelta

import pytest

from nightlight.engine.needs import Offer
from nightlight.engine.state import AlertStatus, Answer
from nightlight.intake.answer import Saying
from nightlight.intake.circle import import_circles
from nightlight.intake.circle_file import parse_circle_file
from nightlight.store.agreed_time import months_after
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.erasure import everything_about
from nightlight.store.models import ContactMethod, Membership, Notice, Person, SupporterLink
from nightlight.store.own_data import HasOwnPages, erase_supporter, own_data
from nightlight.store.stepping_back import (
    Mine,
    NotAgreed,
    Thought,
    come_back,
    leave,
    pause,
    renew,
    set_hours,
    set_offers,
    think_of,
)
from nightlight.store.supporting import agreements, new_supporter_link, send_own_links, supporter_of_link
from nightlight.store.withdrawals import Moment
from tests.factories import a_circle, a_ladder, a_member, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, SAM
from tests.store.stories import LATER, sam_has_mail_and_text
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MORNING = NOON + timedelta(hours=20)


def moment(world: World) -> Moment:
    return Moment(now=world.time, channels_on=world.on)


def mine(person: str = SAM, of: str = ANA) -> Mine:
    """What *person* agreed to for *of*."""
    return Mine(person=person, membership=Membership.objects.get(person=person, circle=of).pk)


# --------------------------------------------------------------------------------- in an open call


def test_a_pause_takes_back_what_was_still_to_go_out_and_asks_the_next_at_once(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()
    assert len(world.handed(SAM)) == 1

    pause(mine(), MORNING, moment(world))
    world.send_due()
    assert len(world.handed(BO)) == 1
    world.pass_time(seconds=LATER.total_seconds() + 60)

    assert len(world.handed(SAM)) == 1
    assert ("declined", SAM) in world.lines()


def test_a_pause_before_anything_went_out_sends_nothing_at_all(world: World) -> None:
    sam_has_mail_and_text(world)

    pause(mine(), MORNING, moment(world))
    world.pass_time(minutes=10)

    assert world.handed(SAM) == []
    assert len(world.handed(BO)) >= 1


def test_a_pause_in_the_circle_of_one_leaves_the_call_of_another_alone(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_ladder((SAM,), of=NOA)
    world.ana_calls()
    world.send_due()

    pause(mine(of=NOA), MORNING, moment(world))

    asked = world.alert().ask_of(SAM)
    assert asked is not None
    assert asked.answer is None


def test_the_taker_who_rests_hands_the_call_on_and_ana_is_told(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)

    pause(mine(), MORNING, moment(world))
    world.send_due()

    assert world.alert().status is AlertStatus.TRIGGERED
    assert len(world.handed(BO)) == 1


def test_a_second_press_of_not_tonight_changes_nothing_more(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()
    pause(mine(), MORNING, moment(world))
    before = world.row().state

    pause(mine(), MORNING, moment(world))

    assert world.row().state == before


def test_whoever_rests_is_not_asked_in_the_next_round_and_is_when_they_come_back(world: World) -> None:
    a_ladder((SAM,), (BO,))
    pause(mine(), MORNING, moment(world))
    world.ana_calls()
    world.pass_time(minutes=30)
    assert world.handed(SAM) == []

    come_back(mine(), moment(world))
    world.pass_time(minutes=30)

    assert world.handed(SAM)


def test_coming_back_does_not_undo_a_yes(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()
    Membership.objects.filter(person=SAM).update(paused_until=MORNING)
    world.says(SAM, Saying.YES)

    come_back(mine(), moment(world))

    asked = world.alert().ask_of(SAM)
    assert asked is not None
    assert asked.answer is Answer.YES
    assert world.alert().status is AlertStatus.ACKNOWLEDGED


def test_leaving_asks_the_next_at_once_and_a_late_yes_is_refused(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()

    leave(mine(), moment(world))
    world.send_due()

    assert len(world.handed(BO)) == 1
    assert world.says(SAM, Saying.YES).advanced.refused == "removed"


def test_going_on_in_the_middle_of_a_call_makes_them_available_again(world: World) -> None:
    a_ladder((SAM,), (BO,))
    Membership.objects.filter(person=SAM).update(agreed_until=NOON.date() - timedelta(days=1))
    world.ana_calls()
    world.pass_time(minutes=10)
    assert world.handed(SAM) == []

    assert renew(mine(), world.time)
    world.pass_time(minutes=30)

    assert world.handed(SAM)


# --------------------------------------------------------------------------------- whose it is to say


def test_nobody_changes_what_another_agreed_to(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_member(NOA, of=KIT)
    stranger = Mine(person=NOA, membership=mine().membership)
    before = list(Membership.objects.order_by("pk").values())

    for change in (
        lambda: pause(stranger, MORNING, moment(world)),
        lambda: come_back(stranger, moment(world)),
        lambda: leave(stranger, moment(world)),
        lambda: renew(stranger, world.time),
        lambda: set_offers(stranger, {Offer.STAY}, world.time),
        lambda: think_of(stranger, moment(world)),
    ):
        with pytest.raises(NotAgreed):
            change()

    assert list(Membership.objects.order_by("pk").values()) == before


def test_who_left_comes_back_by_nothing_they_press(world: World) -> None:
    a_ladder((SAM,), (BO,))
    gone = mine()
    leave(gone, moment(world))

    for change in (
        lambda: come_back(gone, moment(world)),
        lambda: renew(gone, world.time),
        lambda: pause(gone, MORNING, moment(world)),
        lambda: leave(gone, moment(world)),
    ):
        with pytest.raises(NotAgreed):
            change()

    assert agreements(SAM, world.time) == ()


def test_a_thought_that_nobody_can_be_sent_is_on_their_page(world: World) -> None:
    a_ladder((SAM,), (BO,))

    assert think_of(mine(), moment(world)) is Thought.SHOWN
    assert think_of(mine(), moment(world)) is Thought.TOO_SOON
    a_way(ANA)
    assert think_of(mine(BO), moment(world)) is Thought.TOLD


@pytest.mark.parametrize(
    ("day", "then"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 10, 1), date(2027, 1, 1)),
        (date(2026, 9, 15), date(2026, 12, 15)),
    ],
)
def test_three_months_end_on_a_day_there_is(day: date, then: date) -> None:
    assert months_after(day, 3) == then


FILE = b"""
[[people]]
id = "ana"
name = "Ana"

[[people]]
id = "sam"
name = "Sam"
time_zone = "Europe/Lisbon"
ways = [ {channel = "smtp", to = "sam@example.org"} ]

[[circles]]
person = "ana"
members = [ {person = "sam", agreed_on = 2026-11-01, offers = ["talk", "come"], wake_me = true} ]
ladder = [ {ask = ["sam"]} ]
"""


def the_host_imports(world: World, text: bytes = FILE) -> None:
    document = parse_circle_file(text, file="circle.toml", today=world.time.date())
    import_circles(document, now=world.time, channels_on=world.on)


def test_an_older_file_of_the_hosts_takes_nothing_back_that_they_said_since(world: World) -> None:
    the_host_imports(world)
    set_hours(mine(), time(8), time(22), world.time, wake_me=False)
    set_offers(mine(), {Offer.TEXT}, world.time)
    renew(mine(), world.time)

    the_host_imports(world)

    row = Membership.objects.get(person=SAM)
    assert (row.hours_from, row.hours_until, row.wake_me) == (time(8), time(22), False)
    assert row.offers == ["text"]
    assert row.agreed_until == date(2027, 2, 21)


def test_a_later_yes_in_the_hosts_file_counts(world: World) -> None:
    the_host_imports(world)
    set_hours(mine(), time(8), time(22), world.time, wake_me=False)
    world.time += timedelta(days=2)

    the_host_imports(world, FILE.replace(b"2026-11-01", b"2026-11-23"))

    assert Membership.objects.get(person=SAM).wake_me


# ------------------------------------------------------------------------------------------- the link


def test_a_link_opens_one_page_until_a_new_one_is_made(world: World) -> None:
    a_ladder((SAM,), (BO,))
    first = new_supporter_link(SAM, world.time)
    bos = new_supporter_link(BO, world.time)
    second = new_supporter_link(SAM, world.time)

    assert supporter_of_link(first, world.time) is None
    assert supporter_of_link(second, world.time) == SAM
    assert supporter_of_link(bos, world.time) == BO
    assert supporter_of_link("", world.time) is None
    assert second not in str(list(SupporterLink.objects.values()))
    with pytest.raises(NoSuchPerson):
        new_supporter_link("zed", world.time)


def test_a_link_is_not_sent_where_nobody_proved_or_supports_anything(world: World) -> None:
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.filter(person=BO).update(proven_at=None)
    a_circle(ANA)
    a_way(ANA)

    for address in (MAILS[BO], MAILS[ANA], MAILS[NOA]):
        send_own_links("smtp", address, world.time)
    send_own_links("sms", MAILS[SAM], world.time)

    assert not Notice.objects.exists()


# ------------------------------------------------------------------------------------------ own data


def test_own_data_leaves_out_what_others_arranged(world: World) -> None:
    a_ladder((SAM,), (BO,))
    Membership.objects.filter(person=SAM).update(position=7)
    a_circle(SAM)
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    world.send_due()
    assert everything_about(SAM)["on_ladders_of"] == [ANA]

    shown = own_data(SAM)

    assert BO not in str(shown).split("'")
    assert "position" not in str(shown)
    assert shown["person"]["name"] == "Sam"
    assert not {"circle", "account", "calls", "on_ladders_of"} & set(shown)


def test_erasing_leaves_every_circle_and_tells_their_owners_without_a_name(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_member(SAM, of=NOA)
    a_way(ANA)
    a_way(NOA)
    world.ana_calls()
    world.send_due()

    erase_supporter(SAM, moment(world))
    world.send_due()

    assert not Person.objects.filter(pk=SAM).exists()
    assert {(row.person_id, row.about_id) for row in Notice.objects.all()} == {(ANA, None), (NOA, None)}
    assert len(world.handed(BO)) == 1


def test_whoever_calls_is_not_erased_by_a_supporters_link(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_circle(SAM)

    with pytest.raises(HasOwnPages):
        erase_supporter(SAM, moment(world))

    assert Membership.objects.get(person=SAM).ended_at is None
