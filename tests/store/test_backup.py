"""A copy of what is kept, and what becomes of open calls when it is put back."""

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from nightlight.engine.events import Declined, StillNeeded
from nightlight.engine.state import AlertStatus
from nightlight.store import backup
from nightlight.store.advance import advance
from nightlight.store.backup import (
    as_draft,
    held_calls,
    holds_anything,
    make_tables,
    put_back,
    release,
    write_backup,
)
from nightlight.store.backup_file import BackupError
from nightlight.store.heartbeats import beat
from nightlight.store.models import Alert, LadderStep, Person
from nightlight.store.withdrawals import Moment
from tests.factories import a_ladder, a_person, an_alert
from tests.people import ANA, KIT, NOA, NOON, SAM
from tests.store.test_erasure import called

LATER = Moment(now=NOON + timedelta(hours=1), channels_on=frozenset({"smtp"}))


@pytest.fixture
def whole_database(transactional_db: None) -> Iterator[None]:
    """A database of its own: copying one and replacing one is not undone by a rollback."""
    yield
    connection.close()


only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite's own ways")


def emptied() -> None:
    call_command("flush", interactive=False, verbosity=0)


@pytest.mark.both_databases
@pytest.mark.usefixtures("whole_database")
def test_a_copy_is_one_file_for_its_owner_and_holds_everything(tmp_path: Path) -> None:
    a_person(SAM)

    write_backup(tmp_path / "copy")

    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT id FROM person").fetchall() == [(SAM,)]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.usefixtures("whole_database")
def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("precious")

    with pytest.raises(BackupError, match="there already"):
        write_backup(tmp_path / "copy")

    assert (tmp_path / "copy").read_text() == "precious"


@pytest.mark.both_databases
@pytest.mark.usefixtures("whole_database")
def test_what_is_put_back_is_what_was_copied_with_open_calls_held(tmp_path: Path) -> None:
    open_one = an_alert(ANA).pk
    over = an_alert(NOA, status=AlertStatus.RESOLVED, timer_due=None).pk
    write_backup(tmp_path / "copy")
    emptied()

    calls = put_back(tmp_path / "copy")

    assert [(call.alert, call.person, call.raised_at) for call in calls] == [(open_one, ANA, NOON)]
    assert held_calls() == [open_one]
    assert not Alert.objects.get(pk=over).waits_for_host
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)


@pytest.mark.both_databases
@pytest.mark.usefixtures("whole_database")
def test_a_row_that_is_made_afterwards_has_a_number_of_its_own(tmp_path: Path) -> None:
    a_ladder((SAM,))
    before = LadderStep.objects.get().pk
    write_backup(tmp_path / "copy")
    emptied()
    put_back(tmp_path / "copy")

    a_ladder((KIT,), of=NOA)

    assert LadderStep.objects.exclude(pk=before).get().pk > before


@pytest.mark.both_databases
@pytest.mark.usefixtures("whole_database")
def test_nothing_is_put_back_over_people_who_are_there(tmp_path: Path) -> None:
    write_backup(tmp_path / "copy")
    a_person(SAM)

    with pytest.raises(BackupError, match="already"):
        put_back(tmp_path / "copy")

    assert Person.objects.filter(pk=SAM).exists()


@pytest.mark.usefixtures("whole_database")
def test_a_sign_of_life_alone_is_nothing_to_keep() -> None:
    assert not holds_anything()
    beat("here", 1, NOON)
    assert not holds_anything()
    a_person(SAM)
    assert holds_anything()


def spoiled(copy: Path, to: Path, spoil: Callable[[bytearray], None]) -> Path:
    written = bytearray(copy.read_bytes())
    spoil(written)
    to.write_bytes(written)
    return to


def flip(at: int) -> Callable[[bytearray], None]:
    def one_bit(written: bytearray) -> None:
        written[at] ^= 1

    return one_bit


def cut(at: int) -> Callable[[bytearray], None]:
    return lambda written: written.__delitem__(slice(at, None))


