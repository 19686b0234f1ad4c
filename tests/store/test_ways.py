"""Proving a way: by the code or by a tap; guessed, too late, too often, and by whom it is not."""

from datetime import timedelta

import pytest

from nightlight.store.models import ContactMethod, Drill, Notice
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.sealing import unseal
from nightlight.store.ways import (
    NoSuchWay,
    Proof,
    SameWay,
    TapState,
    TooManyWays,
    TooSoon,
    add_way,
    end_way,
    look_at_tap,
    prove,
    send_proof,
    set_way,
    tap,
    ways_of,
)
from nightlight.store.withdrawals import Moment
from tests.factories import a_circle, a_member, a_person, a_way
from tests.people import ANA, BO, MAILS, NOON, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def adds(person: str = SAM, number: str = NUMBERS[SAM]) -> str:
    a_person(SAM)
    a_person(BO)
    return add_way(person, "sms", number, NOON).pk


def code_of(way: str) -> str:
    row = Notice.objects.filter(contact_method=way, purpose=NoticePurpose.PROOF).latest("created_at", "id")
    return unseal(row.code_sealed)


def token_of(way: str) -> str:
    row = Notice.objects.filter(contact_method=way).latest("created_at", "id")
    return unseal(row.token_sealed)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def is_proven(way: str) -> bool:
    return ContactMethod.objects.get(pk=way).proven_at is not None


def test_a_new_way_counts_only_once_its_code_was_typed(world: World) -> None:
    way = adds()
    assert not is_proven(way)
    NoticeWorld(world).send_due()
    [message] = world.text.handed
    code = code_of(way)
    assert message.text.splitlines() == [
        f"Circle: your code is {code}. Or tap:",
        f"https://circle.example.org/p/{token_of(way)}",
    ]

    typed = f" {code[:3]} {code[3:]}"
    assert prove(way, typed, NOON + timedelta(minutes=14)) is Proof.PROVEN
    assert ContactMethod.objects.get(pk=way).proven_at == NOON + timedelta(minutes=14)
    # Pressed twice, it says the same.
    assert prove(way, code, NOON + timedelta(minutes=14)) is Proof.PROVEN


def test_a_wrong_code_proves_nothing_and_after_five_no_code_does() -> None:
    way = adds()
    code = code_of(way)

    tries = [prove(way, other_than(code), NOON) for _ in range(5)]
    assert tries == [Proof.WRONG] * 4 + [Proof.TOO_MANY]
    assert prove(way, code, NOON) is Proof.TOO_MANY
    assert not is_proven(way)

    send_proof(way, NOON + timedelta(minutes=1))
    assert prove(way, code_of(way), NOON + timedelta(minutes=1)) is Proof.PROVEN


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "٠١٢٣٤٥", "0" * 5000, "\u0000"])
def test_what_is_no_code_is_a_wrong_one(typed: str) -> None:
    assert prove(adds(), typed, NOON) is Proof.WRONG


def test_a_code_runs_out_after_fifteen_minutes() -> None:
    way = adds()

    assert prove(way, code_of(way), NOON + timedelta(minutes=15)) is Proof.RAN_OUT
    assert not is_proven(way)


def test_one_ways_code_proves_no_other_way() -> None:
    of_sam, of_bo = adds(), adds(BO, NUMBERS[BO])
    if code_of(of_sam) == code_of(of_bo):
        send_proof(of_bo, NOON + timedelta(seconds=1))

    assert prove(of_bo, code_of(of_sam), NOON + timedelta(seconds=2)) is Proof.WRONG
    assert prove("nobody", "123456", NOON) is Proof.RAN_OUT


def test_a_newer_code_takes_the_place_of_the_one_before() -> None:
    way = adds()
    old = code_of(way)
    send_proof(way, NOON + timedelta(minutes=1))
    new = code_of(way)

    if new != old:
        assert prove(way, old, NOON + timedelta(minutes=2)) is Proof.WRONG
    assert Notice.objects.filter(status="planned").count() == 1
    assert prove(way, new, NOON + timedelta(minutes=2)) is Proof.PROVEN


def test_a_proof_is_sent_three_times_an_hour_and_no_more() -> None:
    way = adds()
    send_proof(way, NOON + timedelta(minutes=1))
    send_proof(way, NOON + timedelta(minutes=2))
    with pytest.raises(TooSoon):
        send_proof(way, NOON + timedelta(minutes=3))

    send_proof(way, NOON + timedelta(minutes=61))


