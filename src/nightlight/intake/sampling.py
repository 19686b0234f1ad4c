"""What a newcomer may do in `nightlight try`: switch sample phones, let time pass, start over.

Everything else in it is the real thing: engine, store, worker, pages. Calls and answers take their
own roads; here is only what no real house could have.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from nightlight import clock, config
from nightlight.channels.sample import PhoneState, SampleMessage, SamplePhones
from nightlight.engine.events import EndedBy
from nightlight.engine.ids import PersonId
from nightlight.intake import alert as calls
from nightlight.intake.channels import SAMPLE_DIRECTORY
from nightlight.store import access, health, heartbeats, outbox, queries, timers, wake
from nightlight.store.circles_read import load_document
from nightlight.store.entries import WayEntry

CALLER = PersonId("ana")
TEXT_KIND = "sample-text"
FIRST_REFUSED = PersonId("sam")
"""Whose texts are refused when a sample begins, so that a way is seen to fail."""
SPEEDS = (1, 10, 60)

OWN_PAGE_NAME = "own-page"
SPEED_NAME = "clock-speed"
LOCK_NAME = "clock-offset.lock"

STRIDE = timedelta(seconds=30)
"""Time passes in strides shorter than an outage (60 s), with a full round of the worker after each."""
JUST_AFTER = timedelta(seconds=0.5)
PATIENCE_SECONDS = 20.0
"""How long a press may take in which time passes; what is left of it takes another press."""
SETTLE_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.02


class Switch(StrEnum):
    """How a person's phone is switched."""

    ON = "on"
    OFF = "off"
    """Nothing arrives, by any way, and nobody notices."""
    REFUSES_TEXTS = "refuses_texts"


@dataclass(frozen=True, kw_only=True)
class SamplePerson:
    """Somebody of the sample circle, and the ways that lead to their sample phone."""

    id: PersonId
    name: str
    ways: tuple[WayEntry, ...]


def is_sample() -> bool:
    """Whether this data directory was made by `try`; the offset file alone says nothing."""
    data = config.current().data
    return (data / SAMPLE_DIRECTORY).is_dir() and (data / clock.OFFSET_FILE_NAME).is_file()


def begin(now: datetime) -> None:
    """Put the phones as a sample begins, and make the link to the caller's own page."""
    token = access.new_person_link(CALLER, now)
    (_directory() / OWN_PAGE_NAME).write_text(token, encoding="ascii")
    _put_phones_as_they_begin()


def _put_phones_as_they_begin() -> None:
    phones().clear()
    for person in circle():
        if person.id == FIRST_REFUSED:
            switch(person, Switch.REFUSES_TEXTS)


def own_page() -> str:
    """The token of the caller's own page; empty when there is none."""
    try:
        return (_directory() / OWN_PAGE_NAME).read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _directory() -> Path:
    return config.current().data / SAMPLE_DIRECTORY


def phones() -> SamplePhones:
    """The sample phones of this data directory."""
    return SamplePhones(_directory())


def circle() -> tuple[SamplePerson, ...]:
    """The caller's circle, in its order."""
    document = load_document(CALLER)
    people = {person.id: person for person in document.people}
    members = document.circles[0].members if document.circles else ()
    return tuple(
        SamplePerson(id=each.id, name=each.name, ways=each.ways)
        for each in (people[member.person] for member in members)
    )


def switch(person: SamplePerson, how: Switch) -> None:
    """From the next message on, the phone of *person* behaves so."""
    for way in person.ways:
        state = PhoneState.OFF if how is Switch.OFF else PhoneState.ON
        if how is Switch.REFUSES_TEXTS and way.channel == TEXT_KIND:
            state = PhoneState.REFUSES
        phones().set_state(way.to, state)


def switched(person: SamplePerson) -> Switch:
    """How the phone of *person* is switched now."""
    states = {phones().state(way.to) for way in person.ways}
    if PhoneState.REFUSES in states:
        return Switch.REFUSES_TEXTS
    return Switch.OFF if PhoneState.OFF in states else Switch.ON


def sent_to(person: SamplePerson) -> tuple[SampleMessage, ...]:
    """What was sent to *person*, in its order, also what did not arrive."""
    own = {way.to for way in person.ways}
    return tuple(message for message in phones().sent() if message.phone in own)


def start_over(now: datetime) -> None:
    """End the open call, clear the phones, and switch everything as it was at the beginning."""
    alert = queries.open_alert_of(CALLER)
    if alert is not None:
        calls.resolve(alert, EndedBy.CALLER, now)
        settle()
    set_speed(1)
    _put_phones_as_they_begin()


def next_due() -> datetime | None:
    """When the next thing happens by itself; None when nothing waits."""
    return min(filter(None, (timers.first_due(), outbox.first_due())), default=None)


def settle() -> None:
    """Give the worker a moment to do what is due, so that a page shows what came of a press."""
    end = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < end:
        if not health.is_busy(clock.now()):
            return
        time.sleep(LOOK_EVERY_SECONDS)


def let_pass(until: datetime, meanwhile: Callable[[], None] | None = None) -> bool:
    """Let time pass to just after *until*, calling *meanwhile* again and again; whether it got there.

    It does not when somebody else is letting time pass, or when the worker falls behind.
    """
    with _alone() as is_alone:
        end = time.monotonic() + PATIENCE_SECONDS
        while is_alone and (left := until - clock.now()) >= timedelta(0):
            _stride(min(left + JUST_AFTER, STRIDE))
            if not _worker_kept_up(end, meanwhile):
                return False
    return is_alone


def _stride(length: timedelta) -> None:
    file = config.current().data / clock.OFFSET_FILE_NAME
    clock.set_offset(file, float(file.read_text(encoding="ascii")) + length.total_seconds())
    wake.wake_worker()


def _worker_kept_up(end: float, meanwhile: Callable[[], None] | None) -> bool:
    """Wait for a full round that saw the time as it is now; a beat is noted every five seconds."""
    arrived = clock.now() - timedelta(seconds=5)
    while time.monotonic() < end:
        beat = heartbeats.last_beat()
        if meanwhile is not None:
            meanwhile()
        if beat is not None and beat >= arrived:
            return True
        time.sleep(LOOK_EVERY_SECONDS)
    return False


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else lets time pass; they share one number in one file."""
    lock = os.open(config.current().data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(lock)


def speed() -> int:
    """How many seconds pass in one."""
    try:
        return int((_directory() / SPEED_NAME).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 1


def set_speed(times: int) -> None:
    """Let time run *times* as fast from now on; one of `SPEEDS`."""
    assert times in SPEEDS, f"no such speed: {times}"
    draft = _directory() / f"{SPEED_NAME}.draft"
    draft.write_text(str(times), encoding="ascii")
    draft.replace(_directory() / SPEED_NAME)


class Pace:
    """Time as fast as `speed` says. It must be ticked more often than once in half a second."""

    def __init__(self) -> None:
        self._ticked_at = time.monotonic()

    def tick(self) -> None:
        """Add what a faster clock is ahead since the last tick, unless somebody else lets time pass."""
        at = time.monotonic()
        seconds, self._ticked_at = (at - self._ticked_at), at
        ahead = timedelta(seconds=seconds * (speed() - 1))
        if ahead > timedelta(0):
            # A machine that is held up loses some of it, and no stride gets too long.
            let_pass(clock.now() + min(ahead, STRIDE) - JUST_AFTER)
