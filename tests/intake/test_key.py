"""Keys pressed on a phone: only what was announced in that very ring answers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nightlight import config
from nightlight.channels.base import Heard, Message, Reply, Spoken
from nightlight.channels.phone_keys import KEYS
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.ids import PersonId
from nightlight.engine.state import Answer
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.intake.channels import switched_on
from nightlight.intake.hearing import take_heard
from nightlight.intake.key import UNKNOWN, WRONG, take_key
from nightlight.store import notices_send
from nightlight.store.models import Circle, ContactMethod, Drill, Notice, Notification
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.sealing import seal
from nightlight.worker.noticing import message_of
from tests.factories import a_circle, a_ladder, a_way
from tests.people import ANA, BO, NOON, NUMBERS, SAM
from tests.worker.ringing import RingingWorld, a_ringing_world, keys_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ringing(db: Any, with_settings: Callable[..., config.Settings]) -> Iterator[RingingWorld]:
    yield a_ringing_world(with_settings)
    switched_on.cache_clear()


def rung(ringing: RingingWorld, *steps: tuple[PersonId, ...]) -> Message:
    """Everybody has a phone only; Ana calls, and the first step is rung. The ring at Sam's."""
    a_ladder(*(steps or ((SAM,), (BO,))))
    ContactMethod.objects.exclude(person=ANA).delete()
    for person in {person for step in steps or ((SAM,), (BO,)) for person in step}:
        a_way(person, "voice")
    ringing.ana_calls()
    ringing.send_due()
    return ringing.rung()[-1]


def answers(ringing: RingingWorld) -> dict[str, Answer | None]:
    return {ask.person: ask.answer for ask in ringing.alert().asks}


def said(spoken: Spoken | None) -> str:
    assert spoken is not None
    return " ".join(spoken.said)