@pytest.mark.both_databases
@pytest.mark.usefixtures("whole_database")
def test_what_is_no_backup_cut_or_changed_changes_nothing(tmp_path: Path) -> None:
    a_person(SAM)
    write_backup(tmp_path / "copy")
    emptied()
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "words").write_text("These are words. " * 500)
    (tmp_path / "other").write_bytes(b"")
    with closing(sqlite3.connect(tmp_path / "other")) as other, other:
        other.execute("CREATE TABLE cakes (name text)")
    name = whole.index(b"Sam")
    cases: tuple[tuple[str, Callable[[bytearray], None], str], ...] = (
        ("half", cut(len(whole) // 2), "its end is missing"),
        ("without its last line", cut(len(whole) - 30), "not as it was written"),
        ("of another name", flip(name), "not as it was written"),
        ("of another count", flip(whole.index(b'"person": 1') + 10), "not as it was written"),
        ("without its head", flip(0), "no backup"),
    )
    for said, spoil, says in cases:
        with pytest.raises(BackupError, match=says):
            put_back(spoiled(tmp_path / "copy", tmp_path / said, spoil))
    for said, says in (("words", "no backup"), ("other", "no backup"), ("none", "no file")):
        with pytest.raises(BackupError, match=says):
            put_back(tmp_path / said)
    assert not holds_anything()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == []


@pytest.mark.usefixtures("whole_database")
def test_one_of_a_later_version_is_refused_and_one_of_before_there_were_accounts_is_taken(
    tmp_path: Path,
) -> None:
    a_person(SAM)
    write_backup(tmp_path / "copy")
    emptied()
    for name, said in (("later", "later version"), ("sound", ""), ("unsound", "damaged|no backup")):
        file = spoiled(
            tmp_path / "copy", tmp_path / name, cut((tmp_path / "copy").read_bytes().rindex(b'{"nightlight'))
        )
        if name == "later":
            with closing(sqlite3.connect(file)) as copy, copy:
                copy.execute(
                    "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_later', '2030-01-01')"
                )
        if name == "unsound":
            emptied()
            file.write_bytes(file.read_bytes()[: 4096 * 20] + bytes(4096) + file.read_bytes()[4096 * 21 :])
        if said:
            with pytest.raises(BackupError, match=said):
                put_back(file)
        else:
            put_back(file)
            assert Person.objects.get().pk == SAM


@pytest.mark.usefixtures("whole_database")
def test_the_tables_of_a_copy_of_postgresql_are_those_that_migrations_make(tmp_path: Path) -> None:
    with as_draft(tmp_path / "draft") as draft:
        make_tables(draft)
    made = shape(sqlite3.connect(tmp_path / "draft"))

    connection.ensure_connection()
    assert made == shape(connection.connection)


def shape(database: sqlite3.Connection) -> dict[str, object]:
    """Columns, references and indexes of every table, whatever their order."""
    names = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if name != "sqlite_sequence"
    ]
    return {
        name: (
            sorted(row[1:] for row in database.execute(f"PRAGMA table_info({name})")),
            sorted(row[2:5] for row in database.execute(f"PRAGMA foreign_key_list({name})")),
            sorted(
                str((row[1].startswith("sqlite_autoindex") or row[1], row[2:], sorted(
                    column[2] for column in database.execute(f"PRAGMA index_info('{row[1]}')")
                )))
                for row in database.execute(f"PRAGMA index_list({name})")
            ),
        )
        for name in names
    }  # fmt: skip


@only_sqlite
@pytest.mark.usefixtures("whole_database")
def test_another_process_that_writes_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_backup(tmp_path / "copy")
    monkeypatch.setattr(backup, "BUSY_TRIES_MAX", 1)
    connection.ensure_connection()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        connection.connection.execute("PRAGMA busy_timeout = 10")

        with pytest.raises(BackupError, match="another process"):
            put_back(tmp_path / "copy")


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_call_that_is_let_go_on_has_its_whole_wait_again() -> None:
    a_ladder((SAM,))
    alert = called(ANA)
    Alert.objects.update(waits_for_host=True)

    assert release(alert, LATER)

    row = Alert.objects.get(pk=alert)
    assert not row.waits_for_host
    assert row.timer_due == LATER.now + timedelta(minutes=5)
    assert not release(alert, LATER)
    assert Alert.objects.get(pk=alert).version == row.version


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_call_that_is_set_aside_is_let_go_on_as_it_is() -> None:
    alert = an_alert(ANA)
    Alert.objects.update(waits_for_host=True, poisoned_at=NOON, poison_tries=3, poison_next_at=NOON)

    assert release(alert.pk, LATER)

    row = Alert.objects.get(pk=alert.pk)
    assert (row.waits_for_host, row.poison_tries) == (False, 3)
    assert held_calls() == []


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_held_call_goes_on_by_the_callers_own_word_and_not_by_a_timer() -> None:
    a_ladder((SAM,))
    alert = called(ANA)
    Alert.objects.update(waits_for_host=True)
    on = LATER.channels_on

    advance(alert, Declined(person=SAM), now=LATER.now, channels_on=on)
    assert held_calls() == [alert]
    advance(alert, StillNeeded(), now=LATER.now, channels_on=on)

    assert held_calls() == []
