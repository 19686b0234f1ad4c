"""Who may be asked at one instant: nothing overrides a no."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.engine.availability import available_among, may_be_asked
from nightlight.engine.facts import Facts, Member, Way
from nightlight.engine.ids import AlertId, ContactMethodId
from nightlight.engine.needs import Need, is_more_urgent, is_urgent
from tests.people import BO, KIT, NOA, SAM

WAYS = (Way(contact_method=ContactMethodId("sam/0")),)
URGENT = (Need.COME, Need.STAY, Need.DANGER)
CAN_WAIT = (Need.TALK, Need.TEXT, Need.COMPANY)


@pytest.mark.parametrize("need", Need)
def test_whoever_agreed_can_be_reached_and_is_within_hours_may_be_asked(need: Need) -> None:
    assert may_be_asked(Member(person=SAM, ways=WAYS), need)


@pytest.mark.parametrize("need", URGENT)
def test_what_is_urgent_wakes_those_who_agreed_to_it_and_nobody_else(need: Need) -> None:
    assert may_be_asked(Member(person=SAM, ways=WAYS, within_hours=False, wake_me=True), need)
    assert not may_be_asked(Member(person=SAM, ways=WAYS, within_hours=False), need)


@pytest.mark.parametrize("need", CAN_WAIT)
def test_what_can_wait_wakes_nobody(need: Need) -> None:
    assert not may_be_asked(Member(person=SAM, ways=WAYS, within_hours=False, wake_me=True), need)


@pytest.mark.parametrize("need", Need)
def test_gently_means_within_hours(need: Need) -> None:
    assert may_be_asked(Member(person=SAM, ways=WAYS), need, gently=True)
    assert not may_be_asked(
        Member(person=SAM, ways=WAYS, within_hours=False, wake_me=True), need, gently=True
    )


@given(
    st.sampled_from(Need),
    st.booleans(),
    st.booleans(),
    st.sampled_from([{"removed": True}, {"consents": False}, {"ways": ()}]),
)
def test_no_need_however_urgent_overrides_a_no(
    need: Need, within_hours: bool, wake_me: bool, no: dict[str, object]
) -> None:
    said = {"ways": WAYS, **no}

    assert not may_be_asked(
        Member(person=SAM, within_hours=within_hours, wake_me=wake_me, **said),  # type: ignore[arg-type]
        need,
    )


def test_those_who_may_be_asked_keep_their_order_and_a_stranger_is_not_among_them() -> None:
    facts = Facts(
        now=datetime(2026, 11, 2, 12, tzinfo=UTC),
        alert_id=AlertId("alert"),
        members={
            SAM: Member(person=SAM, ways=WAYS),
            BO: Member(person=BO, ways=WAYS, consents=False),
            KIT: Member(person=KIT, ways=WAYS),
        },
    )

    assert available_among((KIT, NOA, BO, SAM), facts, Need.TALK) == (KIT, SAM)


def test_danger_is_more_urgent_than_to_come_and_that_than_to_talk() -> None:
    assert is_more_urgent(Need.DANGER, Need.COME)
    assert is_more_urgent(Need.STAY, Need.TALK)
    assert not is_more_urgent(Need.TEXT, Need.TALK)
    assert [need for need in Need if is_urgent(need)] == [Need.COME, Need.STAY, Need.DANGER]
