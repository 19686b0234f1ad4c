"""Messages outside any call: written down here, sent by `worker.noticing`, settled in `notices_send`.

They never go before anything that belongs to a call. Everything here runs inside the transaction of
whoever has something to tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Case, QuerySet, When

from nightlight import chance
from nightlight.store.models import ContactMethod, Notice, NotificationStatus
from nightlight.store.sealing import seal, token_hash
from nightlight.store.wake import wake_worker

TOKEN_BYTES = 24
CODE_DIGITS = 6
PROOF_LASTS = timedelta(minutes=15)
TOLD = "told"
"""Why a message was not needed: the same news went out by another way."""
BETWEEN = "x"
"""Stands between the id of a message, which has no such letter, and the number of a try."""
RINGING = ("voice",)
"""The kinds of way that ring."""
NOTICE_LASTS = timedelta(days=1)
"""What could not be sent for so long is not sent any more."""


class NoticePurpose(StrEnum):
    """What a message outside a call is for."""

    PROOF = "proof"
    """Does this way reach whoever says it is theirs?"""
    LINK = "link"
    """A supporter's own link."""
    PRACTICE = "practice"
    RENEWAL = "renewal"
    """What they agreed to ends soon: do they go on?"""
    JOINED = "joined"
    DECLINED = "declined"
    LEFT = "left"
    PAUSED = "paused"
    CONCERN = "concern"
    CONCERN_ANSWER = "concern_answer"
    REMOVED = "removed"
    KEEPING = "keeping"
    """Would they look after something, or still do?"""
    LOOK_AGAIN = "look_again"
    """The other side of it: it is time to look at it again."""
    START = "start"
    """The link that begins an account."""
    WAY_GONE = "way_gone"
    """One of their ways ended by itself: nobody is at it any more."""
    CHECK_IN = "check_in"
    """To the person: it is time to check in."""
    CHECK_IN_MISSED = "check_in_missed"
    """To whoever they chose: it did not come."""
    CHECK_IN_CAME = "check_in_came"
    """To the same: now it has."""
    CHECKED_IN = "checked_in"
    """To whoever they chose: it was made."""
    SAID_NOT_OK = "said_not_ok"
    """To whomever the person picks right then: it is not so good, and nothing is asked."""
    FOLLOW_UP = "follow_up"
    """To the person, after a call: a few words in somebody's name."""
    WROTE_BACK = "wrote_back"
    """To a member: the person answered their note."""
    HOW_ARE_YOU = "how_are_you"
    """To whoever answered a call, the next day."""
    PROMISE = "promise"
    """To whoever has it: it is time, or was it kept?"""
    PROMISE_OPEN = "promise_open"
    """To others: would they take it over?"""
    PROMISE_NEWS = "promise_news"
    """To the person: somebody else has it, or nobody."""
    STAY = "stay"
    """To the two of them: got there, got home?"""
    TALK = "talk"
    """To the two of them: the day of the talk has come."""
    THOUGHT = "thought"
    """To the person: one word, no answer needed."""
    HEARD = "heard"
    """Back to whoever texted a sign of life."""
    CALLING = "calling"
    """Back to whoever called by their agreed word."""
    NOT_CALLING = "not_calling"
    """The same, when nobody could be asked."""
    KEPT_WORDS = "kept_words"
    """Back to whoever wrote while their own call is open."""
    NOTES_OFF = "notes_off"
    """Back to whoever texted that it is enough of the notes after a call."""
    QUIET = "quiet"
    """Back to whoever switched everything off by a text: how to take it back."""


LASTS = {
    NoticePurpose.PROOF: PROOF_LASTS,
    NoticePurpose.PRACTICE: timedelta(days=3),
    NoticePurpose.RENEWAL: timedelta(days=7),
    NoticePurpose.KEEPING: timedelta(days=7),
    NoticePurpose.HOW_ARE_YOU: timedelta(days=2),
    NoticePurpose.PROMISE_OPEN: timedelta(hours=12),
}
"""How long a message may still be sent, and its own link and code be used; else `NOTICE_LASTS`."""

SCHEDULED = frozenset(
    {
        NoticePurpose.PRACTICE,
        NoticePurpose.RENEWAL,
        NoticePurpose.KEEPING,
        NoticePurpose.LOOK_AGAIN,
        NoticePurpose.CHECK_IN,
        NoticePurpose.CHECK_IN_MISSED,
        NoticePurpose.CHECK_IN_CAME,
        NoticePurpose.CHECKED_IN,
        NoticePurpose.FOLLOW_UP,
        NoticePurpose.HOW_ARE_YOU,
        NoticePurpose.PROMISE,
        NoticePurpose.PROMISE_OPEN,
        NoticePurpose.PROMISE_NEWS,
        NoticePurpose.STAY,
        NoticePurpose.TALK,
        NoticePurpose.THOUGHT,
    }
)
"""What time brings, or habit: the one switch (requirement 37) stops all of these, also those written already."""

WITH_OWN_LINK = frozenset({NoticePurpose.PROOF, NoticePurpose.PRACTICE})
"""Their link proves the way they went out by, so each message has a link of its own."""


def tell_way(
    purpose: NoticePurpose,
    way: ContactMethod,
    now: datetime,
    *,
    circle: str = "",
    about: str = "",
    drill: str = "",
    token: str = "",
) -> Notice:
    """Write down one message to one way, to be sent at once; the row.

    *circle* names whose circle it is about, *about* whom else it speaks of, *drill* the practice it belongs
    to. *token* is that of the page the message leads to, for a purpose without a link of its own.
    """
    row = _row(purpose, way, now, due=now, circle=circle, about=about, drill=drill, token=token)
    row.save(force_insert=True)
    wake_worker()
    return row


