"""Texts from a person's own number: a sign of life, a word that calls, a switch; and what each leaves alone."""

from datetime import datetime, timedelta

import pytest

from nightlight.engine.checkin import Came, How, OnMiss
from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.intake import alert as calls
from nightlight.intake import checkin
from nightlight.intake.reply import take_text
from nightlight.store.inbound import TEXTS_BACK_MAX
from nightlight.store.models import (
    Afterwards,
    Alert,
    CheckIn,
    CheckInWindow,
    Circle,
    ContactMethod,
    FollowUp,
    KeptReply,
    Notice,
)
from nightlight.store.own_texts import keep_call_word
from nightlight.store.quiet import quiet_of
from nightlight.store.sealing import unseal
from tests.factories import a_check_in, a_ladder, a_person, a_way
from tests.people import ANA, BO, NOA, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WORD = "blue lantern"


@pytest.fixture
def ana(world: World) -> World:
    """Ana has a phone, a circle, and a word that calls."""
    a_ladder((SAM,), (BO,))
    a_way(ANA, "sms")
    keep_call_word(ANA, WORD)
    return world


def sends(world: World, text: str, number: str = NUMBERS[ANA]) -> str:
    return take_text("sms", number, text, world.time)


def back(person: str = ANA) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("created_at").values_list("purpose", flat=True))


def awaited(world: World, on_miss: OnMiss = OnMiss.CALL) -> CheckIn:
    """A check-in of Ana's whose time runs now."""
    each = a_check_in(on_miss=on_miss)
    due = CheckIn.objects.get(pk=each.pk).window_due
    assert due is not None
    world.time = due + timedelta(minutes=1)
    checkin.look(each.pk, world.time)
    Notice.objects.all().delete()
    return each


def missed(world: World) -> datetime:
    """The same, and it did not come."""
    each = awaited(world)
    for _ in range(12):
        world.time += timedelta(minutes=30)
        checkin.look(each.pk, world.time)
    Notice.objects.all().delete()
    return world.time


# ----------------------------------------------------------------------------------- check-ins


@pytest.mark.parametrize(("text", "how"), [("ok", How.OK), ("Not ok", How.NOT_OK), ("no", How.NOT_OK)])
def test_one_text_checks_in_and_nothing_follows_that_was_not_chosen(ana: World, text: str, how: How) -> None:
    each = awaited(ana)

    assert sends(ana, text) == ("checked_in" if how is How.OK else "not_ok")
    window = CheckInWindow.objects.get(check_in=each)
    assert (window.came, window.how, window.by) == (Came.MADE, how, "text")
    assert back() == ["heard"]
    assert not Alert.objects.exists()
    outside = NoticeWorld(ana)
    outside.send_due()
    assert "/c/" in ana.text.handed[-1].text


def test_ok_when_nothing_is_awaited_checks_nothing_in(ana: World) -> None:
    a_check_in()

    assert sends(ana, "ok") == "not_understood"
    assert not CheckInWindow.objects.filter(came=Came.MADE).exists()


def test_ok_from_a_number_that_is_not_proven_or_not_hers_checks_nothing_in(ana: World) -> None:
    awaited(ana)
    ContactMethod.objects.filter(person=ANA).update(proven_at=None)

    assert sends(ana, "ok") == "nothing_open"
    assert sends(ana, "ok", NUMBERS[NOA]) == "unknown_number"
    assert not CheckInWindow.objects.filter(came=Came.MADE).exists()


def test_a_late_ok_ends_the_call_that_the_miss_alone_began(ana: World) -> None:
    missed(ana)
    assert Alert.objects.get().status == "triggered"

    assert sends(ana, "ok") == "checked_in"
    assert Alert.objects.get().status == "resolved"


def test_a_late_not_ok_ends_nothing(ana: World) -> None:
    missed(ana)

    assert sends(ana, "not ok") == "not_ok"
    assert Alert.objects.get().status == "triggered"


def test_at_a_number_that_two_share_each_gets_the_link_of_their_own(ana: World) -> None:
    awaited(ana)
    a_person(NOA)
    a_way(NOA, "sms", NUMBERS[ANA])
    a_check_in(NOA)

    assert sends(ana, "ok") == "whose_check_in"
    assert not CheckInWindow.objects.filter(came=Came.MADE).exists()
    assert back(ANA) == back(NOA) == ["check_in"]


def test_an_ok_to_an_ask_is_a_sign_of_life_and_still_has_to_say_which(ana: World) -> None:
    """Ana is asked for Noa while her own check-in is due."""
    a_ladder((ANA,), of=NOA)
    awaited(ana)
    calls.call(NOA, Need.TALK, ana.time)
    ana.send_due()

    assert sends(ana, "ok") == "asked_for_code"
    assert CheckInWindow.objects.filter(came=Came.MADE, how=How.OK).exists()


def test_a_no_to_an_ask_is_no_word_about_oneself(ana: World) -> None:
    a_ladder((ANA,), of=NOA)
    awaited(ana)
    calls.call(NOA, Need.TALK, ana.time)
    ana.send_due()

    assert sends(ana, "no") == "no"
    assert not CheckInWindow.objects.filter(came=Came.MADE).exists()


# --------------------------------------------------------------------------- the word that calls


@pytest.mark.parametrize("text", [WORD, "BLUE LANTERN!", " Blue  lantern. "])
def test_the_agreed_word_calls(ana: World, text: str) -> None:
    assert sends(ana, text) == "called"
    call = Alert.objects.get()
    assert (call.person_id, call.status, call.need) == (ANA, "triggered", "talk")
    assert back() == ["calling"]


