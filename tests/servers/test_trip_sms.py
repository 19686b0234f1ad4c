"""The round trip of a text, as `make channels` makes it."""

import pytest

from tests.servers.trips.sms import trip


@pytest.mark.servers
def test_a_text_goes_there_and_back_by_each_of_two_providers() -> None:
    said: list[str] = []

    trip(said.append)

    assert [line.partition(",")[0] for line in said] == [
        "sms: on the phone through Kannel",
        "sms: Kannel gone",
    ]
