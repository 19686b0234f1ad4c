"""What seldom happens around a check-in, and must go well all the same."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction

from nightlight.engine.checkin import By, Came, Excuse, How, OnMiss
from nightlight.engine.effects import Purpose
from nightlight.engine.needs import Need
from nightlight.engine.retries import Outcome
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert, checkin
from nightlight.store import check_in_words, check_ins, notices_send
from nightlight.store.models import (
    Alert,
    CheckIn,
    CheckInWindow,
    Host,
    Membership,
    Notice,
    Notification,
    NotificationStatus,
    Person,
    Quiet,
)
from nightlight.store.notices import NoticePurpose
from nightlight.store.sealing import seal
from tests.factories import a_check_in, a_ladder, a_member, a_never_contact, a_way
from tests.people import ANA, BO, NOON, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = pytest.mark.both_databases

NINE = datetime.fromisoformat("2026-11-21T21:00:00+00:00")
MISSED_AT = NINE + timedelta(minutes=45)


@pytest.fixture
def evening(world: World) -> World:
    """Ana has mail and a phone; it is noon."""
    a_way(ANA)
    a_way(ANA, "sms")
    return world


def at(world: World, when: datetime) -> None:
    world.pass_time(seconds=(when - world.time).total_seconds())
    world.round()
    NoticeWorld(world).send_due()


def missed(world: World) -> None:
    """Both reminders went out, and nothing came."""
    for minutes in (0, 23, 45):
        at(world, NINE + timedelta(minutes=minutes))


def windows() -> list[tuple[str, str]]:
    return list(CheckInWindow.objects.order_by("on").values_list("came", "why"))


def told(purpose: NoticePurpose) -> dict[str, str]:
    return dict(Notice.objects.filter(purpose=purpose).values_list("person_id", "status"))


def the_host_has_mail() -> None:
    Host.objects.create(pk=1, ways_sealed=seal('[{"channel": "smtp", "to": "desk@example.org"}]'))


# ------------------------------------------------------------------------------------- nobody to call


def test_without_a_ladder_everyone_who_agreed_is_asked(evening: World) -> None:
    a_member(SAM)
    a_member(BO, agreed_on=None)
    a_check_in()
    missed(evening)
    asked = Notification.objects.filter(purpose=Purpose.ASK)
    assert {row.person_id for row in asked} == {SAM}


def test_without_anybody_the_host_hears_of_it_and_she_does(evening: World) -> None:
    the_host_has_mail()
    a_check_in()
    missed(evening)
    assert Alert.objects.get().status == AlertStatus.EXHAUSTED
    purposes = set(Notification.objects.values_list("purpose", flat=True))
    assert purposes == {Purpose.HOST_NEWS, Purpose.CALLER_NEWS}


# ------------------------------------------------------------------------------------- quietly


def test_a_word_that_did_not_go_out_yet_is_called_off_when_she_comes(evening: World) -> None:
    a_member(SAM)
    Membership.objects.update(hours_from=time(8), hours_until=time(20))
    check_in = a_check_in(on_miss=OnMiss.TELL, told=(SAM,))
    missed(evening)
    assert told(NoticePurpose.CHECK_IN_MISSED) == {SAM: NotificationStatus.PLANNED}
    checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    at(evening, NINE + timedelta(hours=12))
    assert told(NoticePurpose.CHECK_IN_MISSED) == {SAM: NotificationStatus.CANCELLED}
    assert told(NoticePurpose.CHECK_IN_CAME) == {}
    assert not CheckInWindow.objects.exclude(told=None).exists()


def test_whoever_must_never_be_contacted_left_or_rests_is_not_told(evening: World) -> None:
    a_member(SAM)
    a_member(BO)
    Membership.objects.filter(person=BO).update(paused_until=NINE + timedelta(days=3))
    a_way(SAM, "sms")
    a_never_contact(NUMBERS[SAM])
    a_check_in(on_miss=OnMiss.TELL, told=(SAM, BO))
    missed(evening)
    assert windows() == [(Came.MISSED, "")]
    assert told(NoticePurpose.CHECK_IN_MISSED) == {}
    assert not CheckInWindow.objects.exclude(told=None).exists()


def test_reminding_only_tells_nobody_else(evening: World) -> None:
    a_ladder((SAM,))
    a_check_in(on_miss=OnMiss.REMIND, told=(SAM,))
    missed(evening)
    assert windows() == [(Came.MISSED, "")]
    assert set(Notice.objects.values_list("person_id", flat=True)) == {ANA}
    assert not Alert.objects.exists()


# ------------------------------------------------------------------------------------- the one switch


def test_one_switch_stops_a_window_whose_time_runs(evening: World) -> None:
    a_ladder((SAM,))
    a_check_in()
    at(evening, NINE)
    Quiet.objects.create(person_id=ANA, since=evening.time, by="person")
    missed(evening)
    assert windows() == [(Came.EXCUSED, Excuse.QUIET)]
    assert not Alert.objects.exists()


# ------------------------------------------------------------------------------------- what breaks


def test_reminders_that_break_keep_the_call_from_nobody(
    evening: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> bool:
        raise ValueError("no word")

    a_ladder((SAM,))
    a_check_in()
    monkeypatch.setattr(check_in_words, "tell_ways", breaks)
    at(evening, NINE + timedelta(hours=3))
    assert Alert.objects.get().state["causes"] == ["check_in"]


def test_one_that_breaks_is_put_off_and_the_others_go_on(
    evening: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, well = a_check_in(), a_check_in()
    remind = check_in_words.remind

    def breaks(schedule: check_ins.Schedule, *rest: object) -> bool:
        if schedule.id == broken.pk:
            raise ValueError("a fault of ours")
        return remind(schedule, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(check_in_words, "remind", breaks)
    at(evening, NINE)
    assert set(Notice.objects.values_list("check_in_id", flat=True)) == {well.pk}
    assert CheckIn.objects.get(pk=broken.pk).looks_at == NINE + checkin.BROKEN_AGAIN_AFTER
    monkeypatch.undo()
    at(evening, NINE + timedelta(minutes=2))
    assert set(Notice.objects.values_list("check_in_id", flat=True)) == {well.pk, broken.pk}


def test_a_reminder_whose_link_cannot_be_read_goes_out_with_a_new_one(evening: World) -> None:
    check_in = a_check_in()
    CheckIn.objects.update(token_sealed="sealed under a key that is lost")
    at(evening, NINE)
    assert told(NoticePurpose.CHECK_IN)[ANA]
    assert check_ins.with_token(check_ins.page_token(CheckIn.objects.get())) == check_in.pk


def test_a_call_that_is_set_aside_is_not_said_to_be_over(
    evening: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_ladder((SAM,))
    check_in = a_check_in()
    missed(evening)
    Alert.objects.update(poisoned_at=evening.time, poison_next_at=evening.time, poison_tries=1)
    Alert.objects.update(state={})
    taken = checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    assert taken is not None
    assert (taken.ended_call, taken.open_call) == (False, Alert.objects.get().pk)


def test_a_call_that_waits_for_the_host_since_a_restore_goes_on_with_a_miss(evening: World) -> None:
    a_ladder((SAM,))
    alert.call(ANA, Need.TALK, NOON)
    Alert.objects.update(waits_for_host=True)
    check_in = a_check_in()
    for minutes in (0, 23, 45):
        checkin.look(check_in.pk, NINE + timedelta(minutes=minutes))
        Notice.objects.update(status=NotificationStatus.ACCEPTED)
    row = Alert.objects.get()
    assert (row.waits_for_host, sorted(row.state["causes"])) == (False, ["caller", "check_in"])


# ------------------------------------------------------------------------------------- coming late


def test_a_lamp_does_not_end_a_call_in_which_she_said_a_word(evening: World) -> None:
    a_ladder((SAM,))
    check_in = a_check_in()
    key = check_ins.new_machine_key(check_in.pk)
    missed(evening)
    alert.still_needed(Alert.objects.get().pk, evening.time)
    taken = checkin.take_from_machine(key, evening.time)
    assert taken is not None
    assert (taken.ended_call, taken.open_call) == (False, Alert.objects.get().pk)


def test_a_lamp_ends_a_call_that_the_miss_alone_is(evening: World) -> None:
    a_ladder((SAM,))
    check_in = a_check_in()
    key = check_ins.new_machine_key(check_in.pk)
    missed(evening)
    taken = checkin.take_from_machine(key, evening.time)
    assert taken is not None
    assert (taken.ended_call, taken.open_call) == (True, "")
    assert checkin.take_from_machine("no-key-of-anybody", evening.time) is None


def test_a_late_check_in_leaves_a_call_of_her_own(evening: World) -> None:
    a_ladder((SAM,))
    check_in = a_check_in()
    alert.call(ANA, Need.TALK, NOON)
    missed(evening)
    taken = checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    assert taken is not None
    assert (taken.ended_call, bool(taken.open_call)) == (False, True)


def test_a_tap_while_no_worker_lives_counts_for_every_evening_that_was_due(evening: World) -> None:
    check_in = a_check_in()
    now = NINE + timedelta(days=2, hours=1)
    taken = checkin.take(check_in.pk, How.OK, By.PAGE, now)
    assert taken is not None
    assert taken.next_due == NINE + timedelta(days=3)
    assert windows() == [(Came.MADE, "")] * 3
    evening.time = now
    evening.round()
    assert not Notice.objects.exists()


def test_a_reminder_in_a_senders_hands_does_not_come_back_after_the_tap(evening: World) -> None:
    check_in = a_check_in()
    evening.pass_time(seconds=(NINE - evening.time).total_seconds())
    hands = NoticeWorld(evening)
    [claimed] = hands.claim()
    checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    notices_send.settle(claimed, Outcome.TEMPORARY, evening.time, providers=1)
    hands.pass_time(minutes=30)
    assert not Notice.objects.filter(status=NotificationStatus.ACCEPTED).exists()


# ------------------------------------------------------------------------------------- clocks and places


def test_a_clock_that_ran_ahead_makes_no_wait_longer_than_agreed(evening: World) -> None:
    a_check_in()
    # Ten days ahead, a window began; then the clock was set right, and no worker saw it happen.
    evening.time = NINE + timedelta(days=10)
    evening.round()
    evening.time = NINE + timedelta(hours=1)
    evening.round()
    row = CheckIn.objects.get()
    assert row.window_deadline is not None
    assert row.window_deadline <= evening.time + row.grace


def moves(zone: str, now: datetime) -> None:
    with transaction.atomic():
        Person.objects.filter(pk=ANA).update(time_zone=zone)
        checkin.moved(ANA, now)


def test_whoever_flies_over_a_date_is_not_asked_for_it(evening: World) -> None:
    moves("Pacific/Honolulu", evening.time)
    a_check_in()
    # Eight in the evening of the 21st there is seven in the evening of the 22nd in Auckland.
    evening.time = datetime.fromisoformat("2026-11-22T06:00:00+00:00")
    moves("Pacific/Auckland", evening.time)
    assert windows() == [(Came.EXCUSED, Excuse.CHANGED)]
    row = CheckIn.objects.get()
    assert row.window_on == date(2026, 11, 22)
    assert row.window_due == datetime.fromisoformat("2026-11-22T08:00:00+00:00")


def test_whoever_lives_a_date_twice_is_asked_for_it_once(evening: World) -> None:
    moves("Pacific/Auckland", evening.time)
    check_in = a_check_in()
    evening.time = datetime.fromisoformat("2026-11-22T08:10:00+00:00")
    evening.round()
    checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    moves("Pacific/Honolulu", evening.time)
    assert [row.on for row in CheckInWindow.objects.all()] == [date(2026, 11, 22)]
    assert CheckIn.objects.get().window_on == date(2026, 11, 23)


def test_a_window_whose_time_runs_runs_on_where_it_began(evening: World) -> None:
    a_check_in()
    at(evening, NINE + timedelta(minutes=5))
    moves("Asia/Tokyo", evening.time)
    assert CheckIn.objects.get().window_deadline == MISSED_AT


# ------------------------------------------------------------------------------------- what is kept


def test_what_is_over_is_erased_piece_by_piece(evening: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_check_in()
    at(evening, NINE + timedelta(days=3))
    over = CheckInWindow.objects.count()
    assert over == 3
    later = evening.time + check_ins.WINDOWS_KEPT + timedelta(minutes=1)
    monkeypatch.setattr(check_ins, "ERASED_AT_ONCE_MAX", 2)
    assert check_ins.erase_old_windows(evening.time) == 0
    assert check_ins.old_windows(later)
    assert [check_ins.erase_old_windows(later) for _ in range(3)] == [2, 1, 0]
