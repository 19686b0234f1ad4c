"""What follows a call: notes in somebody's words, at the person's own hour of the day."""

from datetime import timedelta

import pytest

from nightlight.channels.wording_follow_ups import FROM_HOST, host_note
from nightlight.engine.effects import ScheduleFollowUps
from nightlight.engine.followup import DENSER, FEWER, USUAL
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import checkin
from nightlight.store import follow_ups, follow_ups_due
from nightlight.store.follow_ups import Wishes, dues, notes_ahead
from nightlight.store.models import (
    AfterHelping,
    Alert,
    FollowUp,
    Membership,
    Notice,
    NotificationStatus,
    Quiet,
)
from nightlight.store.notices import NoticePurpose
from tests.factories import a_check_in, a_ladder, a_way
from tests.people import ANA, BO, KIT, NOON, SAM
from tests.store.after_a_call import HELLO, a_call_is_over, at, lends_name, lisbon
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def notices(world: World) -> NoticeWorld:
    return NoticeWorld(world)


# ------------------------------------------------------------------------------------------ planning


def test_nine_notes_follow_a_call_the_first_in_the_morning(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    lends_name(world)
    a_call_is_over(world)

    ahead = notes_ahead(ANA)
    assert [note.moment for note in ahead] == list(USUAL)
    assert ahead[0].at == lisbon(22, 9)
    assert ahead[1].at - NOON <= timedelta(hours=72)
    assert {note.author for note in ahead} == {"Sam"}


@pytest.mark.parametrize("hour", range(24))
def test_two_contacts_come_within_the_hours_the_sources_ask_for(hour: int) -> None:
    """NICE QS159: one within 48 hours. SPI+: two, the first within 72."""
    ended = lisbon(20, hour, 30)
    first, second, *_ = dues(Wishes(), ended, "Europe/Lisbon").values()

    assert timedelta(hours=2) <= first - ended <= timedelta(hours=48)
    assert second - ended <= timedelta(hours=73)


def test_each_moment_has_a_day_of_its_own_in_every_series() -> None:
    for moments in (USUAL, DENSER, FEWER):
        found = dues(Wishes(moments=moments), NOON, "Pacific/Apia")
        assert len(set(found.values())) == len(found)
        assert list(found.values()) == sorted(found.values())
    assert len(dues(Wishes(moments=("1m", "30d", "31d")), NOON, "Europe/Lisbon")) < 3 + 1


def test_who_had_it_signs_before_a_second_and_a_second_before_the_ladder(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    lends_name(world, KIT)
    a_call_is_over(world)
    assert notes_ahead(ANA)[0].author == "Kit"

    lends_name(world, SAM)
    a_call_is_over(world)
    assert notes_ahead(ANA)[0].author == "Sam"


def test_nobody_signs_who_did_not_lend_their_name_or_left(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    lends_name(world, KIT)
    Membership.objects.filter(person=KIT).update(ended_at=world.time)
    a_call_is_over(world)

    assert {note.author for note in notes_ahead(ANA)} == {""}


def test_a_later_call_begins_the_days_anew(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_call_is_over(world)
    world.time += timedelta(days=10)
    a_call_is_over(world)

    ahead = notes_ahead(ANA)
    assert len(ahead) == len(USUAL)
    assert ahead[0].at > world.time
    assert FollowUp.objects.filter(ended_why="newer").count() == len(USUAL)


def test_a_check_in_that_came_late_and_woke_nobody_is_followed_by_nothing(
    world: World, notices: NoticeWorld
) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    a_way(ANA, "sms")
    made = a_check_in(ANA, now=world.time)
    world.pass_time(hours=9)
    for _ in range(6):
        notices.send_due()
        world.pass_time(minutes=10)
    assert Alert.objects.get().status != AlertStatus.RESOLVED
    checkin.take(made.pk, checkin.How.OK, checkin.By.PAGE, world.time)

    assert Alert.objects.get().status == AlertStatus.RESOLVED
    assert not FollowUp.objects.exists()
    assert not AfterHelping.objects.exists()


def test_a_fault_in_what_follows_keeps_no_call_from_ending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    a_ladder((SAM,), (BO,))
    monkeypatch.setattr(follow_ups, "_plan", breaks)
    a_call_is_over(world)

    assert world.row().status == AlertStatus.RESOLVED
    assert world.row().poisoned_at is None


def test_carrying_it_out_twice_plans_once(world: World) -> None:
    a_ladder((SAM,), (BO,))
    call = a_call_is_over(world)
    effect = ScheduleFollowUps(had_it=(SAM,), others=(BO,))
    circle = Alert.objects.get(pk=call).person.circle
    follow_ups.plan_safely(effect, call, circle, world.time)

    assert FollowUp.objects.count() == len(USUAL)
    assert AfterHelping.objects.count() == 1


# ------------------------------------------------------------------------------------------- sending


def test_a_note_goes_out_in_the_morning_in_sams_own_words(world: World, notices: NoticeWorld) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA, "sms")
    lends_name(world)
    a_call_is_over(world)
    at(world, lisbon(22, 8, 59))
    assert not Notice.objects.exists()
    at(world, lisbon(22, 9))
    notices.send_due()

    said = world.text.handed[-1].text
    assert said.splitlines()[0] == f"{HELLO} - Sam"
    assert "/f/" in said
    assert "ENOUGH" in said


def test_each_note_has_other_words_until_there_are_no_more(world: World) -> None:
    a_ladder((SAM,), (BO,))
    lends_name(world, SAM, "One.", "Two.")
    a_call_is_over(world)
    for note in notes_ahead(ANA)[:3]:
        at(world, note.at)

    came = [note.words for note in follow_ups_due.notes_that_came(ANA, NOON)]
    assert sorted(came) == ["One.", "One.", "Two."]
    assert came[0] != came[1]


def test_without_any_name_the_host_writes_in_the_persons_language(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_call_is_over(world)
    at(world, lisbon(22, 9))
    [came] = follow_ups_due.notes_that_came(ANA, world.time)

    assert came.author == ""
    assert came.words in FROM_HOST
    assert host_note("1m", "en") != host_note("2m", "en")


def test_who_left_after_it_was_planned_signs_nothing(world: World) -> None:
    a_ladder((SAM,), (BO,))
    lends_name(world)
    a_call_is_over(world)
    Membership.objects.filter(person=SAM).update(ended_at=world.time)
    at(world, lisbon(22, 9))

    [came] = follow_ups_due.notes_that_came(ANA, world.time)
    assert came.author == ""
    assert came.words != HELLO


def test_who_rests_still_lends_their_words(world: World) -> None:
    a_ladder((SAM,), (BO,))
    lends_name(world)
    a_call_is_over(world)
    Membership.objects.filter(person=SAM).update(paused_until=world.time + timedelta(days=30))
    at(world, lisbon(22, 9))

    [came] = follow_ups_due.notes_that_came(ANA, world.time)
    assert came.words == HELLO


def test_an_open_call_comes_first_and_the_note_waits(world: World, notices: NoticeWorld) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    a_call_is_over(world)
    world.time = lisbon(22, 8)
    world.call_id = ""
    world.ana_calls(Need.COME)
    at(world, lisbon(22, 9))
    assert FollowUp.objects.filter(sent_at__isnull=False).count() == 0
    assert notes_ahead(ANA)[0].at == lisbon(23, 9)


def test_one_that_was_written_down_waits_for_the_end_of_a_call_too(
    world: World, notices: NoticeWorld
) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    a_call_is_over(world)
    at(world, lisbon(22, 9))
    world.call_id = ""
    world.ana_calls()
    world.send_due()
    notices.send_due()
    row = Notice.objects.get(purpose=NoticePurpose.FOLLOW_UP)

    assert row.status == NotificationStatus.PLANNED
    assert row.reason == "later"


def test_what_comes_due_at_night_because_of_us_waits_for_the_morning(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_call_is_over(world)
    at(world, lisbon(22, 23))

    assert not FollowUp.objects.filter(sent_at__isnull=False).exists()
    assert notes_ahead(ANA)[0].at == lisbon(23, 9)


def test_nothing_is_spoken_and_without_a_way_it_is_on_the_page(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA, "voice", "+447700900111")
    a_call_is_over(world)
    at(world, lisbon(22, 9))

    assert not Notice.objects.filter(purpose=NoticePurpose.FOLLOW_UP).exists()
    assert follow_ups_due.notes_that_came(ANA, world.time)


def test_the_one_switch_stops_them_planned_and_written(world: World, notices: NoticeWorld) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    a_call_is_over(world)
    at(world, lisbon(22, 9))
    Quiet.objects.create(person_id=ANA, since=world.time, by="person")
    world.send_due()
    notices.send_due()
    at(world, lisbon(24, 9))

    assert world.mail.handed == [] or "/f/" not in world.mail.handed[-1].text
    assert Notice.objects.get(purpose=NoticePurpose.FOLLOW_UP).reason == "quiet"
    assert FollowUp.objects.filter(ended_why="quiet").count() == 1
