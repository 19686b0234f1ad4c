"""What is left of somebody who was erased, and what stops when everything is stopped."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from nightlight.engine import events, facts, policy, state
from nightlight.engine.events import Acknowledged, AlertRaised, EndedBy, Event, RaisedBy, Resolved
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.access import (
    Scope,
    create_api_token,
    new_host_link,
    new_person_link,
    open_host_session,
)
from nightlight.store.advance import advance, load_alert, raise_alert
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.convert import event_to_json
from nightlight.store.erasure import (
    PERSON_KEYS,
    CallOpen,
    erase,
    everything_about,
    renamed,
    stop_all,
)
from nightlight.store.heartbeats import beat
from nightlight.store.models import (
    Alert,
    ApiToken,
    Attempt,
    CheckIn,
    ContactMethod,
    FollowUp,
    Host,
    IdempotencyKey,
    KeptReply,
    LadderStep,
    ListLine,
    NeverContact,
    Notification,
    NotificationStatus,
    Person,
    PlanOpening,
    PlanPart,
    PlanShare,
    PlanVault,
    Promise,
    ReplyTry,
    SealedNote,
    SupporterKey,
    TimelineEntry,
    WaitingEvent,
)
from nightlight.store.own_data import OF_PLANS, own_data
from nightlight.store.plan_files import read
from nightlight.store.policies import policy_of
from nightlight.store.sealing import ADDRESS, look_up_hash, seal, unseal
from nightlight.store.withdrawals import Moment
from tests.factories import (
    a_circle,
    a_ladder,
    a_member,
    a_never_contact,
    a_person,
    a_step,
    a_way,
)
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, NUMBERS, SAM
from tests.store.lives import (
    a_plan_of,
    sam_and_ana_before_and_after,
    sam_and_ana_outside_any_call,
    sam_signs_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MAIL = frozenset({"smtp"})
LATER = Moment(now=NOON + timedelta(minutes=1), channels_on=MAIL)


def called(person: PersonId = ANA, need: Need = Need.TALK) -> str:
    ladder = policy_of(person)
    assert ladder is not None
    raised = AlertRaised(person=person, need=need, by=RaisedBy.CALLER, policy=ladder)
    return raise_alert(raised, now=NOON, channels_on=MAIL).alert_id


def happens(alert: str, event: Event) -> None:
    advance(alert, event, now=NOON, channels_on=MAIL)


def over(alert: str) -> None:
    happens(alert, Resolved(by=EndedBy.CALLER))


def tables() -> Iterator[type[models.Model]]:
    return apps.get_app_config("store").get_models()


def everywhere() -> Iterator[tuple[str, str]]:
    """Every value of every row, what is sealed opened: where it stands, and what it says."""
    for model in tables():
        for row in model._default_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                text = unseal(value) if field.name.endswith("_sealed") and value else value
                yield f"{model._meta.db_table}.{field.name}", json.dumps(text, default=str)


def a_life_of_sam() -> str:
    """Sam in every table there is: with a circle and a call of his own, and in Ana's, where Bo was asked too."""
    Host.objects.create(name="Harbour House")
    beat("here", 1, NOON)
    a_ladder((SAM,), (BO,), of=ANA)
    a_way(SAM, "sms")
    a_ladder((BO,), of=SAM)
    a_never_contact(NUMBERS[KIT], of=SAM)
    NeverContact.objects.create(circle=a_circle(NOA), person=a_person(SAM), added_at=NOON)
    new_person_link(SAM, NOON)
    open_host_session(new_host_link(NOON), NOON)
    new_host_link(NOON)
    create_api_token("desk", frozenset(Scope), NOON)
    own = called(SAM)
    IdempotencyKey.objects.create(
        token=ApiToken.objects.get(), key_hash="0" * 64, alert_id=own, created_at=NOON
    )
    over(own)
    alert = called(ANA)
    happens(alert, Acknowledged(person=SAM))
    row = Notification.objects.filter(alert=alert, person=SAM).first()
    assert row is not None
    Attempt.objects.create(id="attempt", notification=row, number=1, provider="smtp-1", began_at=NOON)
    Notification.objects.filter(alert=own).update(about=a_person(SAM))
    KeptReply.objects.create(alert_id=alert, person_id=SAM, text_sealed=seal("It's Sam."), at=NOON)
    ReplyTry.objects.create(alert_id=alert, address_hash=look_up_hash(NUMBERS[SAM], ADDRESS))
    kind, body = event_to_json(Acknowledged(person=SAM))
    WaitingEvent.objects.create(alert_id=alert, at=NOON, kind=kind, body=body)
    sam_signs_in()
    sam_and_ana_outside_any_call(alert)
    sam_and_ana_before_and_after(alert, own)
    a_plan_of(SAM, BO, own)
    a_plan_of(ANA, SAM, alert)
    return alert


