"""What follows a call: notes in somebody's words, at the person's own hour, until one word ends them."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest

from nightlight.channels.wording_follow_ups import FROM_HOST, READY, host_note
from nightlight.engine.effects import ScheduleFollowUps
from nightlight.engine.events import EndedBy
from nightlight.engine.followup import DENSER, FEWER, USUAL
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake import checkin
from nightlight.intake.answer import Saying
from nightlight.store import after_helping, follow_ups, follow_ups_due, member_notes
from nightlight.store.follow_ups import NoSuchNote, Wishes, dues, notes_ahead
from nightlight.store.models import (
    AfterHelping,
    Alert,
    FollowUp,
    Membership,
    Notice,
    NotificationStatus,
    Person,
    Quiet,
)
from nightlight.store.notices import NoticePurpose
from nightlight.worker.caring import CARES
from tests.factories import a_check_in, a_ladder, a_member, a_way
from tests.people import ANA, BO, KIT, NOA, NOON, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HELLO = "Good morning from the harbour."


@pytest.fixture
def notices(world: World) -> NoticeWorld:
    return NoticeWorld(world)


def lisbon(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """In winter the clock of Lisbon is that of UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def a_call_is_over(world: World, *, taker: PersonId | None = SAM, by: EndedBy = EndedBy.CALLER) -> str:
    """Ana called, somebody had it, and it is over; the id of the call."""
    world.call_id = ""
    world.ana_calls()
    world.send_due()
    if taker is not None:
        world.says(taker, Saying.YES)
    intake.resolve(world.call_id, by, world.time, reason="Ana rang us" if by is EndedBy.HOST else "")
    return world.call_id


def lends_name(world: World, person: PersonId = SAM, *texts: str) -> None:
    member_notes.add_notes(ANA, person, texts or (HELLO,), world.time)


def care(world: World) -> None:
    """One look of a worker at everything that is due."""
    for each in CARES:
        for one in each.due(world.time, 100):
            each.do(one, world.time, world.on)


def at(world: World, when: datetime) -> None:
    world.time = when
    care(world)


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
    Quiet.objects.create(circle_id=ANA, since=world.time, by="person")
    world.send_due()
    notices.send_due()
    at(world, lisbon(24, 9))

    assert world.mail.handed == [] or "/f/" not in world.mail.handed[-1].text
    assert Notice.objects.get(purpose=NoticePurpose.FOLLOW_UP).reason == "quiet"
    assert FollowUp.objects.filter(ended_why="quiet").count() == 1


# ----------------------------------------------------------------------------------- the person's wishes


def test_the_waking_hour_moves_every_note_to_it_in_the_persons_zone(world: World) -> None:
    a_ladder((SAM,), (BO,))
    Person.objects.filter(pk=ANA).update(time_zone="America/New_York")
    a_call_is_over(world)
    follow_ups.set_wakes_at(ANA, time(11, 30), world.time)

    assert notes_ahead(ANA)[0].at.astimezone(UTC).time() == time(16, 30)
    assert follow_ups.wishes_of(ANA).wakes_at == time(11, 30)
    # In summer the same hour is another one elsewhere.
    july = next(note for note in notes_ahead(ANA) if note.moment == "9m")
    assert july.at.astimezone(UTC).time() == time(15, 30)


def test_more_fewer_and_the_days_one_chooses(world: World) -> None:
    a_ladder((SAM,), (BO,))
    lends_name(world)
    a_call_is_over(world)
    follow_ups.set_moments(ANA, FEWER, world.time)
    assert [note.moment for note in notes_ahead(ANA)] == list(FEWER)
    follow_ups.set_moments(ANA, DENSER, world.time)
    assert len(notes_ahead(ANA)) == len(DENSER)
    assert {note.author for note in notes_ahead(ANA)} == {"Sam"}

    for wrong in ([], ["yesterday"], ["0d"], ["1d"] * 3 + ["x"]):
        with pytest.raises(ValueError, match="no moments"):
            follow_ups.set_moments(ANA, wrong, world.time)
    a_call_is_over(world)
    assert len(notes_ahead(ANA)) == len(DENSER)


def test_a_wish_alone_begins_nothing(world: World) -> None:
    a_ladder((SAM,), (BO,))
    follow_ups.set_moments(ANA, DENSER, world.time)

    assert notes_ahead(ANA) == ()


