"""What the environment may say, and what is said back when it is wrong."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nightlight import config
from nightlight.config import SettingError, host_keys, load
from nightlight.config_report import in_force

KEY = "k" * 32
ENOUGH = {"HOME": "/people/mira"}


def test_without_any_setting_everything_has_a_safe_default() -> None:
    settings = load(ENOUGH)

    assert settings.data == Path("/people/mira/.local/share/nightlight")
    assert settings.base_url == "http://127.0.0.1:8000"
    assert not settings.uses_postgresql
    assert settings.smtp_urls == settings.sms_urls == ()
    assert settings.name == "Nightlight"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_DATA_HOME": "/srv/data"}, "/srv/data/nightlight"),
        ({"XDG_DATA_HOME": "relative"}, "/people/mira/.local/share/nightlight"),
        ({"NIGHTLIGHT_DATA": "/srv/circle", "XDG_DATA_HOME": "/srv/data"}, "/srv/circle"),
        ({"NIGHTLIGHT_DATA": " "}, "/people/mira/.local/share/nightlight"),
    ],
)
def test_the_data_directory_is_the_one_named_or_the_desktops(
    environ: Mapping[str, str], expected: str
) -> None:
    assert load({**ENOUGH, **environ}).data == Path(expected)


def test_a_directory_on_the_command_line_beats_the_environment() -> None:
    settings = load(ENOUGH | {"NIGHTLIGHT_DATA": "/srv/circle"}, data="/srv/other")

    assert settings.data == Path("/srv/other")
    assert settings.sources["NIGHTLIGHT_DATA"] == "--data"


def test_every_setting_is_read() -> None:
    settings = load(
        ENOUGH
        | {
            "NIGHTLIGHT_KEY": f"{'n' * 32}, {'o' * 32}\n{'p' * 32}",
            "NIGHTLIGHT_DATABASE_URL": "postgresql://mira:pw@db1,db2:5433/circle",
            "NIGHTLIGHT_BASE_URL": "https://circle.example.org/",
            "NIGHTLIGHT_SMTP_URL": "smtp://mail1.example.org:25  smtps://mail2.example.org",
            "NIGHTLIGHT_MAIL_FROM": "circle@example.org",
            "NIGHTLIGHT_SMS_URL": "kannel://user:pw@127.0.0.1:13013?from=%2B447700900000",
            "NIGHTLIGHT_WATCHDOG_URL": "https://watch.example.org/ping/5c1f",
            "NIGHTLIGHT_NAME": "Harbour House",
            "NIGHTLIGHT_PROXIES": "127.0.0.1, 192.0.2.0/24 ::1",
        }
    )

    assert settings.keys == ("n" * 32, "o" * 32, "p" * 32)
    assert settings.uses_postgresql
    assert (settings.base_url, settings.base_host, settings.is_https) == (
        "https://circle.example.org", "circle.example.org", True,
    )  # fmt: skip
    assert settings.smtp_urls == ("smtp://mail1.example.org:25", "smtps://mail2.example.org")
    assert settings.mail_from == "circle@example.org"
    assert len(settings.sms_urls) == 1
    assert settings.name == "Harbour House"
    assert [str(network) for network in settings.proxies] == ["127.0.0.1/32", "192.0.2.0/24", "::1/128"]


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("NIGHTLIGHT_KEY", "too-short", "at least 32"),
        ("NIGHTLIGHT_KEY", f"{KEY} {KEY}", "given twice"),
        ("NIGHTLIGHT_DATABASE_URL", "db.example.org", "postgresql://"),
        ("NIGHTLIGHT_DATABASE_URL", "mysql://mira:hunter2@db/circle", "postgresql://"),
        ("NIGHTLIGHT_BASE_URL", "circle.example.org", "https://circle.example.org"),
        ("NIGHTLIGHT_BASE_URL", "https://circle.example.org/nightlight", "without a path"),
        ("NIGHTLIGHT_BASE_URL", "http://127.0.0.1:99999", "http://127.0.0.1:8000"),
        ("NIGHTLIGHT_SMTP_URL", "mail.example.org", "scheme://host:port"),
        ("NIGHTLIGHT_SMTP_URL", "smtp://ok.example.org [", "address 2"),
        ("NIGHTLIGHT_MAIL_FROM", "Circle <circle@example.org>", "circle@example.org"),
        ("NIGHTLIGHT_SMS_URL", "kannel:", "scheme://host:port"),
        ("NIGHTLIGHT_WATCHDOG_URL", "ftp://watch.example.org", "https://"),
        ("NIGHTLIGHT_EXIT_URL", "javascript:alert(1)", "https://"),
        ("NIGHTLIGHT_NAME", "x" * 41, "at most 40"),
        ("NIGHTLIGHT_NAME", "two\nlines", "one line"),
        ("NIGHTLIGHT_PROXIES", "127.0.0.1 everywhere", "192.0.2.0/24"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_with_what_would_be_right(
    name: str, value: str, right: str
) -> None:
    with pytest.raises(SettingError) as caught:
        load(ENOUGH | {name: value})

    assert str(caught.value).startswith(name)
    assert right in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_secret_can_be_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")

    assert load(ENOUGH | {"NIGHTLIGHT_KEY_FILE": str(tmp_path / "key")}).keys == (KEY,)


def test_a_setting_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)

    with pytest.raises(SettingError, match="both set"):
        load(ENOUGH | {"NIGHTLIGHT_KEY": KEY, "NIGHTLIGHT_KEY_FILE": str(tmp_path / "key")})


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_file_without_the_setting_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingError, match=r"NIGHTLIGHT_KEY_FILE: .*key "):
        load(ENOUGH | {"NIGHTLIGHT_KEY_FILE": str(path)})


def test_reading_settings_creates_nothing(tmp_path: Path) -> None:
    load(ENOUGH, data=tmp_path / "new")

    assert not (tmp_path / "new").exists()


def test_a_missing_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = load(ENOUGH, data=tmp_path / "new")

    keys = host_keys(settings)

    assert host_keys(settings) == keys
    assert len(keys[0]) >= config.KEY_CHARACTERS_MIN
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert list(settings.data.iterdir()) == [settings.key_file]


def test_a_given_key_makes_no_key_file(tmp_path: Path) -> None:
    settings = load(ENOUGH | {"NIGHTLIGHT_KEY": KEY}, data=tmp_path / "new")

    assert host_keys(settings) == (KEY,)
    assert not settings.data.exists()


def test_processes_that_start_together_end_up_with_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from nightlight.config import host_keys, load;"
        " sys.stdin.read(); print(host_keys(load(data=sys.argv[1]))[0])"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "new")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")},
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.close()
        process.stdin = None
    keys = {process.communicate(timeout=60)[0] for process in processes}

    assert len(keys) == 1
    assert len(keys.pop()) > config.KEY_CHARACTERS_MIN


def test_a_spoiled_key_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short\n")

    with pytest.raises(SettingError, match="the key file"):
        host_keys(load(ENOUGH, data=tmp_path))
    assert (tmp_path / "key").read_text() == "short\n"


def test_a_data_directory_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingError, match="NIGHTLIGHT_DATA"):
        config.prepare_data(load(ENOUGH, data=tmp_path / "file" / "below"))


def test_what_is_in_force_shows_every_setting_and_no_secret() -> None:
    settings = load(
        ENOUGH
        | {
            "NIGHTLIGHT_KEY": KEY,
            "NIGHTLIGHT_DATABASE_URL": "postgresql://mira:hunter2@db1,db2/circle?sslpassword=hunter2&sslmode=require",
            "NIGHTLIGHT_SMTP_URL": "smtp://mira:hunter2@mail.example.org:587",
            "NIGHTLIGHT_SMS_URL": "kannel://user:hunter2@127.0.0.1:13013/cgi-bin/sendsms?from=1234",
            "NIGHTLIGHT_WATCHDOG_URL": "https://watch.example.org/hunter2",
        }
    )

    shown = {line.name: (line.value, line.source) for line in in_force(settings)}

    assert shown["NIGHTLIGHT_DATABASE_URL"] == (
        "postgresql://***@db1,db2/circle?sslpassword=***&sslmode=require", "environment",
    )  # fmt: skip
    assert shown["NIGHTLIGHT_SMTP_URL"][0] == "smtp://***@mail.example.org:587"
    assert shown["NIGHTLIGHT_SMS_URL"][0] == "kannel://***@127.0.0.1:13013/cgi-bin/sendsms?from=1234"
    assert shown["NIGHTLIGHT_WATCHDOG_URL"][0] == "https://watch.example.org/***"
    assert shown["NIGHTLIGHT_KEY"] == ("1 given", "environment")
    assert shown["NIGHTLIGHT_MAIL_FROM"] == ("none", "default")
    assert list(shown) == list(config.NAMES)
    assert not any(secret in f"{shown}{settings!r}" for secret in ("hunter2", KEY))


def test_a_database_in_libpqs_own_form_is_taken_and_shown_without_its_passwords() -> None:
    given = (
        "host=db1,db2 dbname=circle user=mira password = 'hunter2 it\\'s' sslpassword=hunter2 sslmode=require"
    )

    settings = load(ENOUGH | {"NIGHTLIGHT_KEY": KEY, "NIGHTLIGHT_DATABASE_URL": given})

    [shown] = [line.value for line in in_force(settings) if line.name == "NIGHTLIGHT_DATABASE_URL"]
    assert shown == "host=db1,db2 dbname=circle user=mira password = *** sslpassword=*** sslmode=require"
