"""What a person's home, and a supporter's own page, say about check-ins today."""

from collections.abc import Iterable
from datetime import datetime

from nightlight.store.check_in_queries import News, news_for
from nightlight.store.supporting import Agreed
from nightlight.web.check_in_page import Stand, stands_of


def check_ins_today(person: str, now: datetime) -> dict[str, list[Stand]]:
    """For the home of *person*: what is asked now first, then what comes next. Nothing of those that are off."""
    shown = [each for each in stands_of(person, now) if each.state != "off"]
    return {"check_ins": sorted(shown, key=lambda each: (not each.takes, each.due or now))}


def check_in_news(member: str, circles: Iterable[Agreed], now: datetime) -> tuple[News, ...]:
    """For the own page of *member*: what those whose circles they are in chose to tell them."""
    return news_for(member, [each.circle for each in circles], now)
