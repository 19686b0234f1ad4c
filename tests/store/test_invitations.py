"""Ana invites people: what is kept, what stands against it, and what comes of a yes and of a no."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.store.consent import NeverContacted, consents, usable_ways
from nightlight.store.invitations import (
    CIRCLE_MAX,
    INVITATION_LASTS,
    WRONG_ADDRESSES_MAX,
    Answer,
    Asked,
    InvitationRefused,
    InvitationState,
    Why,
    find,
    invitation_of,
    invitations_of,
    invite,
    inviter,
    joined_but_not_on_ladder,
    member_to_ask,
    renew,
    withdraw,
)
from nightlight.store.joining import (
    Joined,
    NewWay,
    WhyNot,
    Yes,
    accept,
    decline,
    note_opened,
    offer_more,
)
from nightlight.store.models import Circle, Invitation, Membership, NeverContact, Notice, Person
from nightlight.store.sealing import seal, unseal
from nightlight.store.supporting import supporter_of_link
from nightlight.store.ways import Proof, prove, ways_of
from tests.factories import a_circle, a_member, a_never_contact, a_person, a_step, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, NUMBERS, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON = frozenset({"sms", "smtp"})
ASKED = Asked(name="Sam", offers=(Offer.TALK, Offer.TEXT), words="You make me laugh.", language="en")
YES = Yes(
    offers=(Offer.TALK,),
    ways=(
        NewWay(channel="sms", address=NUMBERS[SAM]),
        NewWay(channel="smtp", address=MAILS[SAM], after=timedelta(minutes=5)),
    ),
    time_zone="Europe/Lisbon",
    agreed_until=date(2027, 2, 21),
    hours=(time(22), time(6)),
    wake_me=True,
)


def invited(asked: Asked = ASKED, *, by: PersonId = ANA) -> str:
    """The token of a fresh invitation."""
    a_circle(by)
    return invite(by, asked, NOON)[1]


def purposes(person: str = ANA) -> list[str]:
    return list(Notice.objects.filter(person=person).values_list("purpose", flat=True))


def code_for(way: str) -> str:
    notice = Notice.objects.filter(contact_method=way, purpose="proof").order_by("created_at").last()
    assert notice is not None
    return unseal(notice.code_sealed)


def joined(token: str, yes: Yes = YES) -> Joined:
    return accept(token, yes, NOON, ON)


# ---------------------------------------------------------------------------------------- inviting


def test_an_invitation_reaches_nobody_and_can_be_shown_again() -> None:
    a_circle()
    made, token = invite(ANA, ASKED, NOON)
    view = invitation_of(ANA, made, NOON)

    assert view is not None
    assert (view.name, view.offers, view.words) == ("Sam", (Offer.TALK, Offer.TEXT), "You make me laugh.")
    assert view.state is InvitationState.OPEN
    assert view.token == token
    assert not Notice.objects.exists()
    assert not Membership.objects.exists()


def test_neither_the_token_nor_her_words_are_kept_in_the_clear() -> None:
    token = invited()
    [row] = Invitation.objects.values()

    assert token not in str(row)
    assert "laugh" not in str(row)


def test_noa_finds_nothing_of_anas() -> None:
    a_circle(NOA)
    a_circle(ANA)
    made, _ = invite(ANA, ASKED, NOON)

    assert invitation_of(NOA, made, NOON) is None
    assert invitations_of(NOA, NOON) == ()
    assert not withdraw(made, NOA, NOON)
    with pytest.raises(Invitation.DoesNotExist):
        renew(made, NOA, NOON)
    assert [view.id for view in invitations_of(ANA, NOON)] == [made]


def test_a_link_works_for_two_weeks() -> None:
    token = invited()
    last = NOON + INVITATION_LASTS

    before, after = find(token, last - timedelta(seconds=1)), find(token, last)
    assert before is not None
    assert before.state is InvitationState.OPEN
    assert after is not None
    assert after.state is InvitationState.RAN_OUT
    assert accept(token, YES, last, ON).is_over
    assert not decline(token, Answer.NO, "", last, ON)


def test_an_unknown_token_opens_nothing() -> None:
    assert find("no-such-token", NOON) is None
    assert joined("no-such-token").is_over


def test_a_withdrawn_one_opens_nothing_and_is_not_handed_over_again() -> None:
    token = invited()
    [view] = invitations_of(ANA, NOON)

    assert withdraw(view.id, ANA, NOON)
    assert not withdraw(view.id, ANA, NOON)
    with pytest.raises(InvitationRefused) as refused:
        renew(view.id, ANA, NOON)
    assert refused.value.why is Why.OVER
    assert joined(token).is_over
    [view] = invitations_of(ANA, NOON)
    assert (view.state, view.token) == (InvitationState.WITHDRAWN, "")
    assert not Person.objects.exclude(pk=ANA).exists()


def test_a_new_link_takes_the_place_of_the_one_before() -> None:
    token = invited()
    [view] = invitations_of(ANA, NOON)
    later = NOON + INVITATION_LASTS + timedelta(days=1)

    fresh = renew(view.id, ANA, later)

    assert find(token, later) is None
    found = find(fresh, later)
    assert found is not None
    assert found.state is InvitationState.OPEN


def test_a_circle_has_twenty_people_with_those_who_are_waited_for() -> None:
    a_circle()
    for number in range(CIRCLE_MAX - 1):
        a_member(PersonId(f"friend{number}"))
    made, token = invite(ANA, ASKED, NOON)
    with pytest.raises(InvitationRefused) as refused:
        invite(ANA, replace(ASKED, name="Bo"), NOON)
    assert refused.value.why is Why.FULL

    assert withdraw(made, ANA, NOON)
    _, token = invite(ANA, replace(ASKED, name="Bo"), NOON)
    a_member(KIT)
    assert joined(token).is_full
    Membership.objects.filter(person=KIT).update(ended_at=NOON)
    assert joined(token).is_in


def test_a_minor_has_one_parent_at_most_and_is_told_of_a_grown_up() -> None:
    a_circle()
    Person.objects.filter(pk=ANA).update(is_minor=True, approved_at=NOON)
    assert not inviter(ANA, NOON).has_adult

    made, _ = invite(ANA, replace(ASKED, is_parent=True), NOON)
    assert inviter(ANA, NOON).has_adult
    with pytest.raises(InvitationRefused) as refused:
        invite(ANA, replace(ASKED, name="Kit", is_parent=True), NOON)
    assert refused.value.why is Why.SECOND_PARENT
    invite(ANA, replace(ASKED, name="Kit"), NOON)

    withdraw(made, ANA, NOON)
    invite(ANA, replace(ASKED, name="Kit", is_parent=True), NOON)


def test_nobody_counts_the_parents_of_somebody_grown_up() -> None:
    invited(replace(ASKED, is_parent=True))
    invited(replace(ASKED, name="Kit", is_parent=True))


def test_a_minor_whom_nobody_approved_yet_cannot_invite() -> None:
    a_circle()
    made, _ = invite(ANA, ASKED, NOON)
    Person.objects.filter(pk=ANA).update(is_minor=True)

    for attempt in (lambda: invite(ANA, ASKED, NOON), lambda: renew(made, ANA, NOON)):
        with pytest.raises(InvitationRefused) as refused:
            attempt()
        assert refused.value.why is Why.NOT_APPROVED
    Person.objects.filter(pk=ANA).update(approved_at=NOON)
    invite(ANA, ASKED, NOON)


# ----------------------------------------------------------------------------------- saying yes


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
    a_member(SAM, of=NOA)
    with pytest.raises(InvitationRefused) as refused:
        invite(ANA, ASKED, NOON, SAM)
    assert refused.value.why is Why.OVER
    assert member_to_ask(ANA, SAM) is None

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
