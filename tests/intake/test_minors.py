"""The host's rule for minors: kept from the file, written back, and what it asks of a circle."""

import pytest

from nightlight.intake.minors import NotReady, reasons
from nightlight.store.circles import import_host
from nightlight.store.circles_read import host_entry
from nightlight.store.entries import HostEntry, MinorsRule
from nightlight.store.minors import YoungCircle, host_rule
from nightlight.store.models import Host


@pytest.mark.django_db
@pytest.mark.both_databases
def test_the_hosts_rule_is_kept_and_comes_back() -> None:
    entry = HostEntry(
        name="Harbour House", anyone_may_begin=True, adult_age=18, minors="approve", minors_approved_by="Mira"
    )
    assert host_rule().adult_age is None
    assert host_rule().rule is MinorsRule.WELCOME

    assert import_host(entry)
    assert import_host(entry) == []
    assert host_entry(Host.objects.get()) == entry
    assert (host_rule().rule, host_rule().approved_by) == (MinorsRule.APPROVE, "Mira")


def circle(
    *, is_minor: bool = True, approved: bool = True, parents: int = 0, adults: int = 1
) -> frozenset[NotReady]:
    return reasons(
        YoungCircle(
            is_minor=is_minor,
            must_be_approved=True,
            is_approved=approved,
            parents=parents,
            adults_on_ladder=adults,
        )
    )


def test_the_rule_asks_for_approval_one_adult_and_one_parent_at_most() -> None:
    assert circle(parents=1) == set()
    assert circle(approved=False) == {NotReady.NOT_APPROVED}
    assert circle(parents=2) == {NotReady.TWO_PARENTS}
    assert circle(adults=0) == {NotReady.NO_ADULT}
    assert circle(is_minor=False, approved=False, parents=2, adults=0) == set()
