"""Texts that come back: whose they are, which call they answer, and what is said in return."""

from datetime import timedelta

import pytest

from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus, Answer
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.intake.reply import take_text
from nightlight.store.models import (
    ContactMethod,
    EventRow,
    KeptReply,
    Membership,
    Notification,
    ReplyTry,
)
from nightlight.store.sealing import unseal
from tests.factories import a_ladder, a_member, a_step, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NUMBERS, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def texted(world: World, *steps: tuple[str, ...]) -> None:
    """Ana's circle has texts only; she calls, and the first step was texted."""
    a_ladder(*(steps or ((SAM,), (BO,))))  # type: ignore[arg-type]
    for way in ContactMethod.objects.all():
        ContactMethod.objects.filter(pk=way.pk).delete()
        a_way(way.person_id, "sms")  # type: ignore[arg-type]
    world.ana_calls()
    world.send_due()


def code(world: World, person: str = SAM) -> str:
    row = next(row for row in reversed(world.rows(person, Purpose.ASK)) if row.channel == "sms")  # type: ignore[arg-type]
    return unseal(row.code_sealed)


def wrong(world: World, person: str = SAM) -> str:
    return f"{(int(code(world, person)) + 1) % 1_000_000:06}"


def sends(world: World, text: str, person: str = SAM) -> str:
    return take_text("sms", NUMBERS[person], text, world.time)  # type: ignore[index]


def words_back(world: World, person: str = SAM) -> list[str]:
    """In the order they were said: their numbers count down."""
    return [row.news for row in reversed(world.rows(person, Purpose.TEXT_BACK))]  # type: ignore[arg-type]


# ------------------------------------------------------------------ digits


def test_the_digits_are_a_yes(world: World) -> None:
    texted(world)

    assert sends(world, code(world)) == "yes"
    assert world.alert().taker == SAM
    assert words_back(world) == ["thanks"]
    world.send_due()
    assert "/a/" in world.text.handed[-1].text


def test_the_digits_with_a_no_are_a_no(world: World) -> None:
    texted(world)

    assert sends(world, f"no {code(world)}") == "no"
    assert words_back(world) == ["declined"]
    world.send_due()
    assert len(world.handed(BO)) == 1


def test_a_second_yes_hears_that_someone_has_it(world: World) -> None:
    texted(world, (SAM, BO))
    sends(world, code(world, SAM), SAM)

    assert sends(world, code(world, BO), BO) == "yes"
    assert words_back(world, BO) == ["someone_has_it"]


def test_the_digits_of_an_older_round_still_answer(world: World) -> None:
    texted(world, (SAM,))
    old = code(world)
    world.pass_time(minutes=16)
    assert code(world) != old

    assert sends(world, old) == "yes"
    assert world.alert().taker == SAM


def test_wrong_digits_answer_nothing_and_are_said_to_be_wrong(world: World) -> None:
    texted(world)

    assert sends(world, wrong(world)) == "wrong_code"
    assert words_back(world) == ["wrong_code"]
    assert world.row().status == AlertStatus.TRIGGERED


def test_after_five_wrong_tries_not_even_the_right_digits_from_that_number_answer(world: World) -> None:
    texted(world)
    for _ in range(4):
        sends(world, wrong(world))
    assert not inbound_is_out(world)
    sends(world, wrong(world))

    assert sends(world, code(world)) == "too_many_tries"
    assert world.row().status == AlertStatus.TRIGGERED
    assert words_back(world) == ["wrong_code"] * 4 + ["too_many_tries"]


def inbound_is_out(world: World) -> bool:
    return ReplyTry.objects.filter(alert_id=world.call_id, count__gte=5).exists()


def test_the_digits_of_one_person_answer_for_nobody_else(world: World) -> None:
    texted(world, (SAM, BO))

    assert sends(world, code(world, SAM), BO) == "wrong_code"
    assert world.row().status == AlertStatus.TRIGGERED


def test_digits_that_never_went_out_answer_nothing(world: World) -> None:
    texted(world, (SAM,), (BO,))
    a_way(SAM, "smtp")
    world.pass_time(minutes=1)
    row = world.rows(SAM, Purpose.ASK)[0]
    Notification.objects.filter(pk=row.pk).update(status="planned", evidence="")
    row.attempts.all().delete()

    assert sends(world, code(world)) == "wrong_code"


