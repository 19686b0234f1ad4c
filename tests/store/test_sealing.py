"""What a stolen database does not tell, and what happens when the host key changes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from nightlight.store.models import Circle, ContactMethod, Host, NeverContact, Notification
from nightlight.store.resealing import COLUMNS, reseal_in_pieces
from nightlight.store.sealing import (
    ADDRESS,
    CODE,
    UnreadableError,
    look_up_hash,
    look_up_hashes,
    seal,
    token_hash,
    unseal,
)
from tests.factories import a_circle, a_never_contact, a_notification, a_way
from tests.people import NOA, SAM

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32
Use = Callable[..., Any]


def test_what_is_sealed_can_be_read_again_and_does_not_show() -> None:
    sealed = seal("+447700900123")

    assert unseal(sealed) == "+447700900123"
    assert "7700900123" not in sealed
    assert seal("+447700900123") != sealed


def test_text_sealed_with_another_hosts_key_is_refused_without_repeating_it(with_settings: Use) -> None:
    sealed = seal("+447700900123")
    with_settings(keys=(OTHER,))

    with pytest.raises(UnreadableError, match="no host key opens this") as caught:
        unseal(sealed)
    assert sealed not in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-4],
        lambda s: s[:20] + ("B" if s[20] == "A" else "A") + s[21:],
        lambda _: "",
        lambda _: "x",
    ],
)
def test_spoiled_text_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(UnreadableError):
        unseal(spoil(seal("third floor, ring twice")))


def test_what_an_older_key_sealed_is_still_read_and_the_newest_key_seals(with_settings: Use) -> None:
    with_settings(keys=(OLD,))
    sealed = seal("ring twice")
    with_settings(keys=(NEW, OLD))

    assert unseal(sealed) == "ring twice"
    newly = seal("ring twice")
    with_settings(keys=(NEW,))
    assert unseal(newly) == "ring twice"


def test_a_hash_finds_the_same_text_for_the_same_purpose_only() -> None:
    assert look_up_hash("518204", CODE) == look_up_hash("518204", CODE)
    assert look_up_hash("518204", CODE) != look_up_hash("518204", ADDRESS)
    assert look_up_hash("518204", CODE) != look_up_hash("518205", CODE)


def test_look_ups_try_every_keys_hash_the_newest_first(with_settings: Use) -> None:
    with_settings(keys=(OLD,))
    kept = look_up_hash("sam@example.org", ADDRESS)
    with_settings(keys=(NEW, OLD))

    hashes = look_up_hashes("sam@example.org", ADDRESS)
    assert kept in hashes
    assert hashes[0] == look_up_hash("sam@example.org", ADDRESS) != kept


def test_a_token_is_kept_as_its_plain_hash_whatever_the_key(with_settings: Use) -> None:
    kept = token_hash("yJ0dEw7jT9Q")
    with_settings(keys=(OTHER,))

    assert token_hash("yJ0dEw7jT9Q") == kept
    assert len(kept) == 64


def _rows_of_every_kind() -> None:
    way = a_way(SAM, "sms", "+447700900123")
    a_never_contact("+447700900789")
    Circle.objects.filter(pk=a_circle().pk).update(reach_sealed=seal('{"note": "third floor"}'))
    Host.objects.create(ways_sealed=seal("[]"))
    notification = a_notification(way)
    notification.token_sealed = seal("token")
    notification.code_sealed, notification.code_hash = seal("518204"), look_up_hash("518204", CODE)
    notification.address_hash = way.address_hash
    notification.save()


@pytest.mark.django_db
@pytest.mark.both_databases
def test_after_a_new_key_every_row_is_sealed_and_hashed_anew_and_the_old_key_can_go(
    with_settings: Use,
) -> None:
    with_settings(keys=(OLD,))
    _rows_of_every_kind()
    with_settings(keys=(NEW, OLD))

    assert sum(reseal_in_pieces()) == 7

    with_settings(keys=(NEW,))
    way, never, notification = (
        ContactMethod.objects.get(),
        NeverContact.objects.get(),
        Notification.objects.get(),
    )
    assert unseal(way.address_sealed) == "+447700900123"
    assert way.address_hash == look_up_hash("+447700900123", ADDRESS) == notification.address_hash
    assert never.address_hash == look_up_hash("+447700900789", ADDRESS)
    assert unseal(Circle.objects.get().reach_sealed) == '{"note": "third floor"}'
    assert unseal(Host.objects.get().ways_sealed) == "[]"
    assert unseal(notification.token_sealed) == "token"
    assert unseal(notification.code_sealed) == "518204"
    assert notification.code_hash == look_up_hash("518204", CODE)


def test_no_sealed_column_is_forgotten_when_keys_change() -> None:
    sealed = {
        (model._meta.db_table, field.name)
        for model in apps.get_app_config("store").get_models()
        for field in model._meta.get_fields()
        if field.name.endswith("_sealed")
    }

    assert sealed <= {(column.model._meta.db_table, column.field) for column in COLUMNS}


@pytest.mark.django_db
@pytest.mark.both_databases
def test_sealing_anew_goes_in_pieces_and_changes_nothing_a_second_time(with_settings: Use) -> None:
    with_settings(keys=(OLD,))
    for number in range(5):
        a_way(address=f"sam{number}@example.org")
    with_settings(keys=(NEW, OLD))

    assert list(reseal_in_pieces(limit=2)) == [2, 2, 1]
    assert list(reseal_in_pieces(limit=2)) == []


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_row_no_key_opens_is_named_by_table_and_id_after_all_others_are_done(with_settings: Use) -> None:
    with_settings(keys=(OTHER,))
    lost = a_way(NOA)
    with_settings(keys=(OLD,))
    spoiled, sound = a_way(address="spoiled@example.org"), a_way(address="sound@example.org")
    ContactMethod.objects.filter(id=spoiled.id).update(address_sealed=spoiled.address_sealed[:-4])
    with_settings(keys=(NEW, OLD))

    with pytest.raises(UnreadableError) as caught:
        list(reseal_in_pieces())

    assert f"contact_method {lost.id}" in str(caught.value)
    assert f"contact_method {spoiled.id}" in str(caught.value)
    assert "NIGHTLIGHT_KEY" in str(caught.value)
    assert "example.org" not in str(caught.value)
    with_settings(keys=(NEW,))
    assert unseal(ContactMethod.objects.get(id=sound.id).address_sealed) == "sound@example.org"
