"""What the host's desk says besides the calls: what waits, what to mend, and how the channels fare.

Pure: what was read is handed in. A note is a code word and what its sentence needs; the sentences are
in `fragments/desk_note.html`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight.channels.registry import KINDS, page_word
from nightlight.store.desk_queries import ChannelUse, Withdrawn
from nightlight.store.withdrawals import STOPPED

LATE_AFTER = timedelta(seconds=60)
"""No full round of the worker for this long is an outage (design, rule 12)."""
JUDGED_FROM = 5
"""Of fewer messages a share says little."""
GOOD_SHARE = 0.9


_UNUSED = ChannelUse(tried=0, gone_out=0, last_out=None)


class NoteKind(StrEnum):
    """What a note is about."""

    SERVICE_LATE = "service_late"
    HELD_BACK = "held_back"
    SET_ASIDE = "set_aside"
    OVERDUE = "overdue"
    WAITS_FOR_CHANNEL = "waits_for_channel"
    SETTING_WRONG = "setting_wrong"
    NO_CHANNEL = "no_channel"
    LINKS_OPEN_HERE_ONLY = "links_open_here_only"
    MANY_FAILED = "many_failed"
    NOBODY_TO_ASK = "nobody_to_ask"
    WAY_STOPPED = "way_stopped"
    WAY_ENDED = "way_ended"
    HOST_NOT_TOLD = "host_not_told"


_SOON = frozenset({NoteKind.WAY_STOPPED, NoteKind.WAY_ENDED, NoteKind.HOST_NOT_TOLD})
"""What can wait until tomorrow; everything else is for now."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """One thing that needs a hand."""

    kind: NoteKind
    count: int = 0
    of: int = 0
    name: str = ""
    way: str = ""
    text: str = ""
    at: datetime | None = None

    @property
    def is_for_now(self) -> bool:
        """Whether it should not wait until tomorrow."""
        return self.kind not in _SOON


@dataclass(frozen=True, kw_only=True)
class ChannelLine:
    """One channel, as the desk shows it."""

    way: str
    is_on: bool
    needs: str
    """What switches it on."""
    use: ChannelUse


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything that was read for the notes."""

    now: datetime
    beat: datetime | None
    """When the worker last finished a full round."""
    held: int
    set_aside: int
    overdue: int
    waiting_for: Mapping[str, int]
    """How many messages are due by each channel that is off."""
    channels_on: frozenset[str]
    setting_error: str
    links_open_here_only: bool
    use: Mapping[str, ChannelUse]
    withdrawn: tuple[Withdrawn, ...] = ()
    nobody_to_ask_for: tuple[str, ...] = ()
    anybody_to_reach: bool = True
    host_can_be_told: bool = True

    @property
    def is_late(self) -> bool:
        """Whether calls are not being worked."""
        return self.beat is None or self.now - self.beat > LATE_AFTER


def is_sample(kind: str) -> bool:
    """Whether nothing leaves the machine by channels of this *kind*."""
    return kind.startswith("sample-")


def notes(reading: Reading) -> list[Note]:
    """What needs a hand, the most pressing first."""
    found = [*_about_calls(reading), *_about_channels(reading), *_about_people(reading)]
    return sorted(found, key=lambda note: not note.is_for_now)


def _about_calls(reading: Reading) -> Iterator[Note]:
    if reading.is_late:
        yield Note(kind=NoteKind.SERVICE_LATE, at=reading.beat)
    counted = (
        (NoteKind.HELD_BACK, reading.held),
        (NoteKind.SET_ASIDE, reading.set_aside),
        # While nothing is sent at all, that is the one thing to say.
        (NoteKind.OVERDUE, 0 if reading.is_late else reading.overdue),
    )
    for kind, count in counted:
        if count:
            yield Note(kind=kind, count=count)
    for channel, count in reading.waiting_for.items():
        yield Note(kind=NoteKind.WAITS_FOR_CHANNEL, count=count, way=_word(channel), text=_needs(channel))


def _about_channels(reading: Reading) -> Iterator[Note]:
    if reading.setting_error:
        yield Note(kind=NoteKind.SETTING_WRONG, text=reading.setting_error)
    elif reading.anybody_to_reach and not reading.channels_on:
        yield Note(kind=NoteKind.NO_CHANNEL)
    if reading.links_open_here_only and not all(map(is_sample, reading.channels_on)):
        yield Note(kind=NoteKind.LINKS_OPEN_HERE_ONLY)
    for channel, use in reading.use.items():
        if use.tried >= JUDGED_FROM and use.gone_out < GOOD_SHARE * use.tried:
            failed = use.tried - use.gone_out
            yield Note(kind=NoteKind.MANY_FAILED, count=failed, of=use.tried, way=_word(channel))


def _about_people(reading: Reading) -> Iterator[Note]:
    # Without any channel nobody can be asked for anybody, which is said above.
    for name in reading.nobody_to_ask_for if reading.channels_on else ():
        yield Note(kind=NoteKind.NOBODY_TO_ASK, name=name)
    for way in reading.withdrawn:
        kind = NoteKind.WAY_STOPPED if way.why == STOPPED else NoteKind.WAY_ENDED
        yield Note(kind=kind, name=way.name, way=_word(way.channel), at=way.at)
    if not reading.host_can_be_told:
        yield Note(kind=NoteKind.HOST_NOT_TOLD)


def channel_lines(reading: Reading) -> list[ChannelLine]:
    """Every channel there is, in its order; of sample channels only those that are on."""
    return [
        ChannelLine(
            way=kind.page_word,
            is_on=name in reading.channels_on,
            needs=kind.needs,
            use=reading.use.get(name, _UNUSED),
        )
        for name, kind in KINDS.items()
        if name in reading.channels_on or not is_sample(name)
    ]


def _word(channel: str) -> str:
    return page_word(channel)


def _needs(channel: str) -> str:
    return KINDS[channel].needs if channel in KINDS else ""
