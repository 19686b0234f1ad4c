"""Check-ins in the host's file: what begins to run, what never does, and what she changed herself."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from nightlight.engine.checkin import OnMiss
from nightlight.engine.ids import PersonId
from nightlight.intake import checkin
from nightlight.intake.alert import take_circle_back
from nightlight.intake.circle import ImportReport, export_circles, import_circles
from nightlight.intake.circle_file import parse_circle_file
from nightlight.intake.place import live_by
from nightlight.store.circles import ChangeKind
from nightlight.store.entries import CheckInEntry
from nightlight.store.models import CheckIn, CheckInWindow, Circle, Person
from tests.factories import a_check_in
from tests.people import ANA, BO, NOON, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON = frozenset({"smtp", "sms"})
EVENING = 'id = "evening", at = "21:00", on_miss = "call", agreed_on = 2026-11-01'
NINE = datetime(2026, 11, 21, 21, tzinfo=UTC)


def file(*check_ins: str, zone: str = "Europe/Lisbon") -> str:
    said = ", ".join(f"{{{each}}}" for each in check_ins)
    return f"""
[[people]]
id = "ana"
name = "Ana"
time_zone = "{zone}"

[[people]]
id = "sam"
name = "Sam"
ways = [ {{channel = "smtp", to = "sam@example.org"}} ]

[[people]]
id = "bo"
name = "Bo"
ways = [ {{channel = "smtp", to = "bo@example.org"}} ]