def test_a_tap_on_the_link_proves_the_way_and_a_look_does_not() -> None:
    way = adds()
    token = token_of(way)
    looked = look_at_tap(token, NOON)
    assert looked is not None
    assert looked.state is TapState.OPEN
    assert not is_proven(way)

    pressed = tap(token, NOON)
    assert pressed is not None
    assert pressed.state is TapState.USED
    assert is_proven(way)
    # What is still on its way would only come twice.
    assert Notice.objects.get().status == "cancelled"


def test_a_link_that_ran_out_or_is_not_known_proves_nothing() -> None:
    way = adds()
    late = tap(token_of(way), NOON + timedelta(minutes=15))

    assert late is not None
    assert late.state is TapState.RAN_OUT
    assert tap("nonsense", NOON) is None
    assert look_at_tap("", NOON) is None
    assert not is_proven(way)


def test_a_link_to_a_way_that_ended_revives_nothing() -> None:
    way = adds()
    token = token_of(way)
    assert end_way(way, Moment(now=NOON, channels_on=frozenset({"sms"})))

    pressed = tap(token, NOON)
    assert pressed is not None
    assert pressed.state is TapState.RAN_OUT
    assert prove(way, code_of(way), NOON) is Proof.RAN_OUT
    assert not is_proven(way)
    assert ways_of(SAM) == ()
    assert Notice.objects.get().status == "cancelled"
    assert not end_way(way, Moment(now=NOON, channels_on=frozenset({"sms"})))
    with pytest.raises(NoSuchWay):
        send_proof(way, NOON)


def test_the_same_way_twice_is_refused_and_one_that_ended_comes_back_unproven() -> None:
    way = adds()
    with pytest.raises(SameWay):
        adds()
    assert adds(BO) != way

    tap(token_of(way), NOON)
    end_way(way, Moment(now=NOON, channels_on=frozenset({"sms"})))
    assert adds() == way
    assert not is_proven(way)


def test_nobody_has_more_than_six_ways() -> None:
    for last in range(6):
        adds(number=f"+44770090020{last}")
    with pytest.raises(TooManyWays):
        adds(number="+447700900209")


def test_nobody_writes_to_ever_new_numbers_by_adding_and_ending_them() -> None:
    for last in range(12):
        way = adds(number=f"+4477009003{last:02}")
        end_way(way, Moment(now=NOON, channels_on=frozenset({"sms"})))
    with pytest.raises(TooManyWays):
        adds(number="+447700900399")


def test_ways_are_put_in_order_and_given_a_delay() -> None:
    mail, text = a_way(SAM), a_way(SAM, "sms")
    third = adds(number="+447700900299")

    set_way(third, timedelta(minutes=2), 0)
    found = ways_of(SAM)
    assert [way.id for way in found] == [third, mail.pk, text.pk]
    assert [way.position for way in found] == [0, 1, 2]
    assert [way.address for way in found] == ["+447700900299", MAILS[SAM], NUMBERS[SAM]]
    assert found[0].after == timedelta(minutes=2)
    assert found[0].proven_at is None

    set_way(third, timedelta(0), 99)
    assert [way.id for way in ways_of(SAM)] == [mail.pk, text.pk, third]
    with pytest.raises(NoSuchWay):
        set_way("nobody", timedelta(0), 0)


def test_a_tap_on_practice_proves_its_own_way_and_answers_the_drill() -> None:
    a_member(SAM)
    mail, text = ContactMethod.objects.get(person=SAM), a_way(SAM, "sms")
    drill = Drill.objects.create(id="drill", circle=a_circle(ANA), person=a_person(SAM), began_at=NOON)
    for way in (mail, text):
        tell_way(NoticePurpose.PRACTICE, way, NOON, circle=ANA, drill=drill.pk)
    later = NOON + timedelta(days=1)

    pressed = tap(token_of(text.pk), later)
    assert pressed is not None
    assert (pressed.caller, pressed.purpose) == ("Ana", NoticePurpose.PRACTICE)
    text.refresh_from_db()
    mail.refresh_from_db()
    drill.refresh_from_db()
    assert (text.proven_at, mail.proven_at, drill.answered_at) == (later, NOON, later)