# ------------------------------------------------------------------ plain words


def test_a_plain_yes_is_asked_for_the_digits_once(world: World) -> None:
    texted(world)

    assert sends(world, "Yes!") == "asked_for_code"
    assert sends(world, "yes I am coming") == "asked_for_code"
    assert words_back(world) == ["ask_for_code"]
    assert world.row().status == AlertStatus.TRIGGERED


def test_a_plain_no_moves_on_at_once(world: World) -> None:
    texted(world)

    assert sends(world, "sorry, I can't") == "no"
    world.send_due()
    assert len(world.handed(BO)) == 1


def test_a_plain_no_by_one_of_two_at_a_number_asks_for_the_digits(world: World) -> None:
    a_ladder((SAM, BO))
    ContactMethod.objects.all().delete()
    for person in (SAM, BO):
        a_way(person, "sms", NUMBERS[SAM])
    world.ana_calls()
    world.send_due()

    assert sends(world, "no") == "asked_for_code"
    assert {ask.answer for ask in world.alert().asks} == {None}
    assert sends(world, f"no {code(world, BO)}") == "no"
    answers = {ask.person: ask.answer for ask in world.alert().asks}
    assert answers == {SAM: None, BO: Answer.NO}


def test_one_wrong_text_from_a_number_two_people_share_counts_once(world: World) -> None:
    a_ladder((SAM, BO))
    ContactMethod.objects.all().delete()
    for person in (SAM, BO):
        a_way(person, "sms", NUMBERS[SAM])
    world.ana_calls()
    world.send_due()
    known = {code(world, SAM), code(world, BO)}
    sends(world, next(f"{n:06}" for n in range(3) if f"{n:06}" not in known))

    assert ReplyTry.objects.get().count == 1
    assert Notification.objects.filter(purpose=Purpose.TEXT_BACK).count() == 1


def test_words_that_are_no_answer_are_kept_for_whoever_has_the_call(world: World) -> None:
    texted(world)

    assert sends(world, "tell her I think of her") == "kept"
    kept = KeptReply.objects.get()
    assert (kept.person_id, unseal(kept.text_sealed)) == (SAM, "tell her I think of her")
    assert "think" not in kept.text_sealed
    assert words_back(world) == ["passed_on"]
    assert world.row().status == AlertStatus.TRIGGERED


def test_a_plain_word_answers_the_latest_call_that_was_texted(world: World) -> None:
    texted(world, (SAM,), (BO,))
    a_member(SAM, of=NOA)
    a_step(SAM, of=NOA)
    world.time += timedelta(seconds=30)
    other = intake.call(NOA, Need.TALK, world.time).alert_id
    world.send_due()
    sends(world, "no")

    assert EventRow.objects.filter(alert_id=other, kind="Declined").exists()
    assert not EventRow.objects.filter(alert_id=world.call_id, kind="Declined").exists()


def test_two_machines_that_answer_one_another_come_to_an_end(world: World) -> None:
    texted(world)
    for number in range(30):
        sends(world, f"Thank you for your message number {number}, we will be in touch soon about it all")

    assert len(words_back(world)) == 12


# ------------------------------------------------------------------ nobody, nothing, over


@pytest.mark.parametrize("sender", ["+447700900999", "Parcels", "", "12345"])
def test_a_number_nobody_knows_changes_nothing_and_gets_no_answer(world: World, sender: str) -> None:
    texted(world)
    events = EventRow.objects.count()

    assert take_text("sms", sender, code(world), world.time) == "unknown_number"
    assert EventRow.objects.count() == events
    assert not Notification.objects.filter(purpose=Purpose.TEXT_BACK).exists()


def test_somebody_who_was_asked_nothing_is_answered_nothing(world: World) -> None:
    texted(world)
    for text in ("yes", "no", "hello", "123456"):
        assert sends(world, text, BO) in ("nothing_open", "wrong_code")

    assert words_back(world, BO) == []


def test_a_text_for_a_call_that_is_over_hears_that_it_is(world: World) -> None:
    texted(world)
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    before = world.alert()

    assert sends(world, code(world)) == "over"
    assert sends(world, "no") == "nothing_open"
    assert words_back(world) == ["its_over"]
    assert world.alert() == before
    world.send_due()
    assert world.statuses(SAM, Purpose.TEXT_BACK) == ["accepted"]


