"""What a circle file may say, and what is said back when it cannot be imported."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest

from nightlight.engine.needs import Offer
from nightlight.engine.policy import EndPolicy, EscalationStep
from nightlight.intake.circle_file import parse_circle_file
from nightlight.intake.circle_writing import write_circle_file
from nightlight.intake.toml_table import CircleFileError
from nightlight.store.entries import Document, LineEntry, MemberEntry, ReachEntry, WayEntry
from tests.people import ANA, BO, KIT, SAM

TODAY = date(2026, 11, 21)

WHOLE = """
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
language = "en"

[[people]]
id = "sam"
name = "Sam"
time_zone = "Europe/Lisbon"
language = "en"
ways = [ {channel = "smtp", to = "Sam@Example.org"}, {channel = "sms", to = "+44 7700 900123", after = "1m"} ]

[[people]]
id = "bo"
name = "Bo"
ways = [ {channel = "smtp", to = "bo@example.org"} ]

[[people]]
id = "kit"
name = "Kit"

[[circles]]
person = "ana"
reach = {call = "+447700900456", note = "third floor, ring twice"}
never_contact = ["+44 7700 900789", "Noa@example.org"]
know_each_other = false
end = "caller_or_taker"
members = [
    {person = "sam", agreed_on = 2026-11-01, agreed_until = 2027-01-15, offers = ["talk", "come"], wake_me = true, hours = "08:00-23:00"},
    {person = "bo", agreed_on = 2026-11-30},
    {person = "kit"},
]
ladder = [ {ask = ["sam"], wait = "90s"}, {ask = ["bo", "kit"], fair = true} ]
repeat_after = "20m"
"""

SMALL = """
[[people]]
id = "ana"
name = "Ana"

[[people]]
id = "sam"
name = "Sam"
ways = [ {channel = "smtp", to = "sam@example.org"} ]

