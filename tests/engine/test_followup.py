"""When notes come after a call: dates as people count them."""

from datetime import date, datetime, time

import pytest

from nightlight.engine.followup import DENSER, FEWER, USUAL, day_of, is_moment

WAKES_AT = time(8)
EVENING = datetime(2026, 11, 21, 22, 30)  # noqa: DTZ001  (the clock on a wall has no zone)
BEFORE_DAWN = datetime(2026, 11, 22, 3, 0)  # noqa: DTZ001


@pytest.mark.parametrize("code", ["morning", "1d", "3d", "400d", "1m", "400m", *USUAL, *DENSER, *FEWER])
def test_a_moment_is_the_morning_or_a_count(code: str) -> None:
    assert is_moment(code)


@pytest.mark.parametrize(
    "code", ["", "d", "m", "0d", "401d", "3", "3w", "-3d", "1.5m", "d3", "mornings", "30"]
)
def test_nothing_else_is_a_moment_and_it_is_said_what_would_be(code: str) -> None:
    assert not is_moment(code)
    with pytest.raises(ValueError, match="write morning, 3d or 1m"):
        day_of(code, EVENING, WAKES_AT)


@pytest.mark.parametrize("ended_at", [EVENING, BEFORE_DAWN])
def test_the_first_morning_is_the_next_that_comes(ended_at: datetime) -> None:
    assert day_of("morning", ended_at, WAKES_AT) == date(2026, 11, 22)


def test_whoever_is_up_already_hears_tomorrow() -> None:
    assert day_of("morning", datetime(2026, 11, 22, 8, 0), WAKES_AT) == date(2026, 11, 23)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("code", "on"),
    [
        ("1d", date(2026, 11, 22)),
        ("3d", date(2026, 11, 24)),
        ("14d", date(2026, 12, 5)),
        ("1m", date(2026, 12, 22)),
        ("2m", date(2027, 1, 22)),
        ("12m", date(2027, 11, 22)),
        ("14m", date(2028, 1, 22)),
    ],
)
def test_days_and_months_count_from_that_morning(code: str, on: date) -> None:
    assert day_of(code, EVENING, WAKES_AT) == on


@pytest.mark.parametrize(
    ("ended_on", "on"),
    [
        (date(2027, 1, 30), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2027, 2, 27), date(2027, 3, 28)),
    ],
)
def test_a_month_without_that_day_has_a_last_one(ended_on: date, on: date) -> None:
    assert day_of("1m", datetime.combine(ended_on, time(22)), WAKES_AT) == on
