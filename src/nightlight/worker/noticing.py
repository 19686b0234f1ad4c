"""Sending messages outside any call, after everything that belongs to one, as `worker.sender` does it for calls.

A few threads of its own for each channel, so that neither waits for the other's hands.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connections

from nightlight.channels.base import Channel, Message, Spoken
from nightlight.channels.phone_keys import keys_for
from nightlight.channels.wording import SPOKEN_KINDS
from nightlight.channels.wording_html import MAIL_KINDS, as_page
from nightlight.channels.wording_notices import NoticeBrief, compose_notice
from nightlight.channels.wording_voice import WITH_A_KEY, speak_notice
from nightlight.clock import Clock
from nightlight.engine.retries import Outcome
from nightlight.store import gone, keeping, notices_due, notices_send, practice, renewals
from nightlight.store.notices import NoticePurpose
from nightlight.store.notices_send import NoticeClaim, NoticeLetter
from nightlight.worker import caring
from nightlight.worker.health import ProviderHealth
from nightlight.worker.points import Point, Step, drive
from nightlight.worker.sender import RECHECK_AFTER, hand_over
from nightlight.worker.spending import look_at_spending
from nightlight.worker.words_back import tell_host_of_words

THREADS_PER_CHANNEL = 2
CARE_EVERY = timedelta(minutes=10)
"""So often it is looked for whose month of practice is over, and whose agreement ends soon."""

PAGES: Mapping[NoticePurpose, str] = {
    NoticePurpose.PROOF: "p",
    NoticePurpose.PRACTICE: "p",
    NoticePurpose.LINK: "s",
    NoticePurpose.RENEWAL: "s",
    NoticePurpose.KEEPING: "s",
    NoticePurpose.LOOK_AGAIN: "circle",
    NoticePurpose.CONCERN_ANSWER: "s",
    NoticePurpose.REMOVED: "s",
    NoticePurpose.START: "start",
    NoticePurpose.CONCERN: "home",
    NoticePurpose.JOINED: "circle",
    NoticePurpose.DECLINED: "circle",
    NoticePurpose.LEFT: "circle",
    NoticePurpose.PAUSED: "circle",
    NoticePurpose.WAY_GONE: "s",
    NoticePurpose.CHECK_IN: "c",
    NoticePurpose.CHECK_IN_MISSED: "s",
    NoticePurpose.CHECK_IN_CAME: "s",
    NoticePurpose.CHECKED_IN: "s",
    NoticePurpose.SAID_NOT_OK: "s",
    NoticePurpose.FOLLOW_UP: "f",
    NoticePurpose.WROTE_BACK: "s",
    NoticePurpose.HOW_ARE_YOU: "s",
    NoticePurpose.PROMISE: "s",
    NoticePurpose.PROMISE_OPEN: "s",
    NoticePurpose.PROMISE_NEWS: "home",
    NoticePurpose.STAY: "s",
    NoticePurpose.TALK: "s",
    NoticePurpose.THOUGHT: "home",
    NoticePurpose.HEARD: "c",
    NoticePurpose.CALLING: "home",
    NoticePurpose.NOT_CALLING: "home",
    NoticePurpose.KEPT_WORDS: "home",
    NoticePurpose.NOTES_OFF: "home",
    NoticePurpose.QUIET: "s",
}
"""Which page each leads to; behind it stands the token, where the message has one."""

OWN_PAGES: Mapping[NoticePurpose, str] = {NoticePurpose.STAY: "home", NoticePurpose.TALK: "talks"}
"""Where the one whose circle it is finds what goes to both: they sign in, so their message has no token."""

_log = structlog.get_logger()
_Thing = TypeVar("_Thing")


def message_of(
    claimed: NoticeClaim,
    letter: NoticeLetter,
    base_url: str,
    service_name: str,
    *,
    replies_are_read: bool = False,
) -> Message:
    """The finished message of *letter*, to be handed to a channel.

    *replies_are_read*: what is written back to this channel is taken in, so the words may say so.
    """
    page = f"{base_url}/{_page_of(letter)}"
    brief = NoticeBrief(
        purpose=letter.purpose,
        service_name=service_name,
        url=f"{page}/{letter.token}" if letter.token else page,
        caller_name=letter.caller_name,
        about_name=letter.about_name,
        code=letter.code,
        repeat=letter.repeat,
        words=letter.words,
        replies_are_read=replies_are_read,
        language=letter.language,
    )
    words = compose_notice(brief, claimed.channel)
    return Message(
        notification=claimed.notice,
        attempt=claimed.attempt,
        to=letter.to,
        subject=words.subject,
        text=words.text,
        html=as_page(words.subject, words.text, letter.language) if claimed.channel in MAIL_KINDS else "",
        link=brief.url,
        language=letter.language,
        spoken=_spoken(claimed, letter, brief),
    )


def _page_of(letter: NoticeLetter) -> str:
    own = "" if letter.token else OWN_PAGES.get(letter.purpose, "")
    return own or PAGES[letter.purpose]


def _spoken(claimed: NoticeClaim, letter: NoticeLetter, brief: NoticeBrief) -> Spoken | None:
    if claimed.channel not in SPOKEN_KINDS:
        return None
    if letter.purpose not in WITH_A_KEY or not letter.token:
        return speak_notice(brief)
    [keys] = keys_for(claimed.attempt, [letter.token])
    return speak_notice(brief, keys)


class Noticer:
    """Claims messages outside calls and has them sent, a few at a time."""

    def __init__(
        self,
        channels: Mapping[str, tuple[Channel, ...]],
        clock: Clock,
        *,
        base_url: str,
        service_name: str,
        on_free: Callable[[], None],
        health: ProviderHealth | None = None,
    ) -> None:
        """*health* is shared with whoever else sends by these channels; by default it is its own."""
        self._channels = channels
        self._clock = clock
        self._base_url = base_url
        self._service_name = service_name
        self._on_free = on_free
        self._health = health or ProviderHealth(self._providers())
        self._lock = threading.Lock()
        self._busy = dict.fromkeys(channels, 0)
        self._cared_at: datetime | None = None
        self._cared_often_at: datetime | None = None
        self._spending = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spending")
        self._pools = {
            kind: ThreadPoolExecutor(max_workers=THREADS_PER_CHANNEL, thread_name_prefix=f"notice-{kind}")
            for kind in channels
        }

    def round(self, now: datetime, *, is_quiet: bool = True) -> Step:
        """One look, yielding after every commit: what lapsed, what is due, and now and then who is to be asked.

        *is_quiet*: no call needs all hands. A fault of ours in here must not keep a worker that sends for
        calls from giving its sign of life.
        """
        try:
            yield from self._round(now, is_quiet=is_quiet)
        except (OperationalError, InterfaceError):
            raise  # The database is away: nothing else would fare better.
        except Exception as error:  # noqa: BLE001
            _log.error("noticing broke", error=type(error).__name__)

    def _round(self, now: datetime, *, is_quiet: bool) -> Step:
        notices_due.bring_nearer(now)
        for claimed in notices_send.lapsed(now):
            self._settle(claimed, Outcome.UNKNOWN, now, reason="lapsed")
            yield Point.ADVANCED
        first = partial(self._health.first, now=now)
        for claimed in notices_send.claim(now, self._free_slots(), self._providers(), first):
            with self._lock:
                self._busy[claimed.channel] += 1
            self._pools[claimed.channel].submit(self._deliver_in_thread, claimed)
            yield Point.CLAIMED
        if is_quiet:
            yield from self._care_often(now)
        before = self._cared_at
        # A clock set back must not put this off until it has caught up.
        if is_quiet and (before is None or not timedelta(0) <= now - before < CARE_EVERY):
            self._cared_at = now
            # It reads a whole day, and sends: nobody waits for either.
            self._spending.submit(self._look_at_spending)
            self._spending.submit(self._tell_host_of_words)
            yield from self._care(now)

    def _care_often(self, now: datetime) -> Step:
        """What comes due by the hour: see `worker.caring`."""
        before = self._cared_often_at
        if before is not None and timedelta(0) <= now - before < caring.LOOKED_EVERY:
            return
        self._cared_often_at = now
        on = frozenset(self._channels)
        for care in caring.CARES:
            yield from _each(care.due(now, caring.DUE_MAX), partial(_do, care, now, on))

    def _care(self, now: datetime) -> Step:
        """Practice whose month is over, agreements that end within a week, and what is to be looked at again."""
        on = frozenset(self._channels)
        yield from _each(practice.circles_due(now), lambda circle: practice.begin_monthly(circle, now, on))
        yield from _each(
            renewals.ending_soon(now), lambda membership: renewals.ask_for_renewal(membership, now, on)
        )
        yield from _each(keeping.to_look_at(now), lambda each: keeping.remind(each, now, on))

    def next_due(self, now: datetime) -> datetime | None:
        """When there is something to do next, if that is known; what is due already waits for a free hand."""
        return notices_due.next_due(now)

    def stop(self) -> None:
        """Take nothing more on, and let what is being sent be settled."""
        for pool in (*self._pools.values(), self._spending):
            pool.shutdown(wait=True, cancel_futures=False)

    def _free_slots(self) -> dict[str, int]:
        with self._lock:
            return {kind: THREADS_PER_CHANNEL - busy for kind, busy in self._busy.items()}

    def _providers(self) -> dict[str, int]:
        return {kind: len(providers) for kind, providers in self._channels.items()}

    def _look_at_spending(self) -> None:
        try:
            look_at_spending(
                self._channels, self._clock, base_url=self._base_url, service_name=self._service_name
            )
        # It is looked at again in a while; a pool thread has nobody to raise to.
        except Exception as error:  # noqa: BLE001
            _log.error("spending not looked at", error=type(error).__name__)
        finally:
            connections.close_all()

    def _tell_host_of_words(self) -> None:
        try:
            tell_host_of_words(
                self._channels, self._clock, base_url=self._base_url, service_name=self._service_name
            )
        # It is looked at again in a while; a pool thread has nobody to raise to.
        except Exception as error:  # noqa: BLE001
            _log.error("host not told of words", error=type(error).__name__)
        finally:
            connections.close_all()

    def _deliver_in_thread(self, claimed: NoticeClaim) -> None:
        try:
            drive(self.deliver(claimed))
        # The lease will lapse and be taken up again; a pool thread has nobody to raise to.
        except Exception as error:  # noqa: BLE001
            _log.error("notice not delivered", notice=claimed.notice, error=type(error).__name__)
        finally:
            connections.close_all()
            with self._lock:
                self._busy[claimed.channel] -= 1
            self._on_free()

    def deliver(self, claimed: NoticeClaim) -> Step:
        """Send one claimed message and settle it, yielding at every commit and every send."""
        yield Point.CLAIMED
        now = self._clock.now()
        # What was switched off since the claim is not sent; a call's messages have no such switch.
        is_to_be_asked = claimed.is_scheduled or now - claimed.claimed_at > RECHECK_AFTER
        if is_to_be_asked and not notices_send.still_wanted(claimed, now):
            return
        try:
            letter = notices_send.letter_of(claimed)
            channel = self._channels[claimed.channel][claimed.provider]
            message = message_of(
                claimed,
                letter,
                self._base_url,
                self._service_name,
                replies_are_read=getattr(channel, "replies_are_read", False),
            )
        except (OperationalError, InterfaceError):
            raise  # The database is away; what came of this cannot be written down either.
        # A fault of ours, and nothing went out: another way must not wait for a lease to lapse.
        except Exception as error:  # noqa: BLE001
            _log.error("no notice", notice=claimed.notice, error=type(error).__name__)
            self._settle(claimed, Outcome.TEMPORARY, self._clock.now(), reason=type(error).__name__)
            yield Point.SETTLED
            return
        yield Point.ABOUT_TO_SEND
        sent = hand_over(channel, lambda: channel.send(message))
        self._health.note(claimed.channel, claimed.provider, sent, self._clock.now())
        yield Point.SENT
        self._settle(claimed, sent.outcome, self._clock.now(), reason=sent.reason, units=sent.units)
        if sent.is_gone:
            gone.end_way_of_notice(claimed.notice, self._clock.now(), frozenset(self._channels))
        yield Point.SETTLED

    def _settle(
        self, claimed: NoticeClaim, outcome: Outcome, now: datetime, *, reason: str, units: int = 0
    ) -> None:
        providers = len(self._channels.get(claimed.channel, ())) or 1
        notices_send.settle(claimed, outcome, now, providers=providers, reason=reason, units=units)


def _do(care: caring.Care, now: datetime, on: frozenset[str], one: object) -> None:
    care.do(one, now, on)


def _each(things: Iterable[_Thing], let_happen: Callable[[_Thing], object]) -> Step:
    for thing in things:
        try:
            let_happen(thing)
        except (OperationalError, InterfaceError):
            raise  # The database is away: nothing else would fare better.
        # One circle that breaks must not keep the others from practising.
        except Exception as error:  # noqa: BLE001
            _log.error("care broke", error=type(error).__name__)
        yield Point.ADVANCED
