"""Importing and exporting circles: what is written, what is never revived, and who hears of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nightlight.engine.events import AlertRaised, RaisedBy
from nightlight.engine.needs import Need
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.intake.circle import ImportReport, export_circles, import_circles
from nightlight.intake.circle_file import parse_circle_file
from nightlight.store.advance import load_alert, raise_alert
from nightlight.store.circles import ChangeKind
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.models import (
    Circle,
    ContactMethod,
    Host,
    LadderStep,
    Membership,
    NeverContact,
    Notification,
    NotificationStatus,
    Person,
)
from nightlight.store.sealing import ADDRESS, look_up_hash, unseal
from tests.people import ANA, BO, NOON, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON = frozenset({"smtp", "sms"})

FILE = """
[host]
name = "Harbour House"
country = "PT"
emergency_number = "112"
ways = [ {channel = "smtp", to = "desk@example.org"} ]
lines = [ {name = "The Evening Line", number = "+44 7700 900999", hours = "18:00 to 02:00", checked_on = 2026-11-01} ]

[[people]]
id = "ana"
name = "Ana"
time_zone = "Europe/Lisbon"

[[people]]
id = "sam"
name = "Sam"
time_zone = "Europe/Lisbon"
ways = [ {channel = "smtp", to = "sam@example.org"}, {channel = "sms", to = "+447700900123", after = "1m"} ]

[[people]]
id = "bo"
name = "Bo"
ways = [ {channel = "smtp", to = "bo@example.org"} ]

