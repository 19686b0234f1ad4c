"""A house whose pages are looked at."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from nightlight import config
from nightlight.intake.channels import switched_on
from nightlight.web import views
from tests.web.house import House
from tests.web.ways_out import desk_of_ways, mail, texts

__all__ = ["desk_of_ways", "mail", "texts"]


def tells_the_time() -> list[str]:
    """Every module of pages that asks what time it is."""
    found = [f"nightlight.web.views.{module.name}" for module in iter_modules(views.__path__)]
    found.append("nightlight.web.session")
    return [name for name in found if hasattr(import_module(name), "database_now")]


@pytest.fixture
def channels(with_settings: Callable[..., config.Settings]) -> Iterator[None]:
    """Mail and text are on. Nothing is sent here: that is the worker's work."""
    with_settings(
        base_url="https://circle.example.org",
        smtp_urls=("smtp://127.0.0.1:2525",),
        mail_from="circle@example.org",
        sms_urls=("kannel://user:secret@127.0.0.1:13013?from=12345",),
    )
    switched_on.cache_clear()
    yield
    switched_on.cache_clear()


@pytest.fixture
def house(db: Any, channels: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house; what its pages take for the time is what it says."""
    made = House()
    for module in tells_the_time():
        monkeypatch.setattr(f"{module}.database_now", lambda: made.now)
    return made
