"""The tag of a page that may change under its reader: the same tag, the same page.

It is worked out before anything is rendered, so that asking again costs little while nothing happens.
"""

import hashlib
from datetime import datetime

from django.utils import timezone

import nightlight
from nightlight.store.access import AnswerLink
from nightlight.store.page_queries import Reader
from nightlight.store.page_versions import Version, answer_version, caller_version
from nightlight.web.numbers import numbers
from nightlight.web.rendering import zone_of


def caller_tag(person: Reader, now: datetime) -> str:
    """The strong ETag of *person*'s own page."""
    return _tag(person, caller_version(person.id, now), now)


def answer_tag(link: AnswerLink, person: Reader | None, now: datetime) -> str:
    """The strong ETag of the page behind an answer link."""
    return _tag(person, answer_version(link.alert, link.person, now), now)


def _tag(person: Reader | None, version: Version, now: datetime) -> str:
    # A time is shown with its day once that is not today; another release may say it in other words.
    today = timezone.localtime(now, zone_of(person)).date()
    shown = (nightlight.__version__, person, numbers(), today, version)
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'
