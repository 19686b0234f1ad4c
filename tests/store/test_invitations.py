"""Ana invites people: what is kept, and what stands against it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.store.invitations import (
    CIRCLE_MAX,
    INVITATION_LASTS,
    Answer,
    InvitationRefused,
    InvitationState,
    Why,
    find,
    invitation_of,
    invitations_of,
    invite,
    inviter,
    renew,
    withdraw,
)
from nightlight.store.joining import (
    accept,
    decline,
)
from nightlight.store.models import Host, Invitation, Membership, Notice, Person
from tests.factories import a_circle, a_member
from tests.people import ANA, KIT, NOA, NOON
from tests.store.invited import ASKED, ON, YES, invited, joined

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


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
    Host.objects.create(name="Harbour House", adult_age=18, minors="approve")

    for attempt in (lambda: invite(ANA, ASKED, NOON), lambda: renew(made, ANA, NOON)):
        with pytest.raises(InvitationRefused) as refused:
            attempt()
        assert refused.value.why is Why.NOT_APPROVED
    Person.objects.filter(pk=ANA).update(approved_at=NOON)
    invite(ANA, ASKED, NOON)