def tell_person(
    purpose: NoticePurpose,
    person: str,
    now: datetime,
    channels_on: frozenset[str],
    *,
    circle: str = "",
    about: str = "",
    token: str = "",
) -> bool:
    """Write down one message to *person*, by their proven ways in their order, until one is taken.

    Only the first goes out at once; another follows when a provider refuses it or nobody knows what
    became of it. False when they have no way that is on; then nothing was written.
    """
    return tell_ways(
        purpose, ways_to_tell(person, channels_on), now, Written(circle=circle, about=about, token=token)
    )


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a message speaks of, beside what it is for."""

    circle: str = ""
    """Whose circle it is about."""
    about: str = ""
    """Whom else it speaks of."""
    token: str = ""
    """Of the page it leads to."""
    words: str = ""
    """What somebody wrote, to be sent in their name."""
    check_in: str = ""
    """The check-in it reminds of."""
    follow_up: str = ""
    """Which note after a call it is."""
    until: datetime | None = None
    """Not sent any more after this; None for as long as messages of its purpose usually last."""


def tell_ways(purpose: NoticePurpose, ways: Iterable[ContactMethod], now: datetime, written: Written) -> bool:
    """Write down one message to one person by *ways* of theirs, in this order, until one is taken.

    False when there are none; then nothing was written.
    """
    rows = []
    for place, way in enumerate(ways):
        row = _row(
            purpose,
            way,
            now,
            due=None if place else now,
            circle=written.circle,
            about=written.about,
            token=written.token,
        )
        row.words_sealed = seal(written.words) if written.words else ""
        row.check_in_id = written.check_in or None
        row.follow_up_id = written.follow_up or None
        row.expires_at = written.until or row.expires_at
        rows.append(row)
    Notice.objects.bulk_create(rows)
    if rows:
        wake_worker()
    return bool(rows)


def ways_to_tell(person: str, channels_on: frozenset[str]) -> QuerySet[ContactMethod]:
    """The proven ways of *person* that did not end and are on, in their order; phones ring last.

    What these messages lead to is behind a link, which cannot be spoken.
    """
    ways = ContactMethod.objects.filter(
        person_id=person, ended_at=None, proven_at__isnull=False, channel__in=channels_on
    )
    return ways.order_by(Case(When(channel__in=RINGING, then=1), default=0), "position", "pk")


def _row(
    purpose: NoticePurpose,
    way: ContactMethod,
    now: datetime,
    *,
    due: datetime | None,
    circle: str,
    about: str,
    drill: str = "",
    token: str = "",
) -> Notice:
    has_own = purpose in WITH_OWN_LINK
    token = token or (chance.new_token(TOKEN_BYTES) if has_own else "")
    return Notice(
        id=chance.new_id(),
        purpose=purpose,
        person_id=way.person_id,
        contact_method=way,
        circle_id=circle or None,
        about_id=about or None,
        drill_id=drill or None,
        # Another page's token has its hash beside that page.
        token_hash=token_hash(token) if has_own else None,
        token_sealed=seal(token) if token else "",
        code_sealed=seal(chance.digits(CODE_DIGITS)) if purpose is NoticePurpose.PROOF else "",
        status=NotificationStatus.PLANNED,
        due=due,
        created_at=now,
        expires_at=now + LASTS.get(purpose, NOTICE_LASTS),
    )


def notice_of(attempt: str) -> str:
    """Of which message *attempt* is a try; empty when it cannot be one."""
    notice, _, number = attempt.rpartition(BETWEEN)
    return notice if number.isdecimal() else ""


def other_ways_of(row: Notice) -> QuerySet[Notice]:
    """The same news for the same person by their other ways."""
    if row.purpose in WITH_OWN_LINK:
        return Notice.objects.none()
    same = Notice.objects.filter(
        person_id=row.person_id,
        purpose=row.purpose,
        circle_id=row.circle_id,
        about_id=row.about_id,
        created_at=row.created_at,
        check_in_id=row.check_in_id,
        follow_up_id=row.follow_up_id,
    )
    return same.exclude(pk=row.pk)


def call_off(rows: "QuerySet[Notice]", now: datetime, reason: str = "") -> int:
    """Messages that were not sent yet are not sent, nor when another way turns out to fail; how many there were."""
    rows.filter(status=NotificationStatus.CANCELLED, reason=TOLD).update(reason=reason)
    planned = rows.filter(status=NotificationStatus.PLANNED)
    return planned.update(status=NotificationStatus.CANCELLED, settled_at=now, reason=reason)


def call_off_for_good(rows: "QuerySet[Notice]", now: datetime, reason: str) -> int:
    """The same, and what a sender has in hand is not sent a second time."""
    # First, so that none comes back from a sender's hands between the two.
    rows.filter(status=NotificationStatus.LEASED).update(used_at=now)
    return call_off(rows, now, reason)


def newest_proof(way: str) -> Notice | None:
    """The latest message that proves *way*, locked; or None."""
    rows = Notice.objects.select_for_update(of=("self",)).filter(
        contact_method_id=way, purpose=NoticePurpose.PROOF
    )
    return rows.order_by("-created_at", "-id").first()
