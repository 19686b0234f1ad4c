"""Mail and text are on, and both are simulated."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nightlight import clock, config
from nightlight.channels.sample import SamplePhones
from nightlight.intake.channels import SAMPLE_DIRECTORY, switched_on
from tests.worker.rounds import TestClock
from tests.worker.world import World


@pytest.fixture
def channels_on(with_settings: Callable[..., config.Settings]) -> Iterator[None]:
    """What intake takes for switched on; nothing is sent to these addresses."""
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
def world(db: Any, channels_on: None) -> World:
    """An empty world at noon."""
    return World()


@pytest.fixture
def the_clock(monkeypatch: pytest.MonkeyPatch) -> TestClock:
    made = TestClock()
    monkeypatch.setattr(clock, "boottime", lambda: made.booted)
    return made


@pytest.fixture
def phones(with_settings: Callable[..., config.Settings], tmp_path: Path) -> Iterator[SamplePhones]:
    """The channels of `try`: the whole way of a message but for leaving the machine."""
    (tmp_path / SAMPLE_DIRECTORY).mkdir()
    with_settings(data=tmp_path)
    switched_on.cache_clear()
    yield SamplePhones(tmp_path / SAMPLE_DIRECTORY)
    switched_on.cache_clear()