def test_it_says_who_is_asked_by_whom_and_which_keys_answer(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    yes, no = keys_in(ring)

    assert said(ring.spoken) == (
        f"This is Circle, for Sam. Ana asks if you can talk. If you can, press {yes}. If you can't, press {no}."
    )
    assert ring.spoken is not None
    assert ring.spoken.waits_for_key
    assert len({yes, no}) == 2


def test_the_yes_key_answers_and_says_how_ana_is_reached(ringing: RingingWorld) -> None:
    circle = a_circle()
    reach = '{"call": "+447700900456", "note": "third floor, ring twice"}'
    Circle.objects.filter(pk=circle.pk).update(reach_sealed=seal(reach))
    ring = rung(ringing)
    taken = ringing.presses(ring, keys_in(ring)[0])

    assert (taken.taken_for, answers(ringing)[SAM], ringing.row().status) == (
        "thanks",
        Answer.YES,
        "acknowledged",
    )
    assert "Thank you, you have it now." in said(taken.said)
    assert "You reach Ana at: 4 4 7, 7 0 0, 9 0 0, 4 5 6." in said(taken.said)
    assert "third floor, ring twice." in said(taken.said)
    assert f"by mistake, press {keys_in(ring)[1]}." in said(taken.said)


def test_the_no_key_moves_on_and_tells_nothing_of_ana(ringing: RingingWorld) -> None:
    circle = a_circle()
    Circle.objects.filter(pk=circle.pk).update(reach_sealed=seal('{"call": "+447700900456", "note": ""}'))
    ring = rung(ringing)
    taken = ringing.presses(ring, keys_in(ring)[1])
    ringing.send_due()

    assert (taken.taken_for, answers(ringing)[SAM]) == ("declined", Answer.NO)
    assert "4 5 6" not in said(taken.said)
    assert len(ringing.rung(BO)) == 1


@pytest.mark.parametrize("key", ["1", "0", "*", "#", "", "44", "x", "ü", "\x00", "4" * 500])
def test_what_machines_press_and_what_is_no_key_means_nothing(ringing: RingingWorld, key: str) -> None:
    ring = rung(ringing)
    taken = ringing.presses(ring, key)

    assert (taken.taken_for, answers(ringing)) == (WRONG, {SAM: None})
    assert keys_in(taken.said) == keys_in(ring)
    assert ringing.rows(SAM, Purpose.ASK)[0].evidence == "accepted"


def test_of_all_keys_only_the_two_that_were_announced_mean_something(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    others = [key for key in "0123456789*#" if key not in keys_in(ring)]

    assert {ringing.presses(ring, key).taken_for for key in others} == {WRONG}
    assert answers(ringing) == {SAM: None}


def test_the_same_key_twice_says_the_same(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    yes = keys_in(ring)[0]
    first = ringing.presses(ring, yes)
    events = ringing.lines()

    assert ringing.presses(ring, yes) == first
    assert ringing.lines() == events


def test_of_two_different_keys_the_last_counts(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    yes, no = keys_in(ring)
    ringing.presses(ring, yes)
    assert ringing.presses(ring, no).taken_for == "declined"
    ringing.send_due()
    assert ringing.row().status == "triggered"
    assert len(ringing.rung(BO)) == 1

    assert ringing.presses(ring, yes).taken_for == "thanks"
    assert ringing.row().status == "acknowledged"


def test_a_key_that_comes_after_the_end_hears_that_it_is_over(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    intake.resolve(ringing.call_id, EndedBy.CALLER, ringing.time)
    before = ringing.alert()

    for key in (keys_in(ring)[0], "1"):
        assert "It's over now." in said(ringing.presses(ring, key).said)
    assert ringing.alert().asks == before.asks
    ringing.time += notices_send.LATER * 6 * 24 * 8
    assert ringing.presses(ring, keys_in(ring)[0]).taken_for == UNKNOWN


def test_a_yes_after_somebody_elses_hears_so_and_nothing_of_how_to_reach_ana(ringing: RingingWorld) -> None:
    Circle.objects.filter(pk=a_circle().pk).update(reach_sealed=seal('{"call": "+447700900456", "note": ""}'))
    ring = rung(ringing, (SAM, BO))
    ringing.says(BO, Saying.YES)
    taken = ringing.presses(ring, keys_in(ring)[0])

    assert taken.taken_for == "someone_has_it"
    assert "Someone has it already" in said(taken.said)
    assert "4 5 6" not in said(taken.said)
    assert "Bo" not in said(taken.said)


def test_the_keys_of_one_ring_are_worth_nothing_in_another(ringing: RingingWorld) -> None:
    """Each ring is drawn for itself: what was pressed in one is looked up in that one alone."""
    sams = rung(ringing, (SAM, BO))
    [bos] = ringing.rung(BO)
    ringing.presses(bos, keys_in(bos)[0])

    assert answers(ringing) == {SAM: None, BO: Answer.YES}
    for key in KEYS:
        if key not in keys_in(sams):
            assert ringing.presses(sams, key).taken_for == WRONG
    assert answers(ringing)[SAM] is None


def test_two_people_at_one_phone_each_have_their_own_keys(ringing: RingingWorld) -> None:
    a_ladder((SAM, BO))
    ContactMethod.objects.exclude(person=ANA).delete()
    for person in (SAM, BO):
        a_way(person, "voice", NUMBERS[SAM])
    ringing.ana_calls()
    ringing.send_due()
    [ring] = ringing.rung()
    told = dict(re.findall(r"(Sam|Bo): if you can, press (\d)", said(ring.spoken)))

    assert "for Sam, Bo." in said(ring.spoken) or "for Bo, Sam." in said(ring.spoken)
    assert len(set(keys_in(ring))) == 4
    assert ringing.presses(ring, told["Bo"]).taken_for == "thanks"
    assert answers(ringing) == {SAM: None, BO: Answer.YES}


def test_a_ring_that_says_it_is_open_again_can_be_answered_too(ringing: RingingWorld) -> None:
    ring = rung(ringing, (SAM, BO))
    [bos] = ringing.rung(BO)
    ringing.presses(bos, keys_in(bos)[0])
    ringing.send_due()
    ringing.says(BO, Saying.HAND_ON)
    ringing.send_due()
    again = ringing.rung()[-1]

    assert again.attempt != ring.attempt
    assert "It is open again." in said(again.spoken)
    assert ringing.presses(again, keys_in(again)[0]).taken_for == "thanks"


def test_news_has_no_key_and_a_key_pressed_there_means_nothing(ringing: RingingWorld) -> None:
    rung(ringing, (SAM, BO))
    ringing.says(BO, Saying.YES)
    ringing.send_due()
    told = ringing.rung()[-1]

    assert "has it now" in said(told.spoken)
    assert told.spoken is not None
    assert (told.spoken.waits_for_key, keys_in(told)) == (False, [])
    assert ringing.presses(told, "4").taken_for == UNKNOWN


@pytest.mark.parametrize("attempt", ["", "nobody", "x" * 500, "../a", "\x00"])
def test_a_key_for_a_ring_that_never_was_is_nothing(ringing: RingingWorld, attempt: str) -> None:
    rung(ringing)
    taken = take_key(attempt.replace("\x00", "0"), "4", ringing.time)

    assert (taken.taken_for, taken.said) == (UNKNOWN, None)


def test_no_word_back_rings_a_phone(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    ringing.presses(ring, keys_in(ring)[0])
    ringing.send_due()

    assert not Notification.objects.filter(purpose=Purpose.TEXT_BACK).exists()


def test_a_key_heard_on_our_own_line_is_answered_on_it(ringing: RingingWorld) -> None:
    ring = rung(ringing)
    back: list[Spoken] = []
    reply = Reply(sender=NUMBERS[SAM], text=keys_in(ring)[0], attempt=ring.attempt, back=back.append)
    take_heard("voice", Heard(replies=(reply,)), ringing.time)

    assert "you have it now" in said(back[0])
    assert ringing.row().status == "acknowledged"


# ---------------------------------------------------------------------------------------- practice and proof


def notice(ringing: RingingWorld, purpose: NoticePurpose) -> Message:
    """Sam's phone is rung outside any call."""
    way = a_way(SAM, "voice")
    if purpose is NoticePurpose.PRACTICE:
        a_ladder((SAM,))
        drill = Drill.objects.create(id="drill1", circle=a_circle(), person=way.person, began_at=NOON)
        ringing.time += notices_send.LATER
        tell_way(purpose, way, ringing.time, circle=ANA, drill=drill.pk)
    else:
        ContactMethod.objects.filter(pk=way.pk).update(proven_at=None)
        tell_way(purpose, way, ringing.time)
    [claimed] = notices_send.claim(ringing.time, {"voice": 2}, {"voice": 1})
    letter = notices_send.letter_of(claimed)
    return message_of(claimed, letter, "https://circle.example.org", "Harbour House")


def test_practice_is_shown_by_one_key(ringing: RingingWorld) -> None:
    ring = notice(ringing, NoticePurpose.PRACTICE)
    [yes] = keys_in(ring)
    wrong = next(key for key in KEYS if key != yes)
    assert "only practice" in said(ring.spoken)

    for key in ("1", wrong):
        assert ringing.presses(ring, key).taken_for == WRONG
    assert ContactMethod.objects.get(person=SAM, channel="voice").proven_at == NOON
    for _ in range(2):
        assert said(ringing.presses(ring, yes).said) == "Thank you. This reaches you."
    assert ContactMethod.objects.get(person=SAM, channel="voice").proven_at == ringing.time
    assert Drill.objects.get().answered_at == ringing.time


def test_practice_that_is_long_over_proves_nothing(ringing: RingingWorld) -> None:
    ring = notice(ringing, NoticePurpose.PRACTICE)
    ringing.time += notices_send.LATER * 6 * 24 * 4

    assert ringing.presses(ring, keys_in(ring)[0]).taken_for == "over"
    assert Notice.objects.get().used_at is None


def test_a_code_is_said_twice_in_single_digits_and_asks_for_no_key(ringing: RingingWorld) -> None:
    ring = notice(ringing, NoticePurpose.PROOF)
    assert ring.spoken is not None
    codes = re.findall(r"\d \d \d, \d \d \d", said(ring.spoken))

    assert len(codes) == 2
    assert codes[0] == codes[1]
    assert (ring.spoken.waits_for_key, keys_in(ring)) == (False, [])
    assert ringing.presses(ring, codes[0][0]).taken_for == UNKNOWN
