"""The one switch: whatever time brings or habit is stopped at once, and a call never is."""

from datetime import timedelta

import pytest

from nightlight.engine.checkin import Came, Excuse
from nightlight.engine.needs import Need
from nightlight.intake import alert, checkin, quiet
from nightlight.store import practice, renewals
from nightlight.store.models import Alert, CheckIn, CheckInWindow, Membership, Notice, Quiet
from nightlight.store.notices import SCHEDULED, NoticePurpose, Written, tell_ways, ways_to_tell
from nightlight.store.quiet import QuietBy, all_quiet, quiet_of, record_of
from nightlight.worker.points import Point, drive
from tests.factories import a_check_in, a_circle, a_ladder, a_member, a_person, a_way
from tests.people import ANA, BO, MAILS, NOA, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def outside(world: World) -> NoticeWorld:
    """Sam agreed to be there for Ana; both have mail, and Sam has a circle of his own."""
    a_ladder((SAM,), of=ANA)
    a_way(ANA)
    a_circle(SAM)
    return NoticeWorld(world)


def written(
    outside: NoticeWorld, purpose: NoticePurpose, to: str = ANA, about: str = "", circle: str = ANA
) -> None:
    ways = ways_to_tell(to, outside.world.on)
    assert tell_ways(purpose, ways, outside.world.time, Written(circle=circle, about=about, token="t" * 32))


def switches_off(outside: NoticeWorld, by: QuietBy = QuietBy.PERSON, person: str = ANA) -> bool:
    return quiet.switch_off(person, by, outside.world.time)


def sent(outside: NoticeWorld) -> int:
    return len(outside.world.mail.handed)


@pytest.mark.parametrize("to", [ANA, SAM])
@pytest.mark.parametrize("purpose", sorted(SCHEDULED))
class TestEveryScheduledPurpose:
    """Each of them, to the person and to a member: before the switch it goes, after it, it does not."""

    def test_goes_while_nothing_is_switched_off(
        self, outside: NoticeWorld, purpose: NoticePurpose, to: str
    ) -> None:
        written(outside, purpose, to)
        outside.send_due()
        assert sent(outside) == 1

    def test_what_was_written_down_already_is_not_sent(
        self, outside: NoticeWorld, purpose: NoticePurpose, to: str
    ) -> None:
        written(outside, purpose, to)
        assert switches_off(outside)
        outside.pass_time(hours=30)
        assert sent(outside) == 0
        assert set(Notice.objects.values_list("status", "reason")) == {("cancelled", "quiet")}

    def test_what_is_written_down_afterwards_is_not_sent(
        self, outside: NoticeWorld, purpose: NoticePurpose, to: str
    ) -> None:
        switches_off(outside)
        written(outside, purpose, to)
        outside.pass_time(hours=30)
        assert sent(outside) == 0

    def test_what_a_sender_holds_and_has_not_begun_is_not_sent(
        self, outside: NoticeWorld, purpose: NoticePurpose, to: str
    ) -> None:
        written(outside, purpose, to)
        [claimed] = outside.claim()
        going = outside.deliver(claimed)
        assert next(going) is Point.CLAIMED
        switches_off(outside)
        drive(going)
        outside.pass_time(hours=30)
        assert sent(outside) == 0
        assert Notice.objects.get().reason == "quiet"

    def test_it_comes_again_after_it_was_taken_back(
        self, outside: NoticeWorld, purpose: NoticePurpose, to: str
    ) -> None:
        switches_off(outside)
        assert quiet.take_back(ANA, QuietBy.PERSON, outside.world.time)
        written(outside, purpose, to)
        outside.send_due()
        assert sent(outside) == 1


def test_no_practice_is_begun_while_it_is_quiet(outside: NoticeWorld) -> None:
    """Pressed or by the month: nobody is told that something went out which did not."""
    practice.set_monthly(ANA, outside.world.time - practice.MONTH, on=True)
    assert practice.circles_due(outside.world.time) == [ANA]
    switches_off(outside)
    assert practice.circles_due(outside.world.time) == []
    assert practice.begin_drill(ANA, SAM, outside.world.time, outside.world.on) is None
    quiet.take_back(ANA, QuietBy.PERSON, outside.world.time)
    assert practice.circles_due(outside.world.time) == [ANA]
    assert practice.begin_drill(ANA, SAM, outside.world.time, outside.world.on) is not None