def test_the_word_is_kept_sealed(ana: World) -> None:
    sealed = Circle.objects.get(pk=ANA).call_word_sealed
    assert "lantern" not in sealed
    assert unseal(sealed) == WORD


@pytest.mark.parametrize("text", ["lantern", "blue lantern at the shop", "yes", "help", "👍"])
def test_anything_else_calls_nobody_and_says_so(ana: World, text: str) -> None:
    assert sends(ana, text) == "not_understood"
    assert not Alert.objects.exists()
    assert back() == ["not_calling"]


def test_from_another_number_the_word_calls_nobody(ana: World) -> None:
    a_person(NOA)
    a_way(NOA, "sms")
    assert sends(ana, WORD, NUMBERS[NOA]) == "nothing_open"
    assert sends(ana, WORD, "+447700900099") == "unknown_number"
    assert not Alert.objects.exists()


def test_without_a_word_no_text_calls(ana: World) -> None:
    keep_call_word(ANA, "")
    assert sends(ana, WORD) == "nothing_open"
    assert back() == []
    assert not Alert.objects.exists()


def test_it_calls_also_after_she_stopped_texts_to_herself(ana: World) -> None:
    """What stops is what goes to her; the call never does (rule 14)."""
    assert sends(ana, "STOP") == "stopped"
    assert sends(ana, WORD) == "called"
    assert Alert.objects.get().status == "triggered"
    assert back() == []


def test_a_way_that_she_took_away_calls_nobody(ana: World) -> None:
    ContactMethod.objects.filter(person=ANA).update(ended_at=ana.time, ended_why="taken_away")
    assert sends(ana, WORD) == "nothing_open"
    assert not Alert.objects.exists()


def test_where_nobody_can_be_asked_she_hears_that(ana: World) -> None:
    Circle.objects.get(pk=ANA).ladder.all().delete()
    assert sends(ana, WORD) == "not_called"
    assert not Alert.objects.exists()
    assert back() == ["not_calling"]


def test_said_again_it_is_the_same_call(ana: World) -> None:
    sends(ana, WORD)
    sends(ana, WORD)
    assert Alert.objects.count() == 1


# ------------------------------------------------------------------------- while her call is open


def test_words_while_her_call_is_open_are_kept_for_whoever_has_it_and_end_nothing(ana: World) -> None:
    call = calls.call(ANA, Need.TALK, ana.time).alert_id

    for text in ("I am at the library", "ok", "it's over", "cancel that", "no"):
        assert sends(ana, text) == "kept_own"
    assert Alert.objects.get().status == "triggered"
    kept = [unseal(row.text_sealed) for row in KeptReply.objects.filter(alert=call, person=ANA)]
    assert kept[0] == "I am at the library"
    assert back() == ["kept_words"] * 5


def test_her_words_are_kept_up_to_a_limit_and_she_is_not_texted_for_ever(ana: World) -> None:
    calls.call(ANA, Need.TALK, ana.time)
    for number in range(40):
        assert sends(ana, f"word {number} of mine") == "kept_own"
    assert KeptReply.objects.count() == 30
    assert len(back()) == TEXTS_BACK_MAX


def test_when_it_is_over_words_are_for_nobodys_call(ana: World) -> None:
    call = calls.call(ANA, Need.TALK, ana.time).alert_id
    calls.resolve(call, EndedBy.CALLER, ana.time)
    assert sends(ana, "thank you all") == "not_understood"
    assert not KeptReply.objects.exists()


# ------------------------------------------------------------------------------- two switches


@pytest.mark.parametrize("text", ["QUIET", "quiet please", "Silêncio"])
def test_one_text_switches_everything_off_and_says_how_to_take_it_back(ana: World, text: str) -> None:
    awaited(ana)

    assert sends(ana, text) == "quiet"
    found = quiet_of(ANA)
    assert found is not None
    assert found.by == "text"
    assert back() == ["quiet"]
    NoticeWorld(ana).send_due()
    assert "/s/" in ana.text.handed[-1].text


def test_the_switch_works_also_while_she_is_asked_and_while_her_call_is_open(ana: World) -> None:
    a_ladder((ANA,), of=NOA)
    calls.call(NOA, Need.TALK, ana.time)
    calls.call(ANA, Need.TALK, ana.time)
    ana.send_due()

    assert sends(ana, "quiet") == "quiet"
    assert Alert.objects.exclude(status="resolved").count() == 2


def test_at_a_shared_number_nobody_switches_off_for_the_other(ana: World) -> None:
    a_person(NOA)
    a_way(NOA, "sms", NUMBERS[ANA])

    assert sends(ana, "quiet") == "whose_quiet"
    assert quiet_of(ANA) is None
    assert quiet_of(NOA) is None
    assert back(ANA) == back(NOA) == ["link"]


def test_a_stranger_switches_nothing_off(ana: World) -> None:
    assert sends(ana, "quiet", "+447700900099") == "unknown_number"
    assert quiet_of(ANA) is None


@pytest.mark.parametrize("text", ["ENOUGH", "basta"])
def test_one_text_ends_the_notes_after_a_call(ana: World, text: str) -> None:
    FollowUp.objects.create(
        id="note", circle_id=ANA, moment="day3", due=ana.time + timedelta(days=3), planned_at=ana.time
    )

    assert sends(ana, text) == "enough"
    assert FollowUp.objects.get().ended_at == ana.time
    assert not Afterwards.objects.get(circle=ANA).notes_on
    assert back() == ["notes_off"]
    assert quiet_of(ANA) is None


def test_enough_from_somebody_without_notes_is_no_switch(ana: World) -> None:
    assert sends(ana, "enough") == "not_understood"
    assert not Afterwards.objects.exists()