def test_nothing_in_any_table_speaks_of_somebody_who_was_erased() -> None:
    a_life_of_sam()
    for model in tables():
        assert model._default_manager.exists(), f"put a row of {model.__name__} into Sam's life"
    hashes = [look_up_hash(address, ADDRESS) for address in (MAILS[SAM], NUMBERS[SAM])]

    erase(SAM, LATER)

    for place, text in everywhere():
        # Noa's word that she wants no contact with him is hers, and stays.
        if not place.startswith("never_contact."):
            assert not re.search(r"\bsam\b", text, re.IGNORECASE), place
            assert not any(known in text for known in (NUMBERS[SAM], *hashes)), place


def test_what_is_other_peoples_stays() -> None:
    alert = a_life_of_sam()

    erase(SAM, LATER)

    left = load_alert(alert)
    assert left is not None
    assert left.status is AlertStatus.TRIGGERED
    assert left.taker is None
    said = list(TimelineEntry.objects.filter(alert=alert).values_list("what", "who"))
    assert ("acknowledged", "") in said
    assert ("asked", BO) in said
    assert Person.objects.filter(pk=BO).exists()
    happens(alert, Acknowledged(person=BO))
    now_left = load_alert(alert)
    assert now_left is not None
    assert now_left.taker == BO


def test_what_they_promised_is_handed_on_and_no_note_goes_out_in_their_name() -> None:
    a_life_of_sam()

    erase(SAM, LATER)

    promise = Promise.objects.get()
    assert (promise.person_id, promise.looks_at, promise.ended_at) == (None, LATER.now, None)
    assert (promise.what, promise.words_sealed) == ("morning", "")
    note = FollowUp.objects.get()
    assert (note.author_id, note.words_sealed, note.ended_at) == (None, "", LATER.now)
    # Ana's own check-in stays, and her list; nobody is told in his place.
    assert CheckIn.objects.get().circle_id == ANA
    assert not CheckIn.objects.get().told.exists()
    assert unseal(ListLine.objects.get().text_sealed) == "Charger."


def test_of_sealed_plans_only_what_is_anas_stays() -> None:
    a_life_of_sam()

    erase(SAM, LATER)

    assert [row.pk for row in PlanVault.objects.all()] == [ANA]
    assert [row.vault_id for row in PlanPart.objects.all()] == [ANA]
    # What she sealed for him, his key and his notes are gone; that something was opened is hers to know.
    for model in (PlanShare, SupporterKey, SealedNote):
        assert not model._default_manager.exists()
    assert [(row.vault_id, row.supporter_id) for row in PlanOpening.objects.all()] == [(ANA, None)]


def test_an_export_has_the_sealed_files_and_not_our_halves() -> None:
    a_life_of_sam()

    shown = everything_about(ANA)

    assert shown["plan"]["slots"][0]["label"] == "the phone of ana"
    assert read(shown["plan"]["parts"][0]["body"]) == b"age-encryption.org/v1 part"
    assert shown["circle"]["call_card"][0]["text"] == "ana likes to be rung."
    assert len(shown["plan"]["opened"]) == len(shown["circle"]["sealed_notes"]) == 1
    assert "our half" not in _texts(shown)
    # Of Ana's plan Sam's own file has what is his: his key, his note, and that he opened something.
    sams = own_data(SAM)
    assert [len(sams[name]) for name in OF_PLANS] == [1, 1, 1]
    assert "plan" not in sams
    assert "our half" not in _texts(everything_about(SAM))


def test_whoever_never_wants_contact_keeps_that_when_the_other_is_erased() -> None:
    a_life_of_sam()

    erase(SAM, LATER)

    kept = NeverContact.objects.filter(circle_id=NOA)
    assert {unseal(row.address_sealed) for row in kept} == {MAILS[SAM], NUMBERS[SAM]}
    assert {row.person_id for row in kept} == {None}


def test_nobody_is_erased_while_a_call_of_theirs_is_open() -> None:
    a_ladder((SAM,), (BO,), of=ANA)
    alert = called(ANA)
    before = list(everywhere())

    with pytest.raises(CallOpen, match=alert):
        erase(ANA, LATER)

    assert list(everywhere()) == before