def test_who_is_quiet_is_not_asked_to_go_on_until_it_is_taken_back(outside: NoticeWorld) -> None:
    ends_soon = outside.world.time.date() + timedelta(days=3)
    Membership.objects.update(agreed_until=ends_soon)
    assert len(renewals.ending_soon(outside.world.time)) == 1
    switches_off(outside)
    assert renewals.ending_soon(outside.world.time) == []
    quiet.take_back(ANA, QuietBy.PERSON, outside.world.time)
    assert len(renewals.ending_soon(outside.world.time)) == 1


def test_what_is_no_habit_still_goes(outside: NoticeWorld) -> None:
    """Somebody worries, somebody joins: people, not a clock."""
    switches_off(outside)
    written(outside, NoticePurpose.CONCERN, ANA, about=SAM)
    outside.send_due()
    assert sent(outside) == 1


def test_a_call_still_reaches_the_circle(outside: NoticeWorld) -> None:
    switches_off(outside)
    alert.call(ANA, Need.TALK, outside.world.time)
    outside.world.send_due()
    assert [message.to for message in outside.world.mail.handed] == [MAILS[SAM]]


def test_what_goes_to_somebody_quiet_about_others_stops_too(outside: NoticeWorld) -> None:
    """Ana is in Noa's circle; it is Ana who wants nothing just now, and Noa's others hear as before."""
    a_member(ANA, of=NOA)
    a_member(BO, of=NOA)
    switches_off(outside)
    written(outside, NoticePurpose.KEEPING, ANA, circle=NOA)
    written(outside, NoticePurpose.KEEPING, BO, circle=NOA)
    outside.pass_time(hours=30)
    assert [message.to for message in outside.world.mail.handed] == [MAILS[BO]]


@pytest.mark.parametrize(("by", "goes"), [(QuietBy.PERSON, 1), (QuietBy.HOST, 0), (QuietBy.COMMAND, 0)])
def test_after_a_death_nothing_goes_out_in_that_name(outside: NoticeWorld, by: QuietBy, goes: int) -> None:
    """A note of Sam's to Ana: his own wish for quiet leaves it, the host's word about him stops it."""
    written(outside, NoticePurpose.FOLLOW_UP, ANA, about=SAM)
    switches_off(outside, by, SAM)
    outside.pass_time(hours=30)
    assert sent(outside) == goes


def test_the_hosts_word_stands_above_the_persons_and_both_are_on_record(outside: NoticeWorld) -> None:
    assert switches_off(outside, QuietBy.TEXT)
    assert not switches_off(outside, QuietBy.PERSON)
    later = outside.world.time + timedelta(minutes=5)
    assert quiet.switch_off(ANA, QuietBy.HOST, later, reason="A word from her family.")
    assert not switches_off(outside, QuietBy.PERSON)

    found = quiet_of(ANA)
    assert found is not None
    assert (found.by, found.since, found.reason) == ("host", later, "A word from her family.")
    assert [each.by for each in record_of(ANA)] == ["host", "text"]
    assert [each.name for each in all_quiet()] == ["Ana"]
    assert "family" not in Quiet.objects.get(ended_at=None).reason_sealed


def test_a_check_in_whose_time_runs_is_nobodys_silence_any_more(outside: NoticeWorld) -> None:
    """Without a reminder nobody can be late: no miss, and no call."""
    each = a_check_in()
    due = CheckIn.objects.get(pk=each.pk).window_due
    assert due is not None
    outside.world.time = due
    checkin.look(each.pk, due)
    switches_off(outside)
    for hours in range(1, 60):
        checkin.look(each.pk, due + timedelta(hours=hours))

    ended = CheckInWindow.objects.values_list("came", "why")
    assert set(ended) == {(Came.EXCUSED, Excuse.QUIET)}
    assert not Alert.objects.exists()


def test_after_it_was_taken_back_a_check_in_is_due_as_before(outside: NoticeWorld) -> None:
    each = a_check_in()
    switches_off(outside)
    quiet.take_back(ANA, QuietBy.PERSON, outside.world.time)
    due = CheckIn.objects.get(pk=each.pk).window_due
    assert due is not None
    checkin.look(each.pk, due)
    checkin.look(each.pk, due + timedelta(minutes=1))
    assert Notice.objects.filter(purpose=NoticePurpose.CHECK_IN).exists()


def test_somebody_without_a_circle_can_be_quiet_and_taking_back_nothing_is_nothing(
    outside: NoticeWorld,
) -> None:
    a_person(NOA)
    assert not quiet.take_back(NOA, QuietBy.PERSON, outside.world.time)
    assert switches_off(outside, QuietBy.TEXT, NOA)
    assert quiet.take_back(NOA, QuietBy.PERSON, outside.world.time)
    assert quiet_of(NOA) is None
