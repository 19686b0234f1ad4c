"""The house of the pages' tests and the world of the worker's, and a night whose every page was looked at."""

from collections.abc import Mapping

import pytest

from tests.nevers.night import night
from tests.web.conftest import channels, house
from tests.web.house import House
from tests.worker.conftest import channels_on, world

__all__ = ["channels", "channels_on", "house", "pages", "world"]


@pytest.fixture
def pages(house: House) -> Mapping[str, str]:
    """Every page of a whole night, by what it shows."""
    return night(house)
