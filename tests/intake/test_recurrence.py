"""On which dates, and when: rules, nights in which a clock is set, and dates that a country left out."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightlight.intake.recurrence import RuleError, check_rule, dates_after, windows_after
from nightlight.store.local_time import instant
from tests.campaigns.zones import Report, Years, campaign, try_changes, walk, years_of

DAY = timedelta(days=1)
START = date(2026, 1, 1)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
zones = st.sampled_from(sorted(available_timezones()))
dates = st.dates(date(2024, 1, 1), date(2037, 12, 1))
times = st.times().map(lambda at: at.replace(microsecond=0))


@pytest.mark.parametrize(
    ("zone", "on", "at", "due"),
    [
        # Put forward at one in the morning, from one to two.
        ("Europe/Lisbon", "2027-03-28", "01:30", "2027-03-28T01:00"),
        ("Europe/Lisbon", "2027-03-28", "00:59", "2027-03-28T00:59"),
        ("Europe/Lisbon", "2027-03-28", "02:00", "2027-03-28T01:00"),
        # Put back from two to one: the first of the two.
        ("Europe/Lisbon", "2026-10-25", "01:30", "2026-10-25T00:30"),
        # By half an hour, and by two hours.
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),
        ("Antarctica/Troll", "2027-03-28", "02:00", "2027-03-28T01:00"),
        # Midnight itself is skipped.
        ("Asia/Beirut", "2027-03-28", "00:00", "2027-03-27T22:00"),
        ("Africa/Cairo", "2027-04-30", "00:30", "2027-04-29T22:00"),
    ],
)
def test_a_night_in_which_the_clock_is_set_has_one_window(zone: str, on: str, at: str, due: str) -> None:
    found = instant(date.fromisoformat(on), time.fromisoformat(at), zone)
    assert found == datetime.fromisoformat(f"{due}+00:00")


def test_a_date_that_a_country_left_out_has_none() -> None:
    assert instant(date(2011, 12, 30), time(21), "Pacific/Apia") is None
    found = windows_after("FREQ=DAILY", date(2011, 12, 1), time(21), "Pacific/Apia", date(2011, 12, 28))
    assert [on.day for on, _ in islice(found, 3)] == [29, 31, 1]


@settings(deadline=None)
@given(zone=zones, on=dates, at=times, count=st.integers(1, 40))
def test_each_local_date_has_one_window_in_order(zone: str, on: date, at: time, count: int) -> None:
    found = list(islice(windows_after("FREQ=DAILY", on, at, zone, on - DAY), count))
    assert [shown for shown, _ in found] == [on + each * DAY for each in range(count)]
    assert all(before < after for (_, before), (_, after) in pairwise(found))


@pytest.mark.parametrize(
    "zone", ["Europe/Lisbon", "Africa/Casablanca", "Australia/Lord_Howe", "America/Nuuk"]
)
def test_around_every_change_of_an_offset_until_2037(zone: str) -> None:
    report, years = Report(), years_of(zone)
    try_changes(years, report, 30)
    walk(years, time(2, 30), report)
    assert len(years.changes) >= 28
    assert (report.wrong, report.examples) == (0, [])


def test_the_campaign_counts_what_it_tried() -> None:
    said: list[str] = []
    report = campaign(["Asia/Tokyo", "Europe/Lisbon"], 60, [time(21)], said.append)
    assert (report.zones, report.offset_changes, report.wrong) == (2, 28, 0)
    assert report.dates == 2 * (date(2038, 1, 1) - date(2024, 1, 1)).days


@pytest.mark.parametrize("planted", [timedelta(hours=1), timedelta(seconds=1), None])
def test_a_wrong_instant_would_be_found(planted: timedelta | None) -> None:
    """In the gap alone: a second late, an hour late, or no window at all."""
    years = years_of("Europe/Lisbon", 2027, 2027)

    def wrong(on: date, at: time, zone: str) -> datetime | None:
        right = years.right(on, at)
        if right is None or not (on == date(2027, 3, 28) and at.hour == 1):
            return right
        return right + planted if planted is not None else None

    report = Report()
    try_changes(years, report, 30, of=wrong)
    assert report.wrong > 0


def test_a_date_left_out_is_one_that_no_window_is_asked_for() -> None:
    years: Years = years_of("Pacific/Apia", 2011, 2012)
    report = Report()
    walk(years, time(21), report, 2011, 2012)
    assert (report.dates_skipped, report.wrong) == (1, 0)
    assert not years.exists(date(2011, 12, 30))


@settings(deadline=None)
@given(chosen=st.sets(st.sampled_from(range(7)), min_size=1), after=dates)
def test_days_of_the_week(chosen: set[int], after: date) -> None:
    rule = check_rule("FREQ=WEEKLY;BYDAY=" + ",".join(DAYS[day] for day in sorted(chosen)))
    found = list(islice(dates_after(rule, date(2024, 1, 1), after), 10))
    right = (after + each * DAY for each in range(1, 200))
    assert found == list(islice((day for day in right if day.weekday() in chosen), 10))


@settings(deadline=None)
@given(
    rule=st.sampled_from(
        ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "FREQ=WEEKLY;INTERVAL=5"]
    ),
    start=dates,
    later=st.integers(0, 500),
)
def test_it_counts_the_same_however_long_ago_it_began(rule: str, start: date, later: int) -> None:
    after = start + later * DAY
    all_of_them = (day for day in dates_after(rule, start, start - DAY) if day > after)
    assert list(islice(dates_after(rule, start, after), 3)) == list(islice(all_of_them, 3))


def test_the_29th_of_february_comes_when_there_is_one() -> None:
    rule = check_rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    found = islice(dates_after(rule, date(2024, 1, 1), date(2024, 1, 1)), 4)
    assert [day.year for day in found] == [2024, 2028, 2032, 2036]
    # 2100 has none: eight years between two.
    [following] = islice(dates_after(rule, date(2024, 1, 1), date(2096, 3, 1)), 1)
    assert following == date(2104, 2, 29)


def test_every_other_day_goes_on_counting_from_where_it_began() -> None:
    rule = check_rule("FREQ=DAILY;INTERVAL=2")
    for after in range(1, 6):
        found = next(iter(dates_after(rule, START, START + after * DAY)))
        assert (found - START).days % 2 == 0
        assert found > START + after * DAY


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("", "no recurrence rule"),
        ("every day", "no place in the rule"),
        ("FREQ=HOURLY", "FREQ must be one of"),
        ("FREQ=DAILY;COUNT=3", "COUNT has no place"),
        ("FREQ=DAILY;UNTIL=20300101", "UNTIL has no place"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR has no place"),
        ("FREQ=DAILY;INTERVAL=0", "from 1 to 52"),
        ("FREQ=DAILY;INTERVAL=x", "from 1 to 52"),
        ("FREQ=DAILY;INTERVAL=5000", "from 1 to 52"),
        # A Monday that is every seventh day from a Tuesday on never comes.
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=DAILY alone"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "FREQ=DAILY alone"),
        # The 30th of February comes to whoever begins on a 30th.
        ("FREQ=MONTHLY;BYMONTH=2", "names no date"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "names no date"),
        # Five Thursdays in a February: in 2024, and then in 2052.
        ("FREQ=MONTHLY;BYMONTH=2;BYDAY=5TH", "rarer than"),
        ("FREQ=WEEKLY;BYDAY=XX", "cannot be read"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "names no date"),
        ("FREQ=MONTHLY;BYMONTHDAY=40", "names no date"),
        ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5", "names no date"),
        ("X" * 300, "no recurrence rule"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_and_says_why(rule: str, why: str) -> None:
    with pytest.raises(RuleError, match=why):
        check_rule(rule)


def test_a_rule_may_be_written_as_people_write_it() -> None:
    assert check_rule(" rrule:freq=weekly;byday=mo ") == "FREQ=WEEKLY;BYDAY=MO"
    assert next(iter(windows_after("FREQ=DAILY", START, time(21), "UTC", START)))[1] == datetime(
        2026, 1, 2, 21, tzinfo=UTC
    )
