"""A supporter's own page: the link that opens it."""

from datetime import datetime

from nightlight import chance
from nightlight.store.models import Person, SupporterLink
from nightlight.store.sealing import token_hash

TOKEN_BYTES = 24


def new_supporter_link(person: str, now: datetime) -> str:
    """A token for the own page of *person*; the ones before stop working."""
    token = chance.new_token(TOKEN_BYTES)
    Person.objects.select_for_update().get(pk=person)
    SupporterLink.objects.filter(person_id=person, replaced_at=None).update(replaced_at=now)
    SupporterLink.objects.create(token_hash=token_hash(token), person_id=person, created_at=now)
    return token


def supporter_of_link(token: str, now: datetime) -> str | None:  # noqa: ARG001
    """Whose own page *token* opens, or None."""
    rows = SupporterLink.objects.filter(token_hash=token_hash(token), replaced_at=None)
    return rows.values_list("person_id", flat=True).first()