def test_a_step_that_asks_nobody_any_more_goes_and_an_empty_ladder_is_named() -> None:
    a_ladder((SAM,), (BO,), of=ANA)
    a_ladder((SAM,), of=NOA)

    erased = erase(SAM, LATER)

    assert erased.emptied == (NOA,)
    ladder = policy_of(ANA)
    assert ladder is not None
    assert [step.ask for step in ladder.steps] == [(BO,)]
    assert not LadderStep.objects.filter(circle_id=NOA).exists()


def test_somebody_whose_id_is_a_word_of_ours_spoils_nobodys_call() -> None:
    talk = PersonId("talk")
    a_member(talk, of=ANA)
    a_member(BO, of=ANA)
    a_step(talk, BO, of=ANA)
    alert = called(ANA)

    erase(talk, LATER)

    left = load_alert(alert)
    assert left is not None
    assert left.need is Need.TALK
    assert all(talk not in step.ask for step in left.policy.steps)


def _fields_of(module: ModuleType) -> Iterator[tuple[str, str]]:
    for kind in vars(module).values():
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            for field in fields(kind):
                yield field.name, str(field.type)


@pytest.mark.parametrize("module", [state, events, facts, policy], ids=lambda module: module.__name__)
def test_every_field_that_names_people_is_known_and_no_other_bears_such_a_name(module: ModuleType) -> None:
    for name, kind in _fields_of(module):
        names_people = "PersonId" in kind or "Member]" in kind
        assert (name in PERSON_KEYS) == names_people, (module.__name__, name)


def test_renaming_reaches_members_by_id_and_leaves_words_alone() -> None:
    document = {
        "need": "sam",
        "members": {"sam": {"person": "sam"}, "bo": {"person": "bo"}},
        "added": ["sam"],
    }

    assert renamed(document, "sam", "x") == {
        "need": "sam",
        "members": {"x": {"person": "x"}, "bo": {"person": "bo"}},
        "added": ["x"],
    }


def test_a_stranger_can_be_neither_erased_stopped_nor_shown() -> None:
    for act in (erase, stop_all):
        with pytest.raises(NoSuchPerson):
            act("zed", LATER)
    with pytest.raises(NoSuchPerson):
        everything_about("zed")


def test_stopping_everything_ends_every_way_and_what_was_planned() -> None:
    a_ladder((SAM,), (BO,), of=ANA)
    called(ANA)

    stopped = stop_all(SAM, LATER)

    assert (stopped.ways, stopped.open_alert) == (1, None)
    assert not ContactMethod.objects.filter(person=SAM, ended_at=None).exists()
    assert not Notification.objects.filter(person=SAM, status=NotificationStatus.PLANNED).exists()
    assert Notification.objects.filter(person=BO, status=NotificationStatus.PLANNED).exists()


def test_stopping_everything_for_a_caller_stops_what_goes_to_them_and_not_their_call() -> None:
    a_way(ANA)
    a_ladder((SAM,), (BO,), of=ANA)
    alert = called(ANA)
    happens(alert, Acknowledged(person=SAM))
    assert Notification.objects.filter(person=ANA, status=NotificationStatus.PLANNED).exists()

    stopped = stop_all(ANA, LATER)

    assert stopped.open_alert == alert
    assert Alert.objects.get(pk=alert).status == AlertStatus.ACKNOWLEDGED
    assert not Notification.objects.filter(person=ANA, status=NotificationStatus.PLANNED).exists()
    assert stop_all(ANA, LATER).ways == 0


def _texts(value: Any) -> str:
    return json.dumps(value)


def test_what_is_shown_of_a_person_is_theirs_and_nobody_elses() -> None:
    a_life_of_sam()

    shown = _texts(everything_about(SAM))

    assert MAILS[SAM] in shown
    assert "It's Sam." in shown
    for words in ("Sam here.", "Sam says.", "Sam rings.", "At Sam's.", "Sam asked.", "Ring Sam's school."):
        assert words in shown
    assert "Sam is calling" in shown
    # What Ana called it, and what is on her list, is hers.
    assert "otter" in _texts(everything_about(ANA))
    assert "Charger." not in shown
    assert MAILS[BO] not in shown
    # That Noa wants no contact is Noa's.
    assert '"circle": "noa"' not in shown
    assert "hash" not in shown
    assert "token" not in shown
