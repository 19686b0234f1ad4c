"""How long an agreement lasts, counted in months as people count them."""

import calendar
from datetime import date

AGREED_MONTHS = 3
"""Unless somebody says otherwise; then they are asked anew (requirement 10)."""


def months_after(day: date, months: int) -> date:
    """The day so many *months* after *day*; in a month that is too short, its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
