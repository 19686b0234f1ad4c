"""The days after a call as the person wishes them, the words members lend, and whoever had it."""

from datetime import UTC, date, time, timedelta
from functools import partial

import pytest

from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.channels.wording_follow_ups import READY
from nightlight.engine.followup import DENSER, FEWER, USUAL
from nightlight.intake.receipt import take_receipt
from nightlight.store import after_helping, follow_ups, follow_ups_due, member_notes
from nightlight.store.follow_ups import NoSuchNote, notes_ahead
from nightlight.store.models import (
    AfterHelping,
    NeverContact,
    Notice,
    NotificationStatus,
    Person,
    WordBack,
)
from nightlight.store.notices import NoticePurpose
from nightlight.store.notices_send_checks import attempt_named
from nightlight.store.words_back import Word, write_back
from tests.factories import a_ladder, a_member, a_way
from tests.people import ANA, BO, KIT, NOA, NOON, SAM
from tests.store.after_a_call import HELLO, a_call_is_over, at, care, lends_name, lisbon
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def notices(world: World) -> NoticeWorld:
    return NoticeWorld(world)


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


def test_no_wish_brings_a_note_right_after_the_call(world: World) -> None:
    a_ladder((SAM,), (BO,))
    at(world, lisbon(22, 8, 45))
    a_call_is_over(world)
    first = notes_ahead(ANA)[0]
    least = world.time + follow_ups.LEAST_AFTER

    follow_ups.set_wakes_at(ANA, time(9, 15), world.time)
    assert notes_ahead(ANA)[0].at == least
    follow_ups.move_note(ANA, first.id, date(2026, 11, 22), world.time)
    assert notes_ahead(ANA)[0].at == least
    follow_ups.move_note(ANA, first.id, date(2026, 11, 23), world.time)
    assert notes_ahead(ANA)[0].at == lisbon(23, 9, 15)


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


def test_a_note_that_bounces_after_that_word_goes_by_no_other_way(world: World, notices: NoticeWorld) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    a_way(ANA, "sms")
    lends_name(world)
    a_call_is_over(world)
    world.send_due()
    at(world, lisbon(22, 9))
    notices.send_due()
    note = Notice.objects.get(purpose=NoticePurpose.FOLLOW_UP, status=NotificationStatus.ACCEPTED)
    follow_ups.stop_notes(ANA, world.time)

    bounced = Receipt(status=ReceiptStatus.FAILED, attempt=attempt_named("smtp", note.pk))
    assert take_receipt("smtp", bounced, world.time)
    notices.send_due()
    assert "/f/" not in "".join(message.text for message in world.text.handed)


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


def test_whom_ana_never_wants_to_hear_of_signs_nothing_reads_nothing_and_is_not_asked(world: World) -> None:
    a_ladder((SAM,), (BO,))
    lends_name(world)
    a_call_is_over(world)
    NeverContact.objects.create(circle_id=ANA, person_id=SAM, added_at=world.time)
    at(world, lisbon(22, 10))
    word = write_back(Word(circle=ANA, writer=ANA, owner=SAM, text="Thank you."), world.time, world.on)

    [came] = follow_ups_due.notes_that_came(ANA, NOON)
    assert came.author == ""
    assert came.words != HELLO
    assert WordBack.objects.get(pk=word).owner_id is None
    assert after_helping.question_for(SAM, world.time) is None
    assert not Notice.objects.filter(person=SAM).exists()
    a_call_is_over(world, taker=None)
    assert {note.author for note in notes_ahead(ANA)} == {""}
