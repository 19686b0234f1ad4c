"""What comes of a yes, of a no, and of an address that cannot be used."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.store.consent import NeverContacted, consents, is_within_hours, usable_ways
from nightlight.store.invitations import (
    CIRCLE_MAX,
    WRONG_ADDRESSES_MAX,
    Answer,
    InvitationRefused,
    InvitationState,
    Why,
    find,
    invitations_of,
    invite,
    joined_but_not_on_ladder,
    member_numbered,
    member_to_ask,
    renew,
    withdraw,
)
from nightlight.store.joining import (
    NewWay,
    WhyNot,
    decline,
    note_opened,
    offer_more,
)
from nightlight.store.models import Circle, Invitation, Membership, NeverContact, Notice
from nightlight.store.sealing import seal
from nightlight.store.supporting import supporter_of_link
from nightlight.store.ways import Proof, prove, ways_of
from tests.factories import a_circle, a_member, a_never_contact, a_person, a_step, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, NUMBERS, SAM
from tests.store.invited import ASKED, ON, YES, code_for, invited, joined, purposes

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_yes_makes_a_member_whose_ways_are_still_to_be_proven() -> None:
    a_way(ANA)
    token = invited()
    came = joined(token)

    [member] = Membership.objects.select_related("person")
    assert (member.person.name, member.person.time_zone) == ("Sam", "Europe/Lisbon")
    assert (member.agreed_on, member.agreed_until) == (date(2026, 11, 21), date(2027, 2, 21))
    assert (member.offers, member.wake_me) == (["talk"], True)
    assert (member.hours_from, member.hours_until) == (time(22), time(6))
    assert consents(member, NOON)
    assert supporter_of_link(came.own_link, NOON) == member.person_id
    assert [(way.channel, way.address, way.after) for way in ways_of(member.person_id)] == [
        ("sms", NUMBERS[SAM], timedelta(0)),
        ("smtp", MAILS[SAM], timedelta(minutes=5)),
    ]
    assert purposes(member.person_id) == ["proof", "proof"]
    assert purposes(ANA) == ["joined"]
    never = NeverContacted(Circle.objects.get())
    assert usable_ways(member.person.ways.all(), never, ON) == ()

    sms, _ = ways_of(member.person_id)
    assert prove(sms.id, code_for(sms.id), NOON) is Proof.PROVEN
    assert [way.channel for way in usable_ways(member.person.ways.all(), never, ON)] == ["sms"]


def test_a_code_is_guessed_five_times() -> None:
    joined(invited())
    way, _ = ways_of(Membership.objects.get().person_id)
    right = code_for(way.id)
    wrong = "0" * len(right) if right != "0" * len(right) else "1" * len(right)

    said = [prove(way.id, wrong, NOON) for _ in range(5)]

    assert said[:4] == [Proof.WRONG] * 4
    assert prove(way.id, right, NOON) is Proof.TOO_MANY
    assert not any(each.proven_at for each in ways_of(Membership.objects.get().person_id))


def test_who_said_yes_is_not_put_on_the_ladder_silently() -> None:
    a_member(BO)
    a_step(BO)
    joined(invited())

    assert [name for _, name in joined_but_not_on_ladder(ANA)] == ["Sam"]
    assert joined_but_not_on_ladder(NOA) == ()


def test_it_is_answered_once() -> None:
    token = invited()
    joined(token)
    [view] = invitations_of(ANA, NOON)

    assert joined(token).is_over
    assert not decline(token, Answer.NO, "", NOON, ON)
    assert not withdraw(view.id, ANA, NOON)
    with pytest.raises(InvitationRefused):
        renew(view.id, ANA, NOON)
    assert Membership.objects.count() == 1
    assert (view.state, view.token) == (InvitationState.YES, "")


def test_a_no_is_told_kindly_with_the_word_that_came_with_it() -> None:
    a_way(ANA)
    token = invited()
    note_opened(token, NOON)
    [view] = invitations_of(ANA, NOON)
    assert view.state is InvitationState.OPENED

    assert decline(token, Answer.NO, "Let us have tea on Sunday.", NOON, ON)

    [view] = invitations_of(ANA, NOON)
    assert (view.state, view.reply) == (InvitationState.NO, "Let us have tea on Sunday.")
    assert "Sunday" not in str(Invitation.objects.values())
    assert purposes(ANA) == ["declined"]
    assert not Membership.objects.exists()
    assert joined(token).is_over


def test_a_link_that_reached_somebody_else_ends_there() -> None:
    token = invited()

    assert decline(token, Answer.NOT_ME, "", NOON, ON)
    [view] = invitations_of(ANA, NOON)
    assert (view.state, view.answer) == (InvitationState.NO, Answer.NOT_ME)
    assert joined(token).is_over


# ------------------------------------------------------------------ addresses that cannot be used


@pytest.mark.parametrize("by", ["way", "reach"])
def test_her_own_number_is_no_supporters(by: str) -> None:
    if by == "way":
        a_way(ANA, "sms")
    else:
        spaced = f"{NUMBERS[ANA][:3]} {NUMBERS[ANA][3:7]} {NUMBERS[ANA][7:]}"
        a_circle()
        Circle.objects.update(reach_sealed=seal(f'{{"call": "{spaced}", "note": ""}}'))
    token = invited()

    came = joined(token, replace(YES, ways=(*YES.ways, NewWay(channel="sms", address=NUMBERS[ANA]))))

    assert came.refused == {2: WhyNot.OWN}
    assert not Membership.objects.exists()
    assert joined(token).is_in


def test_the_same_person_is_not_in_a_circle_twice() -> None:
    joined(invited())
    token = invited()

    assert joined(token).refused == {0: WhyNot.NOT_HERE, 1: WhyNot.NOT_HERE}
    assert Membership.objects.count() == 1
    # Once they left they may come back, and a circle of somebody else is somebody else's.
    assert joined(invited(by=NOA)).is_in
    Membership.objects.filter(circle=ANA).update(ended_at=NOON)
    assert joined(token).is_in


def test_who_is_never_contacted_is_told_the_same_as_who_is_in_the_circle_already() -> None:
    a_never_contact(MAILS[SAM])
    a_person(KIT)
    a_way(KIT, "sms")
    NeverContact.objects.create(circle=a_circle(), person=a_person(KIT), added_at=NOON)
    by_person = replace(YES, ways=(NewWay(channel="sms", address=NUMBERS[KIT]),))
    a_member(BO)
    by_member = replace(YES, ways=(NewWay(channel="smtp", address=MAILS[BO]),))

    assert joined(invited()).refused == {1: WhyNot.NOT_HERE}
    assert joined(invited(), by_person).refused == {0: WhyNot.NOT_HERE}
    assert joined(invited(), by_member).refused == {0: WhyNot.NOT_HERE}
    assert Membership.objects.count() == 1
    assert not Notice.objects.exists()


def test_a_link_cannot_be_used_to_find_out_whose_numbers_are_known() -> None:
    a_member(BO)
    token = invited()
    probe = replace(YES, ways=(NewWay(channel="smtp", address=MAILS[BO]),))
    for _ in range(WRONG_ADDRESSES_MAX):
        assert not joined(token, probe).is_in

    assert joined(token).is_over
    [view] = invitations_of(ANA, NOON)
    assert view.state is InvitationState.RAN_OUT
    assert joined(renew(view.id, ANA, NOON)).is_in


# ------------------------------------------------------------------------------- asked for more


def test_a_member_is_asked_for_more_and_nothing_else_changes() -> None:
    a_way(ANA)
    member = a_member(SAM, offers=("text",), wake_me=True)
    before = Membership.objects.filter(pk=member.pk).values().get()
    more = replace(ASKED, offers=(Offer.TALK, Offer.COME))
    _, token = invite(ANA, more, NOON, SAM)
    view = find(token, NOON)
    assert view is not None
    assert view.is_for_more

    assert joined(token).is_over
    assert offer_more(token, (Offer.COME,), NOON, ON)

    after = Membership.objects.filter(pk=member.pk).values().get()
    assert after == before | {"offers": ["text", "come"]}
    assert purposes(ANA) == ["joined"]
    assert not offer_more(token, (Offer.STAY,), NOON, ON)


def test_only_a_member_is_asked_for_more() -> None:
    a_circle()
    sam = a_member(SAM, of=NOA)
    with pytest.raises(InvitationRefused) as refused:
        invite(ANA, ASKED, NOON, SAM)
    assert refused.value.why is Why.OVER
    assert member_to_ask(ANA, SAM) is None
    assert member_numbered(ANA, sam.pk) is None

    a_member(BO)
    _, token = invite(ANA, ASKED, NOON, BO)
    Membership.objects.filter(person=BO).update(ended_at=NOON)
    assert not offer_more(token, (Offer.COME,), NOON, ON)
    assert Membership.objects.get(person=BO).offers == ["talk"]


def test_asking_a_member_for_more_takes_no_place_in_a_full_circle() -> None:
    for number in range(CIRCLE_MAX):
        a_member(PersonId(f"friend{number}"))

    invite(ANA, ASKED, NOON, PersonId("friend0"))
    with pytest.raises(InvitationRefused):
        invite(ANA, ASKED, NOON)


def test_hours_that_cross_midnight_keep_to_the_clock_on_the_wall_when_clocks_change() -> None:
    joined(invited())
    member = Membership.objects.select_related("person").get()

    def may_ask(moment: datetime) -> bool:
        zone = member.person.time_zone
        return is_within_hours(member.hours_from, member.hours_until, moment, zone)

    # In Lisbon the clock goes from 01:00 to 02:00 on 28 March 2027; summer time is an hour ahead of UTC.
    assert may_ask(datetime(2027, 3, 27, 22, 0, tzinfo=UTC))
    assert not may_ask(datetime(2027, 3, 27, 21, 59, tzinfo=UTC))
    assert may_ask(datetime(2027, 3, 28, 4, 59, tzinfo=UTC))
    assert not may_ask(datetime(2027, 3, 28, 5, 0, tzinfo=UTC))
    assert may_ask(datetime(2027, 3, 28, 21, 0, tzinfo=UTC))