def test_digits_of_a_call_long_over_are_digits_of_nothing(world: World) -> None:
    texted(world)
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    world.time += timedelta(days=8)

    assert sends(world, code(world)) == "wrong_code"
    assert words_back(world) == []


def test_whoever_was_removed_answers_nothing(world: World) -> None:
    texted(world)
    Membership.objects.filter(person_id=SAM).update(ended_at=world.time)
    sends(world, code(world))

    assert world.row().status == AlertStatus.TRIGGERED
    world.send_due()
    assert world.statuses(SAM, Purpose.TEXT_BACK) == ["skipped"]


# ------------------------------------------------------------------ STOP and START


def test_stop_takes_this_way_out_moves_on_and_is_told_by_another_way(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()
    assert sends(world, "STOP") == "stopped"
    world.send_due()

    assert ContactMethod.objects.get(person_id=SAM, channel="sms").ended_why == "stop"
    assert [row.channel for row in world.rows(SAM, Purpose.TEXT_BACK)] == ["smtp"]
    assert world.handed(SAM)[-1].to in (MAILS[SAM], NUMBERS[SAM])
    assert len(world.mail.handed) == 2


def test_stop_by_somebody_with_no_other_way_asks_the_next_person_at_once(world: World) -> None:
    texted(world)
    sends(world, "stop")
    world.send_due()

    assert len(world.handed(BO)) == 1


def test_stop_said_twice_is_told_once(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()
    sends(world, "STOP")
    sends(world, "STOP")

    assert words_back(world) == ["stopped"]


def test_stop_start_and_stop_again_are_each_taken(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()

    assert [sends(world, word) for word in ("STOP", "START", "START", "STOP")] == [
        "stopped",
        "started",
        "nothing",
        "stopped",
    ]
    assert words_back(world) == ["stopped", "stopped"]


def test_start_brings_back_only_what_stop_ended(world: World) -> None:
    texted(world)
    ContactMethod.objects.filter(person_id=SAM).update(ended_at=world.time, ended_why="import")

    assert sends(world, "START") == "nothing"
    assert ContactMethod.objects.get(person_id=SAM).ended_at is not None


def test_stop_by_the_caller_stops_their_messages_and_never_the_call(world: World) -> None:
    texted(world)
    a_way(ANA, "sms")
    sends(world, "STOP", ANA)
    sends(world, code(world))
    world.send_due()

    assert world.alert().taker == SAM
    assert world.handed(ANA) == []


def test_stop_from_a_number_that_no_call_ever_asked_is_taken_quietly(world: World) -> None:
    a_ladder((SAM,))
    a_way(KIT, "sms")
    a_way(KIT)

    assert sends(world, "STOP", KIT) == "stopped"
    assert not Notification.objects.exists()


# ------------------------------------------------------------------ together with links


def test_a_yes_by_link_and_a_no_by_text_the_last_counts(world: World) -> None:
    texted(world)
    world.says(SAM, Saying.YES)
    sends(world, f"no {code(world)}")

    ask = world.alert().ask_of(SAM)
    assert ask is not None
    assert (ask.answer, world.alert().taker) == (Answer.NO, None)


# ------------------------------------------------------------------ machines


@pytest.mark.parametrize(
    "quote",
    [
        "👍 to “Ana asks if you can talk. Reply {code}…”",
        "Gostou de “A Ana pergunta se podes falar.\nResponde {code}…",
        "Cat? Tonight. Reply {code}",
        "Ana asks you both. Sam: reply {code}",
    ],
)
def test_our_own_words_sent_back_are_no_yes_however_few_there_was_room_for(world: World, quote: str) -> None:
    texted(world)

    assert sends(world, quote.format(code=code(world))) == "kept"
    assert world.alert().status is AlertStatus.TRIGGERED


@pytest.mark.parametrize(
    "text", ["Reply {code}", "reply: {code}", "Responde {code}", "ok reply {code}", "{code} reply"]
)
def test_who_types_what_they_were_asked_to_type_says_yes(world: World, text: str) -> None:
    texted(world)

    assert sends(world, text.format(code=code(world))) == "yes"