[[circles]]
person = "ana"
reach = {call = "+447700900456", note = "third floor"}
never_contact = ["+447700900789"]
members = [
    {person = "sam", agreed_on = 2026-11-01, offers = ["talk", "come"], wake_me = true},
    {person = "bo", agreed_on = 2026-11-02},
]
ladder = [ {ask = ["sam"], wait = "90s"}, {ask = ["bo"]} ]
"""
BO_MEMBER = '    {person = "bo", agreed_on = 2026-11-02},\n'
WITHOUT_BO = FILE.replace(BO_MEMBER, "").replace(', {ask = ["bo"]}', "")


def bring_in(
    text: str = FILE,
    *,
    now: datetime = NOON,
    dry_run: bool = False,
    prune: bool = False,
    channels_on: frozenset[str] = ON,
) -> ImportReport:
    document = parse_circle_file(text.encode(), file="circle.toml", today=now.date())
    return import_circles(document, now=now, dry_run=dry_run, prune=prune, channels_on=channels_on)


def lines(report: ImportReport, kind: ChangeKind) -> list[str]:
    return [change.what for change in report.changes if change.kind is kind]


def a_call() -> str:
    steps = tuple(EscalationStep(ask=(person,)) for person in (SAM, BO))
    event = AlertRaised(person=ANA, need=Need.TALK, by=RaisedBy.CALLER, policy=EscalationPolicy(steps=steps))
    return raise_alert(event, now=NOON, channels_on=ON).alert_id


def test_an_import_into_an_empty_database_writes_everything_and_says_so() -> None:
    report = bring_in()

    assert set(lines(report, ChangeKind.ADDED)) == {
        "host", "person ana", "person sam", "person bo", "smtp way of sam", "sms way of sam", "smtp way of bo",
        "circle of ana", "sam in the circle of ana", "bo in the circle of ana", "an address to never_contact of ana",
    }  # fmt: skip
    assert len(report.changes) == 11
    assert report.warnings == ()
    assert [step.wait for step in LadderStep.objects.all()] == [timedelta(seconds=90), timedelta(minutes=5)]
    sam = Membership.objects.get(person=SAM)
    assert (sam.agreed_until, sam.offers, sam.wake_me) == (date(2027, 2, 1), ["talk", "come"], True)
    way = ContactMethod.objects.get(person=SAM, channel="sms")
    assert unseal(way.address_sealed) == "+447700900123"
    assert way.after == timedelta(minutes=1)
    assert Circle.objects.get().imported_at == NOON


def test_the_hosts_word_counts_as_proof_of_a_way() -> None:
    bring_in()

    assert set(ContactMethod.objects.values_list("proven_at", flat=True)) == {NOON}


def test_no_address_is_kept_in_clear_nor_reported() -> None:
    report = bring_in()

    kept = [
        *ContactMethod.objects.values_list("address_sealed", "address_hash"),
        *NeverContact.objects.values_list("address_sealed", "address_hash"),
        *Circle.objects.values_list("reach_sealed"),
        *Host.objects.values_list("ways_sealed"),
    ]
    assert not any(part in f"{kept}{report}" for part in ("7700900", "example.org", "third floor"))


def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    rehearsed = bring_in(dry_run=True)

    assert not Person.objects.exists()
    assert not Host.objects.exists()
    assert rehearsed.dry_run
    assert rehearsed.changes == bring_in().changes


def test_a_second_import_of_the_same_file_changes_nothing() -> None:
    bring_in()

    report = bring_in(now=NOON + timedelta(days=1))

    assert report.changes == ()
    assert Circle.objects.get().imported_at == NOON


def test_what_is_exported_comes_back_as_the_same() -> None:
    bring_in()
    exported = export_circles()

    assert bring_in(exported).changes == ()
    Circle.objects.all().delete()
    Person.objects.all().delete()
    Host.objects.all().delete()
    bring_in(exported)
    assert export_circles() == exported


def test_one_persons_export_holds_her_circle_and_nobody_else() -> None:
    bring_in(FILE + '\n[[people]]\nid = "noa"\nname = "Noa"\n')

    exported = export_circles(ANA)

    assert "[[circles]]" in exported
    assert "sam@example.org" in exported
    assert "Noa" not in exported
    assert "[host]" not in exported
    assert "[[circles]]" not in export_circles(SAM)
    with pytest.raises(NoSuchPerson):
        export_circles("kit")


def test_what_the_file_changes_is_changed_and_shown_to_her_again() -> None:
    bring_in()
    Circle.objects.update(import_noticed_at=NOON)
    changed = (
        FILE.replace('"Sam"', '"Samuel"').replace('after = "1m"', 'after = "2m"').replace('"90s"', '"3m"')
        .replace("third floor", "fourth floor").replace("wake_me = true", "wake_me = false")
        .replace('name = "Harbour House"', 'name = "Quay House"')
    )  # fmt: skip

    report = bring_in(changed, now=NOON + timedelta(days=1))

    assert lines(report, ChangeKind.CHANGED) == [
        "host", "person sam: name", "sms way of sam: after", "circle of ana: reach", "circle of ana: ladder",
        "sam in the circle of ana: wake_me",
    ]  # fmt: skip
    circle = Circle.objects.get()
    assert circle.imported_at == NOON + timedelta(days=1)
    assert circle.import_noticed_at is None


def test_what_the_file_does_not_name_stays_and_is_reported() -> None:
    bring_in()
    fewer = WITHOUT_BO.replace(', {channel = "sms", to = "+447700900123", after = "1m"}', "").replace(
        'never_contact = ["+447700900789"]\n', ""
    )

    report = bring_in(fewer.replace('reach = {call = "+447700900456", note = "third floor"}\n', ""))

    assert lines(report, ChangeKind.CHANGED) == ["circle of ana: ladder, no longer with bo"]
    stays = lines(report, ChangeKind.STAYS)
    assert [line.split(" is not in the file")[0] for line in stays] == [
        "sms way of sam", "bo in the circle of ana", "an address on never_contact of ana",
    ]  # fmt: skip
    assert all("--prune" in line for line in stays)
    assert not Membership.objects.exclude(ended_at=None).exists()
    assert NeverContact.objects.exists()
    assert "third floor" in export_circles()


def test_pruning_ends_what_the_circles_of_the_file_no_longer_name_and_nothing_else() -> None:
    other = FILE.replace("ana", "noa").replace("Ana", "Noa")
    bring_in()
    bring_in(other)
    fewer = WITHOUT_BO.replace('never_contact = ["+447700900789"]\n', "")

    report = bring_in(fewer, prune=True)

    assert lines(report, ChangeKind.ENDED) == [
        "bo in the circle of ana",
        "an address on never_contact of ana",
    ]
    assert Membership.objects.get(person=BO, circle=ANA).ended_why == "import"
    assert Membership.objects.get(person=BO, circle="noa").ended_at is None
    assert NeverContact.objects.get().circle_id == "noa"


def test_pruning_never_takes_away_what_she_put_on_never_contact_herself() -> None:
    bring_in()
    NeverContact.objects.update(by_import=False)

    report = bring_in(FILE.replace('never_contact = ["+447700900789"]\n', ""), prune=True)

    assert report.changes == ()
    assert NeverContact.objects.exists()


@pytest.mark.parametrize(
    ("agreed_on", "comes_back"), [("2026-11-01", False), ("2026-11-10", False), ("2026-11-11", True)]
)
def test_a_membership_that_ended_comes_back_only_with_a_later_agreement(
    agreed_on: str, comes_back: bool
) -> None:
    bring_in()
    Membership.objects.filter(person=SAM).update(
        ended_at=datetime(2026, 11, 10, 20, tzinfo=UTC), ended_why="left"
    )

    report = bring_in(FILE.replace("2026-11-01, offers", f"{agreed_on}, offers"))

    assert (Membership.objects.get(person=SAM).ended_at is None) is comes_back
    if comes_back:
        assert "sam in the circle of ana, again" in lines(report, ChangeKind.ADDED)
    else:
        assert "sam in the circle of ana ended on 2026-11-10" in lines(report, ChangeKind.STAYS)[0]


@pytest.mark.parametrize(("agreed_on", "comes_back"), [("2026-11-10", False), ("2026-11-11", True)])
def test_a_way_that_ended_comes_back_only_with_a_later_agreement(agreed_on: str, comes_back: bool) -> None:
    bring_in()
    ended = datetime(2026, 11, 10, 20, tzinfo=UTC)
    ContactMethod.objects.filter(channel="sms").update(ended_at=ended, ended_why="stop")

    report = bring_in(FILE.replace("2026-11-01, offers", f"{agreed_on}, offers"))

    assert (ContactMethod.objects.get(channel="sms").ended_at is None) is comes_back
    kind = ChangeKind.ADDED if comes_back else ChangeKind.STAYS
    assert any(line.startswith("sms way of sam") for line in lines(report, kind))


def test_a_callers_own_way_that_ended_never_comes_back() -> None:
    text = FILE.replace('name = "Ana"', 'name = "Ana"\nways = [ {channel = "sms", to = "+447700900456"} ]')
    bring_in(text)
    ContactMethod.objects.filter(person=ANA).update(ended_at=NOON - timedelta(days=300), ended_why="stop")

    report = bring_in(text)

    assert len(lines(report, ChangeKind.STAYS)) == 1
    assert ContactMethod.objects.get(person=ANA).ended_at is not None


def test_a_newer_agreement_than_the_files_stays() -> None:
    bring_in()
    Membership.objects.filter(person=SAM).update(agreed_on=date(2026, 11, 20), agreed_until=date(2027, 5, 20))

    report = bring_in()

    assert "2026-11-20" in lines(report, ChangeKind.STAYS)[0]
    assert Membership.objects.get(person=SAM).agreed_until == date(2027, 5, 20)


def test_an_older_file_without_a_date_takes_no_agreement_away() -> None:
    bring_in()

    bring_in(FILE.replace(", agreed_on = 2026-11-02", ""))

    assert Membership.objects.get(person=BO).agreed_on == date(2026, 11, 2)


def test_a_circle_whose_import_she_undid_is_left_alone_and_not_exported() -> None:
    bring_in()
    Circle.objects.update(import_undone_at=NOON)

    report = bring_in(WITHOUT_BO, prune=True)

    assert [change.kind for change in report.changes] == [ChangeKind.STAYS]
    assert LadderStep.objects.count() == 2
    assert "[[circles]]" not in export_circles()


def test_ways_sealed_under_an_older_key_are_known_again(with_settings: Callable[..., Any]) -> None:
    with_settings(keys=("o" * 32,))
    bring_in()
    with_settings(keys=("n" * 32, "o" * 32))

    assert bring_in().changes == ()


def test_a_switched_off_channel_is_kept_and_warned_of() -> None:
    report = bring_in(channels_on=frozenset({"smtp"}))

    assert len(report.warnings) == 1
    assert report.warnings[0].startswith("sms is switched off (NIGHTLIGHT_SMS_URL")
    assert report.warnings[0].endswith(": sam")
    assert ContactMethod.objects.filter(channel="sms").exists()


def test_members_who_cannot_be_asked_are_named() -> None:
    text = FILE.replace("2026-11-02", "2026-01-02") + "\n"
    text = text.replace(
        BO_MEMBER.replace("11-02", "01-02"), BO_MEMBER.replace("11-02", "01-02") + '    {person = "kit"},\n'
    )
    text += '[[people]]\nid = "kit"\nname = "Kit"\n'

    warnings = bring_in(text).warnings

    assert [warning.split(" in the circle of ana ")[1] for warning in warnings] == [
        "agreed until 2026-04-02 and is not contacted; ask them again",
        "was not asked yet and is not contacted",
        "is on no step of the ladder",
    ]


def test_a_member_pruned_during_a_call_is_taken_out_of_it() -> None:
    bring_in()
    alert = a_call()

    report = bring_in(FILE.replace('    {person = "sam", agreed_on = 2026-11-01, offers = ["talk", "come"], wake_me = true},\n', "")
        .replace('{ask = ["sam"], wait = "90s"}, ', ""), prune=True)  # fmt: skip

    assert "sam in the circle of ana" in lines(report, ChangeKind.ENDED)
    planned = Notification.objects.filter(alert=alert, purpose="ask", status=NotificationStatus.PLANNED)
    assert set(planned.values_list("person_id", flat=True)) == {BO}


def test_a_rehearsed_pruning_leaves_an_open_call_as_it_is() -> None:
    bring_in()
    alert = a_call()
    before = load_alert(alert)

    report = bring_in(WITHOUT_BO, prune=True, dry_run=True)

    assert lines(report, ChangeKind.ENDED) == ["bo in the circle of ana"]
    assert load_alert(alert) == before


def test_a_way_pruned_during_a_call_makes_room_for_the_next_way() -> None:
    bring_in()
    alert = a_call()

    bring_in(FILE.replace('{channel = "smtp", to = "sam@example.org"}, ', ""), prune=True)

    (planned,) = Notification.objects.filter(
        alert=alert, status=NotificationStatus.PLANNED, purpose="ask", due__lte=NOON
    )
    assert planned.channel == "sms"


def test_an_address_newly_on_never_contact_is_not_reached_in_an_open_call() -> None:
    bring_in()
    alert = a_call()
    text = FILE.replace('["+447700900789"]', '["sam@example.org"]').replace(
        '{ask = ["sam"], wait = "90s"}, ', ""
    )

    bring_in(text)

    assert NeverContact.objects.filter(address_hash=look_up_hash("sam@example.org", ADDRESS)).exists()
    planned = Notification.objects.filter(alert=alert, purpose="ask", status=NotificationStatus.PLANNED)
    assert set(planned.values_list("person_id", flat=True)) == {BO}


def test_a_long_import_is_written_in_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightlight.store.pieces.PIECE_SECONDS", 0)

    assert len(bring_in().changes) == 11
    assert bring_in().changes == ()
