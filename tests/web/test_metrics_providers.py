"""Numbers of each provider, by the name it has in the settings."""

import pytest

from nightlight.store.models import Attempt, NotificationStatus
from tests.factories import a_notification, a_way
from tests.people import SAM
from tests.web.house import House
from tests.web.test_metrics import numbers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_tries_are_counted_by_the_providers_own_names_and_those_of_others_together(house: House) -> None:
    texts = a_notification(a_way(SAM, "sms"), status=NotificationStatus.FAILED)
    for number, provider in enumerate(("sms-1", "sms-1", "sms-2", "mira-laptop"), start=1):
        Attempt.objects.create(
            id=f"try{number}",
            notification=texts,
            number=number,
            lease_token=f"lease{number}",
            provider=provider,
            began_at=house.now,
            ended_at=house.now,
            outcome="temporary",
        )
    found = numbers(house)

    assert found["provider_attempts_last_hour", "sms", "temporary", "kannel-1"] == 2
    assert found["provider_attempts_last_hour", "sms", "temporary", "other"] == 2
    assert found["provider_attempts_last_hour", "sms", "accepted", "kannel-1"] == 0
    assert found["provider_attempts_last_hour", "smtp", "unknown", "smtp-1"] == 0
    assert found["attempts_last_hour", "sms", "temporary"] == 4
