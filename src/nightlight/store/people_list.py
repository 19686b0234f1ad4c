"""Everybody there is, by name: for the one place where the host chooses among them."""

from nightlight.store.models import Person


def people() -> list[tuple[str, str]]:
    """Id and name of everybody, by name."""
    return list(Person.objects.order_by("name", "pk").values_list("pk", "name"))


def is_person(person: str) -> bool:
    """Whether anybody has this id."""
    return Person.objects.filter(pk=person).exists()