[[circles]]
person = "ana"
members = [ {{person = "sam", agreed_on = 2026-11-01}}, {{person = "bo", agreed_on = 2026-11-01}} ]
ladder = [ {{ask = ["sam"]}} ]
check_ins = [ {said} ]
"""


def bring(text: str, *, prune: bool = False, dry_run: bool = False, now: datetime = NOON) -> ImportReport:
    document = parse_circle_file(text.encode(), file="circle.toml", today=now.date())
    return import_circles(document, now=now, prune=prune, dry_run=dry_run, channels_on=ON)


def lines(report: ImportReport) -> list[str]:
    return [f"{each.kind}: {each.what}" for each in report.changes if "check-in" in each.what]


def evening() -> CheckIn:
    return CheckIn.objects.get(key="evening")


def test_with_the_day_she_agreed_it_runs_from_the_next_time_on() -> None:
    report = bring(file(EVENING))
    row = evening()
    assert lines(report) == ["added: check-in evening of ana"]
    assert (row.on_since, row.window_due, row.looks_at) == (NOON, NINE, NINE)
    assert row.token_sealed


def test_without_it_stays_off_until_she_switches_it_on() -> None:
    report = bring(file('id = "evening", at = "21:00"'))
    assert lines(report) == ["added: check-in evening of ana, off until she switches it on"]
    assert evening().on_since is None
    checkin.switch_on(evening().pk, NOON)
    bring(file('id = "evening", at = "21:00"'))
    assert evening().on_since == NOON


def test_the_same_file_again_changes_nothing() -> None:
    said = (
        EVENING
        + ', rule = "FREQ=DAILY;INTERVAL=2", starts_on = 2026-11-20, note_to = ["bo"], remind = ["sms"]'
    )
    bring(file(said))
    assert lines(bring(file(said), now=NOON + timedelta(days=3))) == []
    assert Circle.objects.get(pk=ANA).imported_at == NOON


def test_another_time_in_the_file_is_another_time_ahead() -> None:
    bring(file(EVENING))
    report = bring(file(EVENING.replace("21:00", "22:15")))
    assert lines(report) == ["changed: check-in evening of ana: at"]
    assert evening().window_due == NINE + timedelta(hours=1, minutes=15)


def test_what_she_switched_off_no_file_switches_on() -> None:
    bring(file(EVENING))
    checkin.switch_off(evening().pk, NOON)
    report = bring(file(EVENING.replace("2026-11-01", "2026-11-22")), now=NOON + timedelta(days=1))
    assert lines(report) == ["stays: check-in evening of ana was changed by the person; what she wants wins"]
    assert evening().on_since is None
    assert "evening" not in export_circles(ANA)


def test_what_she_changed_wins() -> None:
    bring(file(EVENING))
    CheckIn.objects.update(at=time(23))
    checkin.changed(evening().pk, NOON)
    assert [line.split(":")[0] for line in lines(bring(file(EVENING)))] == ["stays"]
    assert evening().window_due == NINE + timedelta(hours=2)


def test_what_she_wrote_herself_is_no_files_business() -> None:
    bring(file())
    own = a_check_in()
    assert own.key not in export_circles(ANA)
    bring(file(EVENING), prune=True)
    assert CheckIn.objects.get(pk=own.pk).on_since == NOON


def test_one_that_the_file_leaves_out_stays_unless_pruned() -> None:
    bring(file(EVENING))
    assert lines(bring(file('id = "other", at = "08:00"'))) == [
        "added: check-in other of ana, off until she switches it on",
        "stays: check-in evening of ana is not in the file; --prune would switch it off",
    ]
    assert lines(bring(file(), prune=True)) == ["ended: check-in evening of ana"]
    assert evening().on_since is None


def test_a_dry_run_writes_nothing() -> None:
    report = bring(file(EVENING), dry_run=True)
    assert any("check-in evening" in line for line in lines(report))
    assert not CheckIn.objects.exists()
    bring(file())
    assert lines(bring(file(EVENING), dry_run=True)) == ["added: check-in evening of ana"]
    assert not CheckIn.objects.exists()


def test_taking_the_circle_back_takes_its_check_ins_back() -> None:
    bring(file(EVENING))
    take_circle_back(ANA, NOON)
    assert evening().on_since is None
    assert lines(bring(file(EVENING), now=NOON + timedelta(days=1)))[0].startswith("stays")
    assert evening().on_since is None


def test_another_zone_in_the_file_moves_them_along() -> None:
    bring(file(EVENING))
    bring(file(EVENING, zone="Asia/Tokyo"))
    # It is nine in the evening there already.
    assert evening().window_due == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert [row.came for row in CheckInWindow.objects.all()] == ["excused"]


def test_where_she_said_she_is_no_file_overrules() -> None:
    bring(file(EVENING))
    live_by(ANA, "en", "Asia/Tokyo", NOON)
    report = bring(file(EVENING))
    assert any("they said themself where they are" in each.what for each in report.changes)
    assert Person.objects.get(pk=ANA).time_zone == "Asia/Tokyo"
    assert {each.kind for each in report.changes} == {ChangeKind.STAYS}


def test_what_is_exported_is_imported_as_the_very_same() -> None:
    said = (
        'id = "evening", at = "21:30", rule = "FREQ=WEEKLY;BYDAY=MO,TH;INTERVAL=2", starts_on = 2026-11-02,'
        ' grace = "2h", remind = ["sms", "smtp"], on_miss = "tell", tell = ["sam"], note_to = ["bo"],'
        ' need = "come", name = "Good night", agreed_on = 2026-11-01'
    )
    bring(file(said, 'id = "morning", at = "08:00"'))
    exported = export_circles(ANA)
    [circle] = parse_circle_file(exported.encode(), file="again.toml", today=NOON.date()).circles
    assert circle.check_ins == (
        CheckInEntry(id="morning", at=time(8)),
        CheckInEntry(
            id="evening",
            at=time(21, 30),
            rule="FREQ=WEEKLY;BYDAY=MO,TH;INTERVAL=2",
            starts_on=date(2026, 11, 2),
            grace=timedelta(hours=2),
            remind=("sms", "smtp"),
            on_miss=OnMiss.TELL,
            tell=(PersonId(SAM),),
            note_to=(PersonId(BO),),
            need=circle.check_ins[1].need,
            name="Good night",
            agreed_on=date(2026, 11, 1),
        ),
    )
    assert circle.check_ins[1].need == "come"
    assert lines(bring(exported)) == []
