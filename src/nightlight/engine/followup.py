"""When notes come after a call. Pure: the codes of the moments, and their local dates and times.

Sources: SPI+ asks for at least two contacts, the first within 72 hours; NICE QS159 for one within 48 hours;
nine over twelve months, dense early and tapering, is closest to the trials (Motto, BIC, Skopp). That the first
comes on the next morning is our reading of them: no trial tests it.
"""

from datetime import date, datetime, time, timedelta

MORNING = "morning"
USUAL: tuple[str, ...] = ("morning", "3d", "7d", "1m", "2m", "4m", "6m", "9m", "12m")
"""Next morning, day 3, day 7, months 1, 2, 4, 6, 9 and 12."""
DENSER: tuple[str, ...] = (
    "morning", "3d", "7d", "14d", "30d", "2m", "3m", "4m", "5m", "6m", "7m", "8m", "9m", "10m", "11m", "12m",
)  # fmt: skip
FEWER: tuple[str, ...] = ("morning", "3d")
"""The least that the sources ask for: within 72 hours, twice."""


def is_moment(code: str) -> bool:
    """Whether *code* is one of the moments: `morning`, or a count of days (`3d`) or months (`1m`)."""
    return code == MORNING or (code[:-1].isdecimal() and code[-1:] in "dm" and 0 < int(code[:-1]) <= 400)


def day_of(code: str, ended_at: datetime, wakes_at: time) -> date:
    """The local date of the note of *code*; raises ValueError for no moment.

    *ended_at* is when the call ended, by the clock on the person's wall.
    """
    if not is_moment(code):
        raise ValueError(f"{code!r} is no moment; write morning, 3d or 1m")
    # A night that ends at three in the morning still belongs to the day before.
    first = ended_at.date() if ended_at.time() < wakes_at else ended_at.date() + timedelta(days=1)
    if code == MORNING:
        return first
    count = int(code[:-1])
    return first + timedelta(days=count - 1) if code.endswith("d") else _months_later(first, count)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
