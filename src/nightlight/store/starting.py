"""How a person begins, and what the host's rule for minors asks first."""

from nightlight.store.models import Person


def may_invite(person: str) -> bool:
    """Whether *person* may invite anybody: a minor only after the approval that the host's rule asks for."""
    row = Person.objects.get(pk=person)
    return not row.is_minor or row.approved_at is not None
