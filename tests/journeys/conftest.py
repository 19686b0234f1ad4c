"""One running service for all journeys of a database; each journey brings circles of its own."""

from collections.abc import Iterator

import pytest

from tests.journeys.house import House, house


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def harbour(request: pytest.FixtureRequest) -> Iterator[House]:
    """The service, with a real mail server and a real text gateway."""
    with house(on_postgres=request.param == "postgresql") as running:
        yield running