[[circles]]
person = "ana"
members = [ {person = "sam", agreed_on = 2026-11-01} ]
ladder = [ {ask = ["sam"]} ]
"""


def parse(text: str, today: date = TODAY) -> Document:
    return parse_circle_file(text.encode(), file="circle.toml", today=today)


def test_a_whole_file_is_read() -> None:
    document = parse(WHOLE, today=date(2026, 12, 1))

    assert document.host
    assert document.host.lines == (
        LineEntry(
            name="The Evening Line",
            number="+44 7700 900999",
            hours="18:00 to 02:00",
            checked_on=date(2026, 11, 1),
        ),
    )
    assert [person.id for person in document.people] == [ANA, SAM, BO, KIT]
    assert document.people[1].ways == (
        WayEntry(channel="smtp", to="sam@example.org"),
        WayEntry(channel="sms", to="+447700900123", after=timedelta(minutes=1)),
    )
    (circle,) = document.circles
    assert circle.reach == ReachEntry(call="+447700900456", note="third floor, ring twice")
    assert circle.never_contact == ("+447700900789", "noa@example.org")
    assert circle.end is EndPolicy.CALLER_OR_TAKER
    assert circle.ladder == (
        EscalationStep(ask=(SAM,), wait=timedelta(seconds=90)),
        EscalationStep(ask=(BO, KIT), fair=True),
    )
    assert circle.repeat_after == timedelta(minutes=20)
    assert circle.acknowledgement_expires == timedelta(minutes=10)
    assert circle.members[0] == MemberEntry(
        person=SAM,
        agreed_on=date(2026, 11, 1),
        agreed_until=date(2027, 1, 15),
        offers=(Offer.TALK, Offer.COME),
        wake_me=True,
        hours=(time(8), time(23)),
    )


def test_what_a_member_does_not_say_has_a_careful_default() -> None:
    _, bo, kit = parse(WHOLE, today=date(2026, 12, 1)).circles[0].members

    # Three months after the last of November there is no 30th.
    assert bo == MemberEntry(person=BO, agreed_on=date(2026, 11, 30), agreed_until=date(2027, 2, 28))
    assert (bo.offers, bo.wake_me, bo.hours) == ((Offer.TALK,), False, None)
    assert kit.agreed_on is kit.agreed_until is None


def test_the_smallest_file_is_read() -> None:
    document = parse(SMALL)

    assert document.host is None
    assert document.people[0].time_zone == "UTC"
    assert document.circles[0].ladder == (EscalationStep(ask=(SAM,), wait=timedelta(minutes=5)),)


@pytest.mark.parametrize(
    "text", [WHOLE, SMALL, WHOLE.replace("ring twice", 'ring \\"twice\\" \\u00e9\\u007f')]
)
def test_what_is_written_is_read_back_as_the_same(text: str) -> None:
    document = parse(text.replace("2026-11-30", "2026-11-20").replace("\\u007f", ""))

    assert parse(write_circle_file(document)) == document


@pytest.mark.parametrize(
    ("old", "new", "where", "right"),
    [
        ('ask = ["sam"]', "ask = []", "circles[ana].ladder[1]", "name at least one person"),
        ('ladder = [ {ask = ["sam"]} ]', "", "circles[ana]", "add at least one"),
        ('ask = ["sam"]', 'ask = ["sam"], wait = "0s"', "circles[ana].ladder[1]", "between 1 second"),
        ('ask = ["sam"]', 'ask = ["sam"], wait = "2d"', "circles[ana].ladder[1]", "between 1 second"),
        ('ask = ["sam"]', 'ask = ["sam"], wait = 5', "ladder[1].wait", 'wait = "5m"'),
        ('ask = ["sam"]', 'ask = ["sam"], wait = "5 minutes"', "ladder[1].wait", '"90s"'),
        ('ask = ["sam"]', 'ask = ["sam", "sam"]', "ladder[1]", "name each person once"),
        ('ask = ["sam"]', 'ask = ["sam", "noa"]', "circles[ana].ladder", 'id = "noa"'),
        ('ask = ["sam"]', 'ask = ["sam", "ana"]', "circles[ana].ladder", "ana is no member"),
        ('{person = "sam",', '{person = "noa",', "circles[ana].members[1].person", 'id = "noa"'),
        ('{person = "sam",', '{person = "ana",', "circles[ana].members[1].person", "take this member out"),
        ('person = "ana"', 'person = "noa"', "circles[1].person", 'id = "noa"'),
        (", agreed_on = 2026-11-01", "", "circles[ana].ladder", "agreed_on = 2026-11-01"),
        ("2026-11-01", '"2026-11-01"', "members[1].agreed_on", "without quotes"),
        ("2026-11-01", "2027-11-01", "members[1].agreed_on", "the day on which they said yes"),
        ("2026-11-01", "2026-11-01, agreed_until = 2026-10-01", "agreed_until", "mend one of the two"),
        ("agreed_on = 2026-11-01", "agreed_until = 2027-01-01", "agreed_until", "the day on which they said yes"),
        ("2026-11-01", '2026-11-01, offers = ["cook"]', "members[1].offers", "talk, text, come"),
        ("2026-11-01", "2026-11-01, offers = []", "members[1].offers", "talk, text, come"),
        ("2026-11-01", '2026-11-01, hours = "8-23"', "members[1].hours", '"08:00-23:00"'),
        ("2026-11-01", '2026-11-01, hours = "08:00-23:00"', "members[1].hours", "time_zone"),
        ("2026-11-01", '2026-11-01, wake_me = "yes"', "members[1].wake_me", "true"),
        ("2026-11-01", "2026-11-01, agred_until = 2027-01-01", "members[1].agred_until", "did you mean agreed_until?"),
        ('name = "Ana"', 'nmae = "Ana"', "people[1].nmae", "did you mean name?"),
        ('name = "Ana"', "", "people[ana].name", "is missing"),
        ('name = "Ana"', "name = 7", "people[ana].name", "is no text"),
        ('name = "Ana"', 'name = "A\\nna"', "people[ana].name", "one line"),
        ('name = "Ana"', 'name = "Ana"\ntime_zone = "Lisbon"', "people[ana].time_zone", "Europe/Lisbon"),
        ('name = "Ana"', 'name = "Ana"\ntime_zone = "../etc"', "people[ana].time_zone", "Europe/Lisbon"),
        ('id = "ana"', 'id = "ana maria"', "people[1].id", "without spaces"),
        ('id = "ana"', 'id = "sam"', "people[sam].id", "two people"),
        ('"sam@example.org"', '"sam at example.org"', "people[sam].ways[1].to", "sam@example.org"),
        ('"smtp"', '"pigeon"', "people[sam].ways[1].to", "smtp"),
        ('ways = [ {channel = "smtp", to = "sam@example.org"} ]', "", "circles[ana].ladder", "write ways"),
        ('org"} ]', 'org"}, {channel = "smtp", to = "SAM@example.org"} ]', "people[sam].ways", "name each once"),
        ('org"} ]', 'org", after = "25h"} ]', "people[sam].ways[1].after", "longer than a day"),
        ("ladder =", 'never_contact = ["sam@example.org"]\nladder =', "circles[ana].ladder", "take sam off the ladder"),
        ("ladder =", 'never_contact = ["SAM@example.ORG"]\nladder =', "circles[ana].ladder", "take sam off the ladder"),
        ("ladder =", 'never_contact = ["07700 900789"]\nladder =', "circles[ana].never_contact", "+44 7700 900123"),
        ("ladder =", 'end = "nobody"\nladder =', "circles[ana].end", "caller_or_taker"),
        ("ladder =", 'acknowledgement_expires = "20m"\nladder =', "circles[ana]", "15 minutes"),
        *(
            ("ladder =", f"check_ins = [{{{said}}}]\nladder =", f"circles[ana].check_ins[1]{where}", right)
            for said, where, right in (
                ('id = "evening"', ".at", "21:00"),
                ('id = "evening", at = "9 pm"', ".at", "21:00"),
                ('id = "evening", at = "21:00"', ".at", "time_zone"),
                ('id = "in the evening", at = "21:00"', ".id", "without spaces"),
                ('at = "21:00"', ".id", "evening"),
                ('id = "e", at = "21:00", every = "day"', ".every", "known here"),
                ('id = "e", at = "21:00", grace = "4m"', ".grace", "between 5 minutes and 12 hours"),
                ('id = "e", at = "21:00", grace = "13h"', ".grace", "between 5 minutes and 12 hours"),
                ('id = "e", at = "21:00", remind = ["pigeon"]', ".remind", "smtp"),
                ('id = "e", at = "21:00", on_miss = "police"', ".on_miss", "remind, tell, call"),
                ('id = "e", at = "21:00", need = "cake"', ".need", "talk, text"),
                ('id = "e", at = "21:00", on_miss = "tell"', ".tell", 'like ["sam"]'),
                ('id = "e", at = "21:00", tell = ["sam"]', ".tell", 'on_miss = "tell"'),
                ('id = "e", at = "21:00", on_miss = "tell", tell = ["bo"]', ".tell", "bo is no member"),
                ('id = "e", at = "21:00", note_to = ["ana"]', ".note_to", "ana is no member"),
                ('id = "e", at = "21:00", rule = "every day"', ".rule", "FREQ"),
                ('id = "e", at = "21:00", rule = "FREQ=DAILY;COUNT=3"', ".rule", "COUNT has no place"),
                ('id = "e", at = "21:00", agreed_on = 2027-11-01', ".agreed_on", "said yes"),
                ('id = "e", at = "21:00", agreed_on = "today"', ".agreed_on", "without quotes"),
            )
        ),
        ("[[circles]]", f"{SMALL[SMALL.index('[[circles]]'):]}[[circles]]", "circles[ana].person", "two circles"),
        ("[[circles]]", "[[person]]\n[[circles]]", "person", "did you mean people?"),
        ("[[circles]]", '[host]\ncountry = "Portugal"\n[[circles]]', "host.country", '"PT"'),
        ("[[circles]]", '[host]\nemergency_number = "help"\n[[circles]]', "host.emergency_number", '"112"'),
        ("[[circles]]", '[host]\nadult_age = "18"\n[[circles]]', "host.adult_age", "from 13 to 25"),
        ("[[circles]]", '[host]\nadult_age = 12\n[[circles]]', "host.adult_age", "from 13 to 25"),
        ("[[circles]]", '[host]\nadult_age = 18\nminors = "no"\n[[circles]]', "host.minors", "not_here"),
        ("[[circles]]", '[host]\nminors = "welcome"\n[[circles]]', "host.minors", "adult_age"),
        ("[[circles]]", '[host]\nadult_age = 18\nminors = "approve"\n[[circles]]', "minors_approved_by", "say who"),
        ("[[circles]]", '[host]\nanyone_may_begin = 1\n[[circles]]', "host.anyone_may_begin", "true"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_imported_says_where_and_what_would_be_right(
    old: str, new: str, where: str, right: str
) -> None:
    assert old in SMALL
    with pytest.raises(CircleFileError) as caught:
        parse(SMALL.replace(old, new, 1))

    message = str(caught.value)
    assert message.startswith("circle.toml: ")
    assert where in message
    assert right in message
    assert "\n" not in message


def test_the_hosts_rule_for_beginning_is_read_and_written_back() -> None:
    rule = 'anyone_may_begin = true\nadult_age = 18\nminors = "approve"\nminors_approved_by = "Mira"\n'
    document = parse(SMALL.replace("[[circles]]", f"[host]\n{rule}[[circles]]"))

    assert document.host is not None
    assert (document.host.anyone_may_begin, document.host.adult_age) == (True, 18)
    assert (document.host.minors, document.host.minors_approved_by) == ("approve", "Mira")
    assert parse(write_circle_file(document)) == document


def test_a_never_contact_address_is_not_repeated_in_the_complaint() -> None:
    with pytest.raises(CircleFileError) as caught:
        parse(SMALL.replace("ladder =", 'never_contact = ["sam@example.org"]\nladder =', 1))

    assert "sam@example.org" not in str(caught.value)


def test_somebody_off_the_ladder_may_be_on_never_contact() -> None:
    document = parse(SMALL.replace("ladder =", 'never_contact = ["+447700900789"]\nladder =', 1))

    assert document.circles[0].never_contact == ("+447700900789",)


def test_a_ladder_on_which_one_person_agreed_and_another_was_not_asked_yet_is_read() -> None:
    document = parse(WHOLE, today=date(2026, 12, 1))

    assert document.circles[0].members[2].agreed_on is None


@pytest.mark.parametrize(
    ("data", "right"),
    [
        (b"[[people]]\nid = \n", "line 2"),
        (b'[[people]]\nid = "\xff"\n', "line 2 is not UTF-8"),
        (b"", "says nothing"),
        (b"x = " + b"[" * 20_000, "brackets"),
        (b"#" * (16 * 1024 * 1024 + 1), "16 MiB"),
        (b"people = [1]", "is no table"),
        (b"people = 1", "is no list"),
    ],
)
def test_a_file_that_is_no_circle_file_is_refused(data: bytes, right: str) -> None:
    with pytest.raises(CircleFileError, match=r"^circle\.toml: ") as caught:
        parse_circle_file(data, file="circle.toml", today=TODAY)
    assert right in str(caught.value)


def test_where_only_some_countries_are_reached_a_way_elsewhere_is_refused_and_never_contact_is_not(
    with_settings: Callable[..., object],
) -> None:
    later = date(2026, 12, 1)
    with_settings(countries=frozenset({"GB"}))
    assert parse_circle_file(WHOLE.encode(), file="circle.toml", today=later).circles[0].never_contact

    with_settings(countries=frozenset({"PT"}))
    with pytest.raises(
        CircleFileError, match=r"people\[sam\].*not reached from here. Write one of \+351 \(PT\)"
    ):
        parse_circle_file(WHOLE.encode(), file="circle.toml", today=later)
    only_never = re.sub(r", \{channel = \"sms\".*?\}", "", WHOLE)
    document = parse_circle_file(only_never.encode(), file="circle.toml", today=later)
    assert document.circles[0].never_contact[0] == "+447700900789"
