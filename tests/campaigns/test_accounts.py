"""The accounts of the crash campaign see every kind of loss; a run that says 0 is worth something."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.campaigns.gateway import Text
from tests.campaigns.ledger import Report, settle_accounts, zero_of
from tests.campaigns.people import Told
from tests.campaigns.service import Service
from tests.campaigns.terminal import chance_for
from tests.campaigns.world import CIRCLES_MAX, Circle, Mind, circles

ANA = Circle(number=7, minds={"sam": Mind.NO, "bo": Mind.YES})
CALLER, SAM, BO = (ANA.id(who) for who in ("ana", "sam", "bo"))
ASK = f"{ANA.caller} asks if you can talk. Reply 123456 if you can, NO if you can't."

TABLES = """
CREATE TABLE alert (id, person_id, status);
CREATE TABLE event (alert_id, kind, body);
CREATE TABLE notification (id, alert_id, person_id, purpose, status, why);
CREATE TABLE attempt (id, notification_id, outcome);
CREATE TABLE timeline_entry (id, alert_id, what, who);
"""
WELL = f"""
INSERT INTO alert VALUES ('call', '{CALLER}', 'resolved');
INSERT INTO event VALUES ('call', 'Declined', '{{"person": "{SAM}"}}');
INSERT INTO event VALUES ('call', 'Acknowledged', '{{"person": "{BO}"}}');
INSERT INTO notification VALUES ('n1', 'call', '{SAM}', 'ask', 'accepted', '');
INSERT INTO notification VALUES ('n2', 'call', '{BO}', 'ask', 'accepted', '');
INSERT INTO attempt VALUES ('a1', 'n1', 'accepted');
INSERT INTO attempt VALUES ('a2', 'n2', 'accepted');
"""  # noqa: S608  (made-up people, above)


def texts() -> list[Text]:
    return [
        Text(to=ANA.phone("sam"), text=ASK, attempt="a1"),
        Text(to=ANA.phone("bo"), text=ASK, attempt="a2"),
    ]


def told() -> Told:
    return Told(
        calls={CALLER: "call"}, answers=[(CALLER, SAM, Mind.NO), (CALLER, BO, Mind.YES)], ends=[CALLER]
    )


@pytest.fixture
def account(tmp_path: Path) -> Callable[..., Report]:
    """Do the accounts of one call that went well, after *change* to what the database kept of it."""

    def do(change: str = "", sent: list[Text] | None = None) -> Report:
        service = Service(tmp_path, "http://127.0.0.1:9", {"NIGHTLIGHT_DATABASE_URL": ""})
        with closing(sqlite3.connect(service.database_file)) as connection:
            connection.executescript(TABLES + WELL + change)
        report = Report(database="sqlite", seed=1, calls_wanted=1)
        settle_accounts(report, service, [ANA], told(), texts() if sent is None else sent)
        return report

    return do


def test_a_run_in_which_nothing_was_lost_has_no_faults(account: Callable[..., Report]) -> None:
    report = account()

    assert report.faults == []
    assert (report.messages_accepted, report.messages_repeated, report.most_of_one) == (2, 0, 1)
    assert "first asks lost      0 of 1 (95 % bound 3/n: below 3)" in report.as_text()


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("DELETE FROM alert", ["1 alerts lost", "1 ends lost"]),
        ("DELETE FROM event WHERE kind = 'Declined'", ["1 answers lost"]),
        ("UPDATE event SET kind = 'Declined'", ["1 answers lost"]),
        ("UPDATE alert SET status = 'exhausted'", ["1 ends lost"]),
        ("DELETE FROM attempt WHERE id = 'a2'", ["1 texts sent before they were recorded"]),
    ],
)
def test_what_the_database_did_not_keep_is_found(
    account: Callable[..., Report], change: str, faults: list[str]
) -> None:
    assert account(change).faults == faults


def test_a_first_ask_that_never_left_is_lost(account: Callable[..., Report]) -> None:
    report = account(sent=texts()[1:])

    assert report.faults == ["1 first asks lost"]
    assert report.examples[0].startswith(f"ask of {SAM}; timeline:")


def test_one_that_died_with_its_worker_and_was_overtaken_is_not_lost(account: Callable[..., Report]) -> None:
    report = account(
        "UPDATE notification SET status = 'unknown' WHERE id = 'n1';"
        "UPDATE attempt SET outcome = 'unknown' WHERE id = 'a1'",
        sent=texts()[1:],
    )

    assert report.faults == []
    assert report.first_asks_overtaken == 1


def test_one_that_was_put_away_without_a_try_is_lost(account: Callable[..., Report]) -> None:
    report = account(
        "UPDATE notification SET status = 'cancelled' WHERE id = 'n1'; DELETE FROM attempt WHERE id = 'a1'",
        sent=texts()[1:],
    )

    assert report.faults == ["1 first asks lost"]


def test_a_text_to_somebody_who_never_agreed_is_found(account: Callable[..., Report]) -> None:
    kit = Text(to=ANA.phone("kit"), text=ASK, attempt="a1")

    assert account(sent=[*texts(), kit]).texts_to_strangers == 1


def test_a_text_about_a_call_of_another_circle_is_found(account: Callable[..., Report]) -> None:
    crossed = Text(to=ANA.phone("sam"), text=ASK.replace(ANA.caller, "Ana 00008"), attempt="a1")

    assert account(sent=[*texts(), crossed]).texts_to_strangers == 1


@pytest.mark.parametrize(("times", "faults"), [(4, []), (5, ["1 messages sent more than 4 times"])])
def test_four_of_one_message_are_borne_and_five_are_not(
    account: Callable[..., Report], times: int, faults: list[str]
) -> None:
    report = account(sent=[texts()[1], *texts()[:1] * times])

    assert report.faults == faults
    assert (report.messages_repeated, report.most_of_one) == (1, times)


def test_a_call_that_was_never_acknowledged_is_found() -> None:
    assert Report(database="sqlite", seed=1, calls_wanted=1).faults == ["1 calls never acknowledged"]


def test_beside_every_zero_stands_what_it_is_worth() -> None:
    assert zero_of(0, 2000) == "0 of 2000 (95 % bound 3/n: below 0.0015)"
    assert zero_of(1, 2000) == "1 of 2000"


def test_no_two_people_share_a_telephone_number() -> None:
    many = circles(CIRCLES_MAX, chance_for(1, "circles"))
    numbers = [circle.phone(who) for circle in many for who in ("sam", "bo", "kit")]

    assert len(set(numbers)) == len(numbers)
    with pytest.raises(ValueError, match="another seed"):
        circles(CIRCLES_MAX + 1, chance_for(1, "circles"))
