"""What doctor says of the lines on which we listen: a mailbox, a chat."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from nightlight import config
from nightlight.intake.channels import listeners, switched_on, use
from nightlight.intake.doctor import QUIET_AFTER, Finding, Grade, look_at_database
from nightlight.store import heartbeats, listener_places
from nightlight.store.dbclock import database_now

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NAME, HOLDER = "imap-1", "worker:1"


@pytest.fixture(autouse=True)
def mail_is_on(db: Any, with_settings: Callable[..., config.Settings]) -> Iterator[None]:
    with_settings(
        smtp_urls=("smtp://127.0.0.1:2525",),
        mail_from="circle@example.org",
        imap_url="imaps://circle:not-for-a-log@mail.example.org",
    )
    switched_on.cache_clear()
    yield
    use(None)


def found() -> Finding:
    [finding] = [each for each in look_at_database(config.current()) if each.about == "listening"]
    return finding


def listened(*, ago: timedelta = timedelta(0)) -> None:
    listener_places.take(NAME, HOLDER, database_now())
    listener_places.keep(NAME, HOLDER, "1:7", database_now() - ago)


def test_before_the_worker_looked_once_it_is_worth_knowing() -> None:
    assert found().grade is Grade.NOTE


def test_a_line_that_works_is_good() -> None:
    listened()
    assert (found().grade, found().says) == (Grade.GOOD, "imap-1 is listened to")


def test_a_broken_line_is_wrong_says_why_and_shows_no_password() -> None:
    listened()
    listener_places.note_trouble(NAME, HOLDER, "auth_refused")
    assert found().grade is Grade.WRONG
    assert "imap-1 does not work (auth_refused; it last did: " in found().says
    assert "not-for-a-log" not in found().says


def test_a_line_that_never_worked_says_so() -> None:
    listener_places.take(NAME, HOLDER, database_now())
    listener_places.note_trouble(NAME, HOLDER, "connection_refused")
    assert "it last did: never" in found().says


def test_a_line_nobody_listens_on_while_the_worker_lives_is_wrong() -> None:
    listened(ago=QUIET_AFTER + timedelta(minutes=1))
    assert found().grade is Grade.GOOD
    heartbeats.beat(HOLDER, 5, database_now())
    assert found().grade is Grade.WRONG
    assert "restart `nightlight serve`" in found().says


def test_where_others_took_the_place_of_the_channels_nobody_listens() -> None:
    assert [line.name for line in listeners()] == [NAME]
    use({})
    assert listeners() == ()
