"""A supporter's own page: the link that opens it, and what they agreed to as they may see it.

Nothing here speaks of other members, of the ladder or of a call: a supporter learns of the one whose
circle it is by name, and of nobody else.
"""

from datetime import datetime

from django.db import transaction

from nightlight import chance
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.models import Person, SupporterLink
from nightlight.store.sealing import token_hash

TOKEN_BYTES = 24


def new_supporter_link(person: str, now: datetime) -> str:
    """A token for *person*'s own page as a supporter; the ones before stop working. Raises `NoSuchPerson`."""
    token = chance.new_token(TOKEN_BYTES)
    with transaction.atomic():
        # Two made at once must not both stay good.
        if not Person.objects.select_for_update().filter(pk=person).exists():
            raise NoSuchPerson(person)
        SupporterLink.objects.filter(person_id=person, replaced_at=None).update(replaced_at=now)
        SupporterLink.objects.create(token_hash=token_hash(token), person_id=person, created_at=now)
    return token


def supporter_of_link(token: str, _now: datetime) -> str | None:
    """Whose own page *token* opens, or None, whatever the reason."""
    rows = SupporterLink.objects.filter(token_hash=token_hash(token), replaced_at=None)
    return rows.values_list("person_id", flat=True).first()