def test_one_note_is_moved_or_left_out_by_whose_it_is_alone(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_member(KIT, of=NOA)
    a_call_is_over(world)
    first, second, *_ = notes_ahead(ANA)
    follow_ups.move_note(ANA, first.id, date(2026, 11, 25), world.time)
    follow_ups.remove_note(ANA, second.id, world.time)

    assert {note.id: note.at for note in notes_ahead(ANA)}[first.id] == lisbon(25, 9)
    assert second.id not in {note.id for note in notes_ahead(ANA)}
    with pytest.raises(ValueError, match="past"):
        follow_ups.move_note(ANA, first.id, date(2026, 11, 20), world.time)
    for change in (
        partial(follow_ups.remove_note, NOA, first.id, world.time),
        partial(follow_ups.move_note, NOA, first.id, date(2026, 12, 1), world.time),
    ):
        with pytest.raises(NoSuchNote):
            change()


def test_not_after_this_call_lets_the_days_of_the_one_before_go_on(world: World) -> None:
    a_ladder((SAM,), (BO,))
    first = a_call_is_over(world)
    world.time += timedelta(days=10)
    a_call_is_over(world)
    follow_ups.not_after_latest(ANA, world.time)

    assert {note.alert for note in notes_ahead(ANA)} == {first}
    assert all(note.at > world.time for note in notes_ahead(ANA))
    follow_ups.not_after_latest(ANA, world.time)
    assert notes_ahead(ANA) == ()


def test_one_word_stops_all_of_them_also_one_that_is_written_down(world: World, notices: NoticeWorld) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    a_call_is_over(world)
    at(world, lisbon(22, 9))
    follow_ups.stop_notes(ANA, world.time)
    world.send_due()
    notices.send_due()

    assert "/f/" not in "".join(message.text for message in world.mail.handed)
    assert notes_ahead(ANA) == ()
    a_call_is_over(world)
    assert notes_ahead(ANA) == ()
    follow_ups.start_notes(ANA, world.time)
    assert len(notes_ahead(ANA)) == len(USUAL) - 1


# ----------------------------------------------------------------------------------- a member's own words


def test_words_written_after_the_call_are_signed_by_who_had_it(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    lends_name(world, KIT)
    call = a_call_is_over(world)
    assert member_notes.may_be_asked(call, SAM)
    assert not member_notes.may_be_asked(call, BO)
    member_notes.add_notes(ANA, SAM, [HELLO], world.time, alert=call)

    assert {note.author for note in notes_ahead(ANA)} == {"Sam"}
    assert not member_notes.may_be_asked(call, SAM)


def test_without_words_left_no_note_bears_their_name(world: World) -> None:
    a_ladder((SAM,), (BO,))
    lends_name(world)
    a_call_is_over(world)
    [note] = member_notes.notes_of(ANA, SAM)
    assert not member_notes.remove_note(ANA, BO, note.id)
    assert member_notes.remove_note(ANA, SAM, note.id)

    assert {note.author for note in notes_ahead(ANA)} == {""}


def test_nobody_writes_for_a_circle_they_are_not_in(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_member(KIT, of=NOA)

    assert member_notes.add_notes(ANA, KIT, [READY[0]], world.time) == 0
    assert member_notes.notes_of(ANA, KIT) == ()
    with pytest.raises(member_notes.TooMany):
        member_notes.add_notes(ANA, SAM, [f"Words {n}." for n in range(31)], world.time)


# ------------------------------------------------------------------------------------ whoever had it


def test_who_had_it_is_asked_the_next_day_at_ten_by_their_own_clock(
    world: World, notices: NoticeWorld
) -> None:
    a_ladder((SAM,), (BO,))
    Person.objects.filter(pk=SAM).update(time_zone="America/New_York")
    a_call_is_over(world)
    at(world, lisbon(22, 14, 59))
    assert after_helping.question_for(SAM, world.time) is None
    at(world, lisbon(22, 15))
    world.send_due()
    notices.send_due()

    assert [m.to for m in world.mail.handed if "/s/" in m.text] == ["sam@example.org"]
    question = after_helping.question_for(SAM, world.time)
    assert question is not None
    assert question.circle == "Ana"
    assert after_helping.question_for(BO, world.time) is None
    care(world)
    assert Notice.objects.filter(purpose=NoticePurpose.HOW_ARE_YOU).count() == 1


def test_after_a_night_they_are_asked_in_that_very_morning(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.time = lisbon(22, 3)
    a_call_is_over(world)

    assert AfterHelping.objects.get().due == lisbon(22, 10)


def test_much_is_said_gently_after_the_third_call_in_a_month_in_any_circle(world: World) -> None:
    a_ladder((SAM,), (BO,))
    for _ in range(2):
        a_call_is_over(world)
    assert not after_helping.carries_much(SAM, world.time)
    a_call_is_over(world)

    assert after_helping.carries_much(SAM, world.time)
    assert not after_helping.carries_much(BO, world.time)
    assert not after_helping.carries_much(SAM, world.time + timedelta(days=40))
