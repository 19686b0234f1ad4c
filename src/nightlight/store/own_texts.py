"""What a text from a person's own number is about, and the little that is sent back by the same way."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from nightlight.engine.own_words import is_word
from nightlight.store import check_ins
from nightlight.store.inbound import TEXTS_BACK_MAX, WORDS_KEPT_MAX
from nightlight.store.models import CheckIn, Circle, ContactMethod, FollowUp, KeptReply, Notice
from nightlight.store.notices import RINGING, NoticePurpose, Written, tell_ways
from nightlight.store.queries import open_alert_of
from nightlight.store.sealing import opened, seal
from nightlight.store.supporting import new_supporter_link
from nightlight.store.withdrawals import STOPPED

TEXTS_BACK_WITHIN = timedelta(days=1)
BACK = (
    NoticePurpose.HEARD,
    NoticePurpose.CALLING,
    NoticePurpose.NOT_CALLING,
    NoticePurpose.KEPT_WORDS,
    NoticePurpose.NOTES_OFF,
    NoticePurpose.QUIET,
)
"""What may be said back; all of them together so often a day, so that two machines find an end."""


def own_ways(ways: Iterable[ContactMethod]) -> list[ContactMethod]:
    """Those of *ways* that are somebody's own: proven, and theirs still.

    Who stopped our texts to a number still has the number: stopping messages never stops a call (rule 14).
    """
    return [
        way
        for way in ways
        if way.proven_at is not None and (way.ended_at is None or way.ended_why == STOPPED)
    ]


def with_check_ins(ways: Sequence[ContactMethod]) -> list[ContactMethod]:
    """Those of *ways* whose person has a check-in that is on."""
    return [way for way in ways if check_ins.of_person(way.person_id)]


def open_call(way: ContactMethod) -> str:
    """The call of whose way this is that is open; empty when there is none."""
    return open_alert_of(way.person_id) or ""


def keep_own_words(alert: str, way: ContactMethod, text: str, now: datetime) -> bool:
    """Keep what the caller wrote, sealed, for whoever has their call; whether there was room for it."""
    kept = KeptReply.objects.filter(alert_id=alert, person_id=way.person_id)
    if kept.count() >= WORDS_KEPT_MAX:
        return False
    KeptReply.objects.create(
        alert_id=alert, person_id=way.person_id, text_sealed=seal(text), at=now, channel=way.channel
    )
    return True


def call_word(person: str) -> str:
    """The word by which a text from their own number calls; empty when there is none."""
    sealed = Circle.objects.filter(pk=person).values_list("call_word_sealed", flat=True).first()
    return opened(sealed or "")


def keep_call_word(person: str, word: str) -> None:
    """From now on *word* calls; an empty one takes it back."""
    Circle.objects.get_or_create(person_id=person)
    Circle.objects.filter(pk=person).update(call_word_sealed=seal(word) if word else "")


def called_by(ways: Sequence[ContactMethod], text: str) -> list[ContactMethod]:
    """Those of *ways* whose person agreed that *text* calls."""
    return [way for way in ways if is_word(text, call_word(way.person_id))]


def was_sent_notes(person: str) -> bool:
    """Whether a note after a call went out to *person*, or is planned."""
    return FollowUp.objects.filter(circle_id=person).exists()


def say_back(purpose: NoticePurpose, way: ContactMethod, now: datetime, channels_on: frozenset[str]) -> bool:
    """Plan a short word back by the way the text came; whether it is sent.

    Not to a way that was stopped, and no more than `TEXTS_BACK_MAX` a day, so that two machines find an end.
    """
    if not _may_say(way, now, channels_on):
        return False
    token = new_supporter_link(way.person_id, now) if purpose is NoticePurpose.QUIET else ""
    return tell_ways(purpose, [way], now, Written(token=token))


def say_back_of_check_in(
    purpose: NoticePurpose, way: ContactMethod, now: datetime, channels_on: frozenset[str]
) -> bool:
    """The same about a check-in, with the link of its page."""
    rows = CheckIn.objects.filter(circle_id=way.person_id, on_since__isnull=False)
    # The one that was made last, or whose time runs: the next of it lies furthest ahead, or it has begun.
    row = rows.order_by("-last_on", "-looks_at", "pk").first()
    if row is None or not _may_say(way, now, channels_on):
        return False
    return tell_ways(purpose, [way], now, Written(token=check_ins.page_token(row)))


def _may_say(way: ContactMethod, now: datetime, channels_on: frozenset[str]) -> bool:
    said = Notice.objects.filter(
        person_id=way.person_id, purpose__in=BACK, created_at__gt=now - TEXTS_BACK_WITHIN
    )
    can_be_sent = way.ended_at is None and way.channel in channels_on and way.channel not in RINGING
    return can_be_sent and said.count() < TEXTS_BACK_MAX
