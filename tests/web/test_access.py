"""Tokens: what they open, for how long, and that none is kept as it is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.store import access
from nightlight.store.access import Scope, TokenError
from nightlight.store.advance import Advanced
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.models import ApiToken, HostLink, HostSession, Notification, PersonLink
from nightlight.store.sealing import token_hash
from tests.factories import a_notification, a_person, a_way, an_alert
from tests.people import ANA, NOA, NOON, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def sent(token: str, purpose: Purpose, person: object = SAM, **alert: object) -> Notification:
    """A message with a link that was sent about a call of Ana's."""
    row = a_notification(a_way(person), alert=an_alert(**alert), purpose=purpose)  # type: ignore[arg-type]
    row.token_hash = token_hash(token)
    row.save()
    return row


def test_a_link_opens_the_page_of_its_person_until_it_is_replaced() -> None:
    a_person(ANA)
    a_person(NOA)
    first, of_noa = access.new_person_link(ANA, NOON), access.new_person_link(NOA, NOON)
    assert access.person_of_link(first, NOON) == ANA

    second = access.new_person_link(ANA, NOON)

    assert access.person_of_link(first, NOON) is None
    assert access.person_of_link(second, NOON) == ANA
    assert access.person_of_link(of_noa, NOON) == NOA


def test_nobody_gets_no_link() -> None:
    with pytest.raises(NoSuchPerson):
        access.new_person_link(ANA, NOON)


def test_tokens_are_long_and_kept_as_hashes_alone() -> None:
    a_person(ANA)
    tokens = [
        access.new_person_link(ANA, NOON),
        access.new_host_link(NOON),
        access.create_api_token("alarm button", frozenset(Scope), NOON),
    ]
    session = access.open_host_session(tokens[1], NOON)
    assert session is not None

    kept = str([list(model.objects.values()) for model in (PersonLink, HostLink, HostSession, ApiToken)])

    for token in (*tokens, session):
        assert len(token) >= 32
        assert token not in kept
        assert token_hash(token) in kept


def test_an_answer_link_opens_its_call_for_its_person() -> None:
    row = sent("t", Purpose.ASK)

    assert access.find_notification("t", NOON) == access.AnswerLink(alert=row.alert_id, person=SAM)
    assert access.find_notification("T", NOON) is None
    assert access.person_of_link("t", NOON) is None


def test_a_message_to_the_caller_opens_their_own_page_and_no_answer_page() -> None:
    sent("t", Purpose.CALLER_NEWS, ANA)

    assert access.person_of_link("t", NOON) == ANA
    assert access.find_notification("t", NOON) is None


@pytest.mark.parametrize(("purpose", "person"), [(Purpose.ASK, SAM), (Purpose.CALLER_NEWS, ANA)])
def test_links_of_messages_end_seven_days_after_the_call(purpose: Purpose, person: object) -> None:
    row = sent("t", purpose, person, status=AlertStatus.RESOLVED, timer_due=None)
    row.alert.resolved_at = NOON
    row.alert.save()
    find = access.person_of_link if purpose is Purpose.CALLER_NEWS else access.find_notification

    assert find("t", NOON + timedelta(days=7, seconds=-1)) is not None
    assert find("t", NOON + timedelta(days=7)) is None


def test_a_host_link_is_used_once() -> None:
    token = access.new_host_link(NOON)

    session = access.open_host_session(token, NOON)

    assert session is not None
    assert access.is_host_session(session, NOON)
    assert access.open_host_session(token, NOON) is None
    assert not access.is_host_link(token, NOON)


def test_host_links_and_sessions_that_ran_out_are_cleared_away() -> None:
    access.open_host_session(access.new_host_link(NOON), NOON)
    later = NOON + timedelta(days=1)

    access.open_host_session(access.new_host_link(later), later)

    assert HostLink.objects.count() == 1
    assert HostSession.objects.count() == 1


def test_tokens_for_programs_are_listed_by_name_and_revoked_by_name() -> None:
    token = access.create_api_token(" alarm button ", frozenset({Scope.CALL}), NOON)
    access.create_api_token("a dashboard", frozenset({Scope.READ}), NOON)

    assert [(row.name, row.scopes) for row in access.api_tokens()] == [
        ("a dashboard", (Scope.READ,)),
        ("alarm button", (Scope.CALL,)),
    ]
    access.revoke_api_token("alarm button", NOON)

    assert access.api_caller(token) is None
    assert [row.name for row in access.api_tokens()] == ["a dashboard"]
    assert access.api_caller(access.create_api_token("alarm button", frozenset({Scope.CALL}), NOON))


@pytest.mark.parametrize(
    ("name", "scopes", "why"),
    [
        ("", {Scope.CALL}, "1 to 100 characters"),
        ("two\nlines", {Scope.CALL}, "one line"),
        ("x" * 101, {Scope.CALL}, "1 to 100 characters"),
        ("idle", set(), "may do nothing"),
        ("taken", {Scope.CALL}, "already"),
    ],
)
def test_a_token_that_cannot_be_is_not_made(name: str, scopes: set[Scope], why: str) -> None:
    access.create_api_token("taken", frozenset({Scope.CALL}), NOON)

    with pytest.raises(TokenError, match=why):
        access.create_api_token(name, frozenset(scopes), NOON)
    assert ApiToken.objects.count() == 1


def test_a_token_that_is_not_there_cannot_be_revoked() -> None:
    with pytest.raises(TokenError, match="no token called 'ghost'"):
        access.revoke_api_token("ghost", NOON)


def test_of_two_requests_with_one_key_at_once_the_second_hears_of_the_firsts_call() -> None:
    caller = access.api_caller(access.create_api_token("alarm button", frozenset(Scope), NOON))
    assert caller is not None
    alert = an_alert()
    tries = iter([IntegrityError(), None])

    def call() -> Advanced:
        error = next(tries)
        if error is not None:
            raise error
        return Advanced(alert_id=alert.pk, status=AlertStatus.TRIGGERED, is_new=True)

    assert access.call_by_program(caller, ANA, "k", NOON, call).alert == alert.pk
