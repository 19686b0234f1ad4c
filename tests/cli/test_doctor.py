"""What doctor says from the terminal."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.cli.program import Program
from tests.servers.processes import free_port

NO_MAIL = {"NIGHTLIGHT_SMTP_URL": "", "NIGHTLIGHT_MAIL_FROM": ""}


def wrong(report: dict[str, Any]) -> dict[str, str]:
    return {each["about"]: each["says"] for each in report["findings"] if each["grade"] == "wrong"}


def test_a_new_installation_has_nothing_wrong_with_it(program: Program) -> None:
    done = program.run("doctor", "--json", **NO_MAIL)

    report = json.loads(done.out)
    assert wrong(report) == {}
    assert (done.code, report["ok"]) == (0, True)
    assert {"name": "NIGHTLIGHT_NAME", "value": "Nightlight", "source": "default"} in report["settings"]


def test_what_is_wrong_ends_it_with_1_and_no_secret_is_shown(with_circle: Program) -> None:
    server = f"smtp://circle:hunter2hunter2@127.0.0.1:{free_port()}"

    done = with_circle.run("doctor", "--json", NIGHTLIGHT_SMTP_URL=server)

    assert done.code == 1
    found = wrong(json.loads(done.out))
    assert set(found) == {"links", "providers"}
    assert "NIGHTLIGHT_BASE_URL" in found["links"]
    assert "cannot be reached" in found["providers"]
    assert "hunter2" not in done.out + done.err


def test_an_open_call_without_a_worker_is_wrong(program: Program, call: str) -> None:
    done = program.run("doctor", **NO_MAIL)

    assert done.code == 1
    assert "wrong: worker: none runs, and 1 calls are open; start `nightlight serve`" in done.out
    assert "wrong: channels: no channel is on" in done.out


def test_a_key_that_opens_nothing_is_found(with_circle: Program) -> None:
    done = with_circle.run("doctor", "--json", NIGHTLIGHT_KEY="another-key-of-thirty-two-letters-or-more")

    assert done.code == 1
    assert "no key opens" in wrong(json.loads(done.out))["key"]


def test_a_directory_open_to_others_is_found(program: Program) -> None:
    program.good("migrate")
    program.data.chmod(0o755)

    done = program.run("doctor", **NO_MAIL)

    assert done.code == 1
    assert f"chmod 700 {program.data}" in done.out


def test_a_damaged_call_is_found_by_the_first_invariant(program: Program, call: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(program.data / "nightlight.sqlite3")) as database, database:
        database.execute("UPDATE alert SET timer_due = '2099-01-01 00:00:00'")

    found = wrong(json.loads(program.run("doctor", "--json", **NO_MAIL).out))

    assert call in found["calls"]


def test_a_database_that_is_away_is_a_finding_like_any_other(program: Program) -> None:
    url = f"postgresql://nightlight@127.0.0.1:{free_port()}/nightlight"

    done = program.run("doctor", "--json", NIGHTLIGHT_DATABASE_URL=url)

    assert done.code == 1
    assert "NIGHTLIGHT_DATABASE_URL" in wrong(json.loads(done.out))["database"]


def test_a_test_goes_only_to_people_there_are(with_circle: Program) -> None:
    assert with_circle.run("doctor", "--send-test", "zed").code == 2
    done = with_circle.run("doctor", "--send-test", "sam")
    assert done.code == 1
    assert "wrong: test: smtp-1 did not take it for sam (connection_refused)" in done.out
    unasked = with_circle.run("doctor", "--send-test", "noa", **NO_MAIL)
    assert "there is no way to reach noa now" in unasked.out


def test_where_replies_are_handed_in_is_said_for_each_gateway_that_calls(with_circle: Program) -> None:
    port = free_port()
    texts = f"kannel://night:hunter2hunter2@127.0.0.1:{port} twilio-plain://AC1:hunter2hunter2@127.0.0.1:{port}/+447700900888"

    done = with_circle.run("doctor", "--json", NIGHTLIGHT_SMS_URL=texts)

    report = json.loads(done.out)
    hooks = [each["says"] for each in report["findings"] if each["about"] == "hooks"]
    assert [says.partition(" ")[0] for says in hooks] == ["kannel-1", "twilio-1"]
    assert all("/hooks/sms/" in says for says in hooks)
    assert "hunter2" not in done.out + done.err


def test_each_way_that_is_on_says_how_it_fares_and_where_its_gateway_is_to_report(
    with_circle: Program,
) -> None:
    texts = f"kannel://circle:hunter2hunter2@127.0.0.1:{free_port()}?from=+447700900001"

    done = with_circle.run(
        "doctor", NIGHTLIGHT_SMS_URL=texts, NIGHTLIGHT_BASE_URL="https://circle.example.org"
    )

    assert "note: used: smtp: smtp-1 was not tried within 30 days; try it with --send-test" in done.out
    assert (
        "good: hooks: kannel-1 reports and passes replies on to https://circle.example.org/hooks/sms/kannel-1/"
        in done.out
    )
    assert "hunter2" not in done.out + done.err
    # Mail is never reported on by a call to us.
    assert "/hooks/smtp" not in done.out


def test_a_provider_that_took_nothing_is_wrong(program: Program, call: str) -> None:
    with closing(sqlite3.connect(program.data / "nightlight.sqlite3")) as database, database:
        [(notification,)] = database.execute("SELECT id FROM notification WHERE channel = 'smtp' LIMIT 1")
        for number in range(1, 6):
            database.execute(
                "INSERT INTO attempt (id, notification_id, number, lease_token, provider, began_at, ended_at,"
                " outcome, reason, provider_reference, units) VALUES (?, ?, ?, ?, 'smtp-1', datetime('now'),"
                " datetime('now'), 'temporary', 'timeout', '', 0)",
                (f"try{number}", notification, number, f"lease{number}"),
            )

    found = wrong(json.loads(program.run("doctor", "--json").out))

    assert found["used"] == "smtp: smtp-1 took none of 5 messages (timeout); mend its setting"
